package io.baton.worker.run;

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
final class LiveSessionTest {
  private final Bench<ByteBuf, ByteBuf> bench = new Bench<>(new RawCodec());
  private final Probe<ByteBuf, ByteBuf> probe = bench.probe;

  @BeforeEach
  void connects() throws Exception {
    bench.open();
  }

  @AfterEach
  void disconnects() {
    bench.close();
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }

  private void echoes() {
    probe.onReceived = (session, message) -> session.send(message.retain());
  }

  @Test
  void callbacksComeInOrderAndTheEndComesOnce() {
    bench.client("a");
    probe.session().close(CloseReason.SERVICE);
    probe.session().close(CloseReason.ERROR);
    bench.drop();

    assertThat(probe.events).containsExactly("opened", "received", "closed SERVICE");
    assertThat(bench.tally.connections()).isZero();
    assertThat(bench.counters().closed()).isEqualTo(1);
  }

  @Test
  void aClientThatIsRefusedIsClosedAndTheServiceHearsNoMore() throws Exception {
    try (Bench<ByteBuf, ByteBuf> other = new Bench<>(new RawCodec())) {
      other.probe.accepts = false;
      other.open();

      assertThat(other.channel.isOpen()).isFalse();
      assertThat(other.probe.events).containsExactly("opened");
      assertThat(other.host().sessions().isEmpty()).isTrue();
    }
  }

