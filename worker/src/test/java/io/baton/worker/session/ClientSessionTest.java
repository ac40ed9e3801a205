package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.service.Cancellable;
import io.baton.service.CloseReason;
import io.baton.service.Hold;
import io.baton.service.Session;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.raw.RawCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
final class ClientSessionTest {
  private final SessionHarness<ByteBuf, ByteBuf> harness = new SessionHarness<>(new RawCodec());
  private final Probe<ByteBuf, ByteBuf> probe = harness.probe;

  @BeforeEach
  void connects() throws Exception {
    harness.open();
  }

  @AfterEach
  void disconnects() {
    harness.close();
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }

  private void echoes() {
    probe.onReceived = (session, message) -> session.send(message.retain());
  }

  @Test
  void callbacksComeInOrderAndTheEndComesOnce() {
    harness.client("a");
    probe.session().close(CloseReason.SERVICE);
    probe.session().close(CloseReason.ERROR);
    harness.drop();

    assertThat(probe.events).containsExactly("opened", "received", "closed SERVICE");
    assertThat(harness.counters.connections()).isZero();
    assertThat(harness.counters().closed()).isEqualTo(1);
  }

  @Test
  void aClientThatIsRefusedIsClosedAndTheServiceHearsNoMore() throws Exception {
    try (SessionHarness<ByteBuf, ByteBuf> other = new SessionHarness<>(new RawCodec())) {
      other.probe.accepts = false;
      other.open();

      assertThat(other.channel.isOpen()).isFalse();
      assertThat(other.probe.events).containsExactly("opened");
      assertThat(other.context().sessions().isEmpty()).isTrue();
    }
  }

  @Test
  void aConnectionThatBreaksEndsItsSessionAndIsNoErrorOfOurs() {
    harness.channel.pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
    harness.channel.runPendingTasks();

    assertThat(probe.events).containsExactly("opened", "closed CLIENT");
    assertThat(harness.counters().errors()).isZero();
    assertThat(harness.counters().closed()).isEqualTo(1);
  }

  @Test
  void sendAfterCloseIsRefusedAndTheMessageReleased() {
    Session<ByteBuf> session = probe.session();
    session.close(CloseReason.SERVICE);
    ByteBuf late = bytes("late");

    assertThat(session.send(late)).isFalse();
    assertThat(late.refCnt()).isZero();
    assertThat(harness.out()).isEmpty();
  }

  @Test
  void whatWasSentBeforeCloseGoesOut() {
    probe.onReceived =
        (session, message) -> {
          session.send(message.retain());
          session.close(CloseReason.SERVICE);
        };
    harness.client("last words");

    assertThat(harness.out()).isEqualTo("last words");
    assertThat(harness.channel.isOpen()).isFalse();
  }

  @Test
  void aMessageIsReleasedOnceReceivedHasReturned() {
    List<ByteBuf> messages = new ArrayList<>();
    probe.onReceived = (_, message) -> messages.add(message);
    harness.client("a");

    assertThat(messages).singleElement().extracting(ByteBuf::refCnt).isEqualTo(0);
    assertThat(harness.counters.inFlight()).isZero();
  }

  @Test
  void aHeldMessageIsReleasedWithItsLastHold() {
    List<ByteBuf> messages = new ArrayList<>();
    List<Hold> holds = new ArrayList<>();
    probe.onReceived =
        (session, message) -> {
          messages.add(message);
          holds.add(session.hold());
          holds.add(session.hold());
        };
    harness.client("a");
    ByteBuf message = messages.getFirst();

    holds.getFirst().release();
    holds.getFirst().release(); // only the first call counts
    assertThat(message.refCnt()).isEqualTo(1);
    assertThat(harness.counters.inFlight()).isEqualTo(1);

    holds.getLast().release();
    assertThat(message.refCnt()).isZero();
    assertThat(harness.counters.inFlight()).isZero();
  }

  @Test
  void aMessageHeldBeyondTheEndIsReleasedAllTheSame() {
    List<Hold> holds = new ArrayList<>();
    probe.onReceived = (session, _) -> holds.add(session.hold());
    harness.client("a");
    harness.drop();

    holds.forEach(Hold::release);
    assertThat(harness.counters.inFlight())
        .isZero(); // and no buffer is left, or NoLeaks would say so
  }

