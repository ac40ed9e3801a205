package io.baton.link.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.link.Link;
import io.baton.link.LinkException;
import io.baton.link.LinkSession;
import io.baton.link.TypedMessages;
import io.baton.link.core.LinkCode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Sessions whose handlers block, throw or do not come to an end, and senders that wait. */
class LinkClientSessionTest extends LinkPeerTest {
  @Test
  void aHandlerThatAnswersMoreThanAWindowWaitsForItsPeerOnly() throws Exception {
    int rounds = 40;
    RecordingHandler handler =
        new RecordingHandler() {
          @Override
          public void received(LinkSession<Note, Note> session, Note message) {
            if (((Note.Numbered) message).number() == -1) {
              for (int i = 0; i < rounds; i++) {
                session.send(new Note.Numbered(i, "x".repeat(20_000)));
              }
            } else {
              super.received(session, message);
            }
          }
        };
    try (LinkSession<Note, Note> session = open(handler)) {
      session.send(Note.of(-1));
      assertThat(handler.awaitNumbers(rounds))
          .isEqualTo(IntStream.range(0, rounds).boxed().toList());
    }
  }

  @Test
  void aBlockedCallbackBlocksNoSenderOfItsSession() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    RecordingHandler handler =
        new RecordingHandler() {
          @Override
          public void received(LinkSession<Note, Note> session, Note message) {
            if (((Note.Numbered) message).number() == 0) {
              awaitUninterruptibly(release);
            }
            super.received(session, message);
          }
        };
    try (LinkSession<Note, Note> session = open(handler)) {
      session.send(Note.of(0));
      for (int i = 1; i < 10_000; i++) {
        session.send(new Note.Numbered(i, "x".repeat(200)));
        if (i == 5_000) { // Much more than a window: the server has granted what it received.
          release.countDown();
        }
      }
      assertThat(handler.awaitNumbers(10_000)).hasSize(10_000).isSorted();
    }
  }

  @Test
  void whatACallbackSendsGoesOutThoughItDoesNotReturn() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    RecordingHandler handler =
        new RecordingHandler() {
          @Override
          public boolean opened(LinkSession<Note, Note> session) {
            session.send(Note.of(1));
            awaitUninterruptibly(release);
            return true;
          }
        };
    LinkSession<Note, Note> session = open(handler);
    await(() -> server.session().received.get() == 1);
    release.countDown();
    assertThat(handler.awaitNumbers(1)).containsExactly(1);
    session.close();
  }

  @Test
  void anInterruptOfASenderHarmsNoConnection() throws Exception {
    RecordingHandler handler = new RecordingHandler();
    try (LinkSession<Note, Note> session = open(handler)) {
      for (int i = 0; i < 2_000; i++) {
        Thread.currentThread().interrupt();
        assertThat(session.send(Note.of(i))).isTrue();
      }
      assertThat(Thread.interrupted()).isTrue();
      assertThat(handler.awaitNumbers(2_000)).hasSize(2_000);
      assertThat(handler.told).containsExactly("opened");
    }
  }

  @Test
  void aSenderThatWaitsForRoomIsReleasedByClose() throws Exception {
    server.consumes = false;
    RecordingHandler handler = new RecordingHandler();
    LinkSession<Note, Note> session = open(handler);
    AtomicInteger sent = new AtomicInteger();
    Thread sender =
        Thread.ofVirtual()
            .start(() -> {
              while (session.send(new Note.Numbered(1, "x".repeat(10_000)))) {
                sent.incrementAndGet();
              }
            });
    await(() -> !session.writable());
    session.close(LinkCode.BYE.number(), "");
    sender.join();
    assertThat(sent.get()).isBetween(20, 40); // A window is 256 KiB.
    assertThat(session.state()).isEqualTo(LinkSession.State.CLOSED);
  }

  @Test
  void anExceptionOfACallbackClosesItsSession() throws Exception {
    LinkedBlockingQueue<Throwable> uncaught = new LinkedBlockingQueue<>();
    RecordingHandler handler =
        new RecordingHandler() {
          @Override
          public boolean opened(LinkSession<Note, Note> session) {
            Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> uncaught.add(e));
            return true;
          }

          @Override
          public void received(LinkSession<Note, Note> session, Note message) {
            throw new IllegalStateException("as the test wants it");
          }
        };
    LinkSession<Note, Note> session = open(handler);
    LinkPeer.Kept kept = server.session();
    session.send(Note.of(1));
    assertThat(uncaught.take()).hasMessage("as the test wants it");
    assertThat(handler.next()).startsWith("closed 16");
    await(() -> kept.goodbye != null);
    assertThat(kept.goodbye).startsWith("ERROR");
  }

  @Test
  void aHandlerThatDoesNotAcceptClosesTheSession() throws Exception {
    RecordingHandler handler =
        new RecordingHandler() {
          @Override
          public boolean opened(LinkSession<Note, Note> session) {
            return false;
          }
        };
    open(handler);
    assertThat(handler.next()).isEqualTo("closed 18 ");
  }

  @Test
  void withoutGraceASessionEndsWithItsConnection() throws Exception {
    RecordingHandler handler = new RecordingHandler();
    try (LinkSession<Note, Note> session = open(handler, Link.grace(Duration.ZERO))) {
      server.cut();
      assertThat(List.of(handler.next(), handler.next(), handler.next()))
          .containsExactly("opened", "away", "closed 0 lost");
      assertThat(session.send(Note.of(1))).isFalse();
    }
  }

  @Test
  void whenTheServersGraceIsOverTheSessionIsLost() throws Exception {
    server.graceMillis = 50;
    RecordingHandler handler = new RecordingHandler();
    try (LinkSession<Note, Note> session = open(handler)) {
      server.refuses = LinkCode.RETRY_LATER;
      server.cut();
      assertThat(List.of(handler.next(), handler.next(), handler.next()))
          .containsExactly("opened", "away", "closed 15 lost");
      assertThat(session.state()).isEqualTo(LinkSession.State.CLOSED);
    }
  }

  @Test
  void whatIsSentWhileAwayIsDeliveredOnReturn() throws Exception {
    RecordingHandler handler = new RecordingHandler();
    try (LinkSession<Note, Note> session = open(handler)) {
      server.refuses = LinkCode.RETRY_LATER;
      server.cut();
      assertThat(List.of(handler.next(), handler.next())).containsExactly("opened", "away");
      assertThat(session.state()).isEqualTo(LinkSession.State.AWAY);
      assertThat(session.send(Note.of(7))).isTrue();
      server.refuses = null;
      assertThat(handler.next()).isEqualTo("back");
      assertThat(handler.awaitNumbers(1)).containsExactly(7);
    }
  }

  @Test
  void aSessionClosedWhileAwayDeliversWhatWasSentBefore() throws Exception {
    RecordingHandler handler = new RecordingHandler();
    LinkSession<Note, Note> session = open(handler);
    LinkPeer.Kept kept = server.session();
    server.refuses = LinkCode.RETRY_LATER;
    server.cut();
    assertThat(List.of(handler.next(), handler.next())).containsExactly("opened", "away");
    session.send(Note.of(7));
    session.close(LinkCode.BYE.number(), "");
    server.refuses = null;
    assertThat(handler.next()).isEqualTo("back");
    assertThat(handler.next()).isEqualTo("closed 18 ");
    assertThat(kept.received).hasValue(1);
  }

  @Test
  void closeReturnsWhenWhatWasSentIsDelivered() throws Exception {
    RecordingHandler handler = new RecordingHandler();
    LinkSession<Note, Note> session = open(handler);
    LinkPeer.Kept kept = server.session();
    for (int i = 0; i < 1_000; i++) {
      session.send(Note.of(i));
    }
    session.close();
    assertThat(kept.received).hasValue(1_000);
    assertThat(session.state()).isEqualTo(LinkSession.State.CLOSED);
  }

  @Test
  void aClientMayStartBeforeItsServer() throws Exception {
    int port = server.port();
    server.close();
    CountDownLatch dialed = new CountDownLatch(1);
    LinkAddress address = LinkAddress.parse("tcp://127.0.0.1:" + port + "/" + LinkPeer.SERVICE);
    Dialer real = Dialers.to(address, null);
    Dialer telling =
        longest -> {
          try {
            return real.dial(longest);
          } catch (IOException e) {
            dialed.countDown();
            throw e;
          }
        };
    Thread starting =
        Thread.ofVirtual()
            .start(() -> {
              awaitUninterruptibly(dialed);
              try {
                server = serverAt(port);
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    RecordingHandler handler = new RecordingHandler();
    try (LinkSession<Note, Note> session =
        LinkClient.open(
            address,
            telling,
            new SessionContext(new ClientSettings(), ClientClock.SYSTEM),
            new TypedMessages<>(TYPES, TYPES),
            handler)) {
      session.send(Note.of(1));
      assertThat(handler.awaitNumbers(1)).containsExactly(1);
    }
    starting.join();
  }

  @Test
  void anInterruptEndsTheOpening() throws Exception {
    server.refuses = LinkCode.RETRY_LATER;
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> open(new RecordingHandler()))
        .isInstanceOf(LinkException.class)
        .hasMessageContaining("interrupted");
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void aMessageThatIsTooLongIsRefusedAndTheSessionGoesOn() throws Exception {
    RecordingHandler handler = new RecordingHandler();
    try (LinkSession<Note, Note> session = open(handler)) {
      assertThatThrownBy(() -> session.send(new Note.Numbered(1, "x".repeat(1 << 20))))
          .hasMessageContaining("longer than the");
      session.send(Note.of(2));
      assertThat(handler.awaitNumbers(1)).containsExactly(2);
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      if (!latch.await(60, TimeUnit.SECONDS)) {
        throw new AssertionError("nobody counted down within a minute");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private interface State {
    boolean holds();
  }

  private static void await(State state) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!state.holds()) {
      assertThat(System.nanoTime() - end).describedAs("waited for 30 s").isNegative();
      Thread.onSpinWait();
    }
  }
}
