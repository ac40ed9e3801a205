package io.baton.link.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.link.Ending;
import io.baton.link.Link;
import io.baton.link.LinkException;
import io.baton.link.LinkSession;
import io.baton.link.Option;
import io.baton.link.core.LinkCode;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The client over real sockets, against a small server. */
class LinkClientTest extends LinkPeerTest {
  private final RecordingHandler handler = new RecordingHandler();

  private LinkSession<Note, Note> open(Option... options) throws LinkException {
    return open(handler, options);
  }

  private static List<Integer> numbersTo(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  @Test
  void threeCallsSendAndReceiveAMessage() throws Exception {
    LinkedBlockingQueue<Note> received = new LinkedBlockingQueue<>();
    try (LinkSession<Note, Note> session = Link.open(where(), Note.class, received::add)) {
      assertThat(session.send(Note.of(7))).isTrue();
      assertThat(received.take()).isEqualTo(Note.of(7));
      assertThat(session.state()).isEqualTo(LinkSession.State.OPEN);
    }
  }

  @Test
  void manyMessagesComeBackInTheirOrder() throws Exception {
    LinkSession<Note, Note> session = open();
    for (int i = 0; i < 20_000; i++) {
      session.send(Note.of(i));
    }
    assertThat(handler.awaitNumbers(20_000)).isEqualTo(numbersTo(20_000));
    session.close();
    assertThat(handler.next()).isEqualTo("opened");
    assertThat(handler.next()).isEqualTo("closed 18 ");
  }

  @Test
  void aSessionOutlivesItsConnections() throws Exception {
    server.cutsAfterBytes = 20_011;
    LinkSession<Note, Note> session = open();
    for (int i = 0; i < 10_000; i++) {
      session.send(Note.of(i));
    }
    assertThat(handler.awaitNumbers(10_000)).isEqualTo(numbersTo(10_000));
    assertThat(server.resumes.get()).isGreaterThan(5);
    session.close();
    handler.closed.await();
    assertThat(handler.told).first().isEqualTo("opened");
    assertThat(handler.told).last().isEqualTo("closed 18 ");
  }

  @Test
  void aForgottenSessionIsLostAtOnce() throws Exception {
    try (LinkSession<Note, Note> session = open()) {
      server.forgetSessions();
      server.cut();
      assertThat(handler.next()).isEqualTo("opened");
      assertThat(handler.next()).isEqualTo("away");
      assertThat(handler.next()).isEqualTo("closed 5 lost");
      assertThat(session.send(Note.of(0))).isFalse();
    }
  }

  @Test
  void aLostSessionIsReopenedIfWanted() throws Exception {
    LinkedBlockingQueue<Ending> lost = new LinkedBlockingQueue<>();
    try (LinkSession<Note, Note> session = open(Link.reopen(lost::add))) {
      server.forgetSessions();
      server.cut();
      assertThat(lost.take().code()).isEqualTo(LinkCode.NO_SUCH_SESSION.number());
      session.send(Note.of(0));
      assertThat(handler.awaitNumbers(1)).containsExactly(0);
      assertThat(List.of(handler.next(), handler.next(), handler.next()))
          .containsExactly("opened", "away", "opened");
    }
  }

  @Test
  void aServerThatClosesTheSessionTellsWhy() throws Exception {
    try (LinkSession<Note, Note> session = open()) {
      assertThat(handler.next()).isEqualTo("opened");
      server.session().close(LinkCode.IDLE, "too quiet");
      assertThat(handler.next()).isEqualTo("closed 17 too quiet");
      assertThat(session.state()).isEqualTo(LinkSession.State.CLOSED);
    }
  }

  @Test
  void whatWasSentBeforeACloseIsDelivered() throws Exception {
    LinkPeer.Kept kept;
    try (LinkSession<Note, Note> session = open()) {
      kept = server.session();
      for (int i = 0; i < 5_000; i++) {
        session.send(Note.of(i));
      }
    }
    handler.closed.await();
    assertThat(kept.received).hasValue(5_000);
    assertThat(kept.goodbye).startsWith("BYE");
  }

  @Test
  void aRefusalForGoodIsToldWithItsCode() {
    server.refuses = LinkCode.FORBIDDEN;
    assertThatThrownBy(this::open)
        .isInstanceOfSatisfying(
            LinkException.class, e -> assertThat(e.code()).isEqualTo(LinkCode.FORBIDDEN.number()))
        .hasMessageContaining(LinkPeer.SERVICE)
        .hasMessageContaining("the test wants it");
  }

  @Test
  void aTokenIsProvenByBothSides() throws Exception {
    byte[] token = "a secret of both sides".getBytes(UTF_8);
    server.tokens = List.of(token);
    try (LinkSession<Note, Note> session = open(Link.token(token))) {
      server.cut();
      session.send(Note.of(0));
      assertThat(handler.awaitNumbers(1)).containsExactly(0);
    }
    assertThatThrownBy(() -> open(Link.token(new byte[] {1})))
        .isInstanceOfSatisfying(
            LinkException.class, e -> assertThat(e.code()).isEqualTo(LinkCode.FORBIDDEN.number()));
  }

  @Test
  void theCredentialReachesTheServer() throws Exception {
    open(Link.credential(new byte[] {1, 2, 3})).close();
    assertThat(server.lastCredential).containsExactly(1, 2, 3);
  }

  @Test
  void theServicesOfAServerAreListed() throws Exception {
    assertThat(Link.services("tcp://127.0.0.1:" + server.port())).containsExactly("chat", "echo");
  }

  @Test
  void aServerThatIsNotThereIsNamed() throws Exception {
    server.close();
    assertThatThrownBy(() -> open(Link.connectTimeout(Duration.ofMillis(50))))
        .isInstanceOfSatisfying(
            LinkException.class, e -> assertThat(e.code()).isEqualTo(Ending.UNTOLD))
        .hasMessageContaining("service echo at tcp://127.0.0.1:" + server.port())
        .hasMessageContaining("within 0.05 s");
  }
}