  @Test
  void holdOutsideOfReceivedIsRefused() {
    assertThatThrownBy(() -> probe.session().hold()).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aServiceThatReleasesWhatIsNotItsOwnEndsItsSession() {
    probe.onReceived = (_, message) -> message.release();
    harness.client("a");
    harness.drop();
    assertThat(probe.events).containsExactly("opened", "received", "closed ERROR");
    assertThat(harness.counters.inFlight()).isZero();
  }

  @Test
  void aFullWindowStopsReadingAndAReleaseLetsItGoOnInOrder() {
    Deque<Hold> holds = new ArrayDeque<>();
    StringBuilder seen = new StringBuilder();
    probe.onReceived =
        (session, message) -> {
          seen.append(message.toString(StandardCharsets.ISO_8859_1));
          holds.add(session.hold());
        };
    for (char c = 'a'; c <= 'j'; c++) {
      harness.client(String.valueOf(c));
    }
    assertThat(seen).hasToString("abcdefgh");
    assertThat(harness.isRead()).isFalse();

    holds.remove().release();
    assertThat(seen).hasToString("abcdefghij"); // what waited is one message
    assertThat(harness.isRead()).isTrue();
    harness.client("k");
    assertThat(harness.isRead()).isFalse();

    holds.remove().release();
    assertThat(seen).hasToString("abcdefghijk");
    assertThat(harness.isRead()).isTrue();
    holds.forEach(Hold::release);
  }

  @Test
  void whatWaitedIsReleasedWithTheConnection() {
    List<Hold> holds = new ArrayList<>();
    probe.onReceived = (session, _) -> holds.add(session.hold());
    for (int i = 0; i < 12; i++) {
      harness.client("x");
    }
    harness.drop();
    holds.forEach(Hold::release);
    assertThat(probe.events).hasSize(1 + 8 + 1);
  }

  @Test
  void aClientThatTakesNothingIsNotReadUntilItDoes() {
    echoes();
    harness.channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
    harness.client("a");
    assertThat(probe.session().writable()).isFalse();
    assertThat(harness.isRead()).isFalse();
    assertThat(probe.events).containsExactly("opened");

    harness.channel.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
    harness.channel.runPendingTasks();
    assertThat(probe.events).containsExactly("opened", "writable", "received");
    assertThat(harness.out()).isEqualTo("a");
    assertThat(harness.isRead()).isTrue();
  }

  @Test
  void theAnswersOfOneReadAreFlushedOnce() {
    AtomicInteger flushes = countFlushes();
    echoes();
    for (String piece : List.of("a", "b", "c")) {
      harness.channel.pipeline().fireChannelRead(bytes(piece));
    }
    assertThat(flushes).hasValue(0);
    harness.channel.pipeline().fireChannelReadComplete();

    assertThat(flushes).hasValue(1);
    assertThat(harness.out()).isEqualTo("abc");
  }

  @Test
  void aMessageOutOfNowhereIsFlushedAtOnce() {
    AtomicInteger flushes = countFlushes();
    probe.session().send(bytes("news"));

    assertThat(flushes).hasValue(1);
    assertThat(harness.out()).isEqualTo("news");
  }

  private AtomicInteger countFlushes() {
    AtomicInteger flushes = new AtomicInteger();
    harness
        .channel
        .pipeline()
        .addFirst(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void flush(ChannelHandlerContext ctx) {
                flushes.incrementAndGet();
                ctx.flush();
              }
            });
    return flushes;
  }

  @Test
  void aServiceThatThrowsEndsItsSessionOnly() throws Exception {
    probe.onReceived =
        (_, _) -> {
          throw new IllegalStateException("the service's mistake");
        };
    harness.client("a");

    assertThat(probe.events).containsExactly("opened", "received", "closed ERROR");
    assertThat(harness.counters().errors()).isEqualTo(1);
    assertThat(harness.channel.isOpen()).isFalse();
  }

  @Test
  void aTimerRunsInTheLane() {
    probe.session().after(Duration.ofMinutes(1), () -> probe.session().send(bytes("tick")));
    later();

    assertThat(harness.out()).isEqualTo("tick");
  }

  @Test
  void aTimerThatThrowsEndsItsSession() {
    probe
        .session()
        .after(
            Duration.ofMinutes(1),
            () -> {
              throw new IllegalStateException("the timer's mistake");
            });
    later();

    assertThat(probe.events).containsExactly("opened", "closed ERROR");
  }

  @Test
  void aTimerThatIsCancelledOrOutlivesItsSessionDoesNotRun() {
    AtomicInteger ran = new AtomicInteger();
    Cancellable first = probe.session().after(Duration.ofMinutes(1), ran::incrementAndGet);
    Cancellable second = probe.session().after(Duration.ofMinutes(1), ran::incrementAndGet);
    first.cancel();
    probe.session().close(CloseReason.SERVICE);
    later();
    second.cancel();

    assertThat(ran).hasValue(0);
  }

  private void later() {
    harness.pass(Duration.ofMinutes(2));
  }

  @Test
  void aClientThatEndsItsSideGetsAllOfItsAnswersFirst() {
    List<Hold> holds = new ArrayList<>();
    probe.onReceived =
        (session, message) -> {
          ByteBuf answer = message.retain();
          Hold hold = session.hold();
          holds.add(() -> {
            session.send(answer);
            hold.release();
          });
        };
    for (int i = 0; i < 10; i++) {
      harness.client("x");
    }
    harness.clientEnds();
    assertThat(harness.channel.isOpen()).isTrue();

    while (!holds.isEmpty()) {
      holds.removeFirst().release();
    }
    assertThat(harness.out()).isEqualTo("x".repeat(10));
    assertThat(harness.channel.isOpen()).isFalse();
    assertThat(probe.events).endsWith("closed CLIENT");
    assertThat(Collections.frequency(probe.events, "received")).isEqualTo(8 + 1);
  }

  @Test
  void aDrainLeavesARawSessionToItsClient() {
    harness.context().sessions().all().forEach(ManagedSession::goodbye);
    harness.context().sessions().all().forEach(ManagedSession::endIfIdle);
    assertThat(harness.channel.isOpen()).isTrue();

    harness.context().sessions().all().forEach(ManagedSession::abort);
    assertThat(probe.events).containsExactly("opened", "closed SHUTDOWN");
  }

  @Test
  void messagesAreCounted() {
    echoes();
    harness.client("four");

    assertThat(harness.out()).isEqualTo("four");
    assertThat(harness.counters().messagesIn()).isEqualTo(1);
    assertThat(harness.counters().messagesOut()).isEqualTo(1);
  }
}