  @Test
  void aConnectionThatBreaksEndsItsSessionAndIsNoErrorOfOurs() {
    bench.channel.pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));

    assertThat(probe.events).containsExactly("opened", "closed CLIENT");
    assertThat(bench.counters().errors()).isZero();
    assertThat(bench.counters().closed()).isEqualTo(1);
  }

  @Test
  void sendAfterCloseIsRefusedAndTheMessageReleased() {
    Session<ByteBuf> session = probe.session();
    session.close(CloseReason.SERVICE);
    ByteBuf late = bytes("late");

    assertThat(session.send(late)).isFalse();
    assertThat(late.refCnt()).isZero();
    assertThat(bench.out()).isEmpty();
  }

  @Test
  void whatWasSentBeforeCloseGoesOut() {
    probe.onReceived =
        (session, message) -> {
          session.send(message.retain());
          session.close(CloseReason.SERVICE);
        };
    bench.client("last words");

    assertThat(bench.out()).isEqualTo("last words");
    assertThat(bench.channel.isOpen()).isFalse();
  }

  @Test
  void aMessageIsReleasedOnceReceivedHasReturned() {
    List<ByteBuf> messages = new ArrayList<>();
    probe.onReceived = (_, message) -> messages.add(message);
    bench.client("a");

    assertThat(messages).singleElement().extracting(ByteBuf::refCnt).isEqualTo(0);
    assertThat(bench.tally.inFlight()).isZero();
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
    bench.client("a");
    ByteBuf message = messages.getFirst();

    holds.getFirst().release();
    holds.getFirst().release(); // only the first call counts
    assertThat(message.refCnt()).isEqualTo(1);
    assertThat(bench.tally.inFlight()).isEqualTo(1);

    holds.getLast().release();
    assertThat(message.refCnt()).isZero();
    assertThat(bench.tally.inFlight()).isZero();
  }

  @Test
  void aMessageHeldBeyondTheEndIsReleasedAllTheSame() {
    List<Hold> holds = new ArrayList<>();
    probe.onReceived = (session, _) -> holds.add(session.hold());
    bench.client("a");
    bench.drop();

    holds.forEach(Hold::release);
    assertThat(bench.tally.inFlight()).isZero(); // and no buffer is left, or NoLeaks would say so
  }

  @Test
  void holdOutsideOfReceivedIsRefused() {
    assertThatThrownBy(() -> probe.session().hold()).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aServiceThatReleasesWhatIsNotItsOwnEndsItsSession() {
    probe.onReceived = (_, message) -> message.release();
    bench.client("a");
    bench.drop();
    assertThat(probe.events).containsExactly("opened", "received", "closed ERROR");
    assertThat(bench.tally.inFlight()).isZero();
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
      bench.client(String.valueOf(c));
    }
    assertThat(seen).hasToString("abcdefgh");
    assertThat(bench.isRead()).isFalse();

    holds.remove().release();
    assertThat(seen).hasToString("abcdefghij"); // what waited is one message
    assertThat(bench.isRead()).isTrue();
    bench.client("k");
    assertThat(bench.isRead()).isFalse();

    holds.remove().release();
    assertThat(seen).hasToString("abcdefghijk");
    assertThat(bench.isRead()).isTrue();
    holds.forEach(Hold::release);
  }

  @Test
  void whatWaitedIsReleasedWithTheConnection() {
    List<Hold> holds = new ArrayList<>();
    probe.onReceived = (session, _) -> holds.add(session.hold());
    for (int i = 0; i < 12; i++) {
      bench.client("x");
    }
    bench.drop();
    holds.forEach(Hold::release);
    assertThat(probe.events).hasSize(1 + 8 + 1);
  }

  @Test
  void aClientThatTakesNothingIsNotReadUntilItDoes() {
    echoes();
    bench.channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
    bench.client("a");
    assertThat(probe.session().writable()).isFalse();
    assertThat(bench.isRead()).isFalse();
    assertThat(probe.events).containsExactly("opened");

    bench.channel.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
    bench.channel.runPendingTasks();
    assertThat(probe.events).containsExactly("opened", "writable", "received");
    assertThat(bench.out()).isEqualTo("a");
    assertThat(bench.isRead()).isTrue();
  }

  @Test
  void theAnswersOfOneReadAreFlushedOnce() {
    AtomicInteger flushes = countFlushes();
    echoes();
    for (String piece : List.of("a", "b", "c")) {
      bench.channel.pipeline().fireChannelRead(bytes(piece));
    }
    assertThat(flushes).hasValue(0);
    bench.channel.pipeline().fireChannelReadComplete();

    assertThat(flushes).hasValue(1);
    assertThat(bench.out()).isEqualTo("abc");
  }

  @Test
  void aMessageOutOfNowhereIsFlushedAtOnce() {
    AtomicInteger flushes = countFlushes();
    probe.session().send(bytes("news"));

    assertThat(flushes).hasValue(1);
    assertThat(bench.out()).isEqualTo("news");
  }

  private AtomicInteger countFlushes() {
    AtomicInteger flushes = new AtomicInteger();
    bench
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
    bench.client("a");

    assertThat(probe.events).containsExactly("opened", "received", "closed ERROR");
    assertThat(bench.counters().errors()).isEqualTo(1);
    assertThat(bench.channel.isOpen()).isFalse();
  }

  @Test
  void aTimerRunsInTheLane() {
    probe.session().after(Duration.ofMinutes(1), () -> probe.session().send(bytes("tick")));
    later();

    assertThat(bench.out()).isEqualTo("tick");
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
    bench.pass(Duration.ofMinutes(2));
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
      bench.client("x");
    }
    bench.clientEnds();
    assertThat(bench.channel.isOpen()).isTrue();

    while (!holds.isEmpty()) {
      holds.removeFirst().release();
    }
    assertThat(bench.out()).isEqualTo("x".repeat(10));
    assertThat(bench.channel.isOpen()).isFalse();
    assertThat(probe.events).endsWith("closed CLIENT");
    assertThat(Collections.frequency(probe.events, "received")).isEqualTo(8 + 1);
  }

  @Test
  void aDrainLeavesARawSessionToItsClient() {
    bench.host().sessions().all().forEach(OpenSession::goodbye);
    bench.host().sessions().all().forEach(OpenSession::endIfIdle);
    assertThat(bench.channel.isOpen()).isTrue();

    bench.host().sessions().all().forEach(OpenSession::abort);
    assertThat(probe.events).containsExactly("opened", "closed SHUTDOWN");
  }

  @Test
  void messagesAreCounted() {
    echoes();
    bench.client("four");

    assertThat(bench.out()).isEqualTo("four");
    assertThat(bench.counters().messagesIn()).isEqualTo(1);
    assertThat(bench.counters().messagesOut()).isEqualTo(1);
  }
}
