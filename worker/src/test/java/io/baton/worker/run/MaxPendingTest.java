package io.baton.worker.run;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.baton.config.Settings.Timeouts;
import io.baton.service.Session;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.raw.RawCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

/** How much a service may send to a client that does not take it. */
@ExtendWith(NoLeaks.class)
final class MaxPendingTest {
  private static final int MAX = 10_000;
  private static final int PIECE = 1_000;

  private final List<Bench<ByteBuf, ByteBuf>> benches = new ArrayList<>();

  @AfterEach
  void disconnects() {
    benches.forEach(Bench::close);
  }

  private Bench<ByteBuf, ByteBuf> open() throws Exception {
    Bench<ByteBuf, ByteBuf> bench =
        new Bench<>(
            new RawCodec(),
            TestRoutes.options(new Timeouts(Timeouts.AUTO, 0, 0, Timeouts.AUTO, 0), MAX));
    benches.add(bench);
    return bench.open();
  }

  private Bench<ByteBuf, ByteBuf> openDeaf() throws Exception {
    Bench<ByteBuf, ByteBuf> bench = open();
    bench.channel.pipeline().addFirst(new TakesNothing());
    return bench;
  }

  /** A client that does not read, behind a kernel that takes nothing. */
  private static final class TakesNothing extends ChannelOutboundHandlerAdapter {
    @Override
    public void flush(ChannelHandlerContext ctx) {}
  }

  private static ByteBuf bytes(int length) {
    return Unpooled.wrappedBuffer(new byte[length]);
  }

  /** Sends until that is refused, or has been done as often as would be far too much. */
  private static int sendsUntilRefused(Session<ByteBuf> session) {
    int sent = 0;
    while (sent < 2 * MAX / PIECE && session.send(bytes(PIECE))) {
      sent++;
    }
    return sent;
  }

  @Test
  void aSessionWhoseClientTakesNothingIsClosedAndCounted() throws Exception {
    Bench<ByteBuf, ByteBuf> bench = openDeaf();
    // What is already there decides, and each piece counts a little more than its bytes.
    assertThat(sendsUntilRefused(bench.probe.session())).isEqualTo(MAX / PIECE);
    bench.channel.runPendingTasks();
    assertThat(bench.channel.isOpen()).isFalse();
    assertThat(bench.probe.events).containsExactly("opened", "closed LIMIT");
    assertThat(bench.counters().overflowed()).isEqualTo(1);
    assertThat(bench.counters().errors()).isZero();
  }

  @Test
  void whatTheClientTakesDoesNotCount() throws Exception {
    Bench<ByteBuf, ByteBuf> bench = open();
    bench.probe.onReceived =
        (session, _) -> assertThat(sendsUntilRefused(session)).isEqualTo(2 * MAX / PIECE);
    bench.client("go");
    assertThat(bench.out()).hasSize(2 * MAX);
    assertThat(bench.channel.isOpen()).isTrue();
  }

  @Test
  void oneMessageMayBeLonger() throws Exception {
    Bench<ByteBuf, ByteBuf> bench = openDeaf();
    assertThat(bench.probe.session().send(bytes(5 * MAX))).isTrue();
    assertThat(bench.channel.isOpen()).isTrue();
    assertThat(bench.probe.session().send(bytes(1))).isFalse();
    bench.channel.runPendingTasks();
    assertThat(bench.probe.events).endsWith("closed LIMIT");
  }

  @Test
  void whatIsOnItsWayFromAnotherThreadCounts() throws Exception {
    Bench<ByteBuf, ByteBuf> bench = open();
    AtomicInteger sent = new AtomicInteger();
    Thread sender =
        Thread.ofPlatform().start(() -> sent.set(sendsUntilRefused(bench.probe.session())));
    sender.join(); // the event loop has not run meanwhile
    assertThat(sent.get()).isEqualTo(MAX / PIECE);
    bench.channel.runPendingTasks();
    assertThat(bench.probe.events).containsExactly("opened", "closed LIMIT");
    assertThat(bench.counters().overflowed()).isEqualTo(1);
    var _ = bench.out();
  }

  @Test
  void whatWasSentBeforeIsReceivedThoughTheSessionOverflows() throws Exception {
    Bench<ByteBuf, ByteBuf> bench = openDeaf();
    bench.probe.onReceived = (session, _) -> sendsUntilRefused(session);
    bench.client("a");
    bench.channel.runPendingTasks();
    assertThat(bench.probe.events).containsExactly("opened", "received", "closed LIMIT");
    assertThat(bench.tally.inFlight()).isZero();
  }

  @Test
  void theLogSaysSoOnceAMinuteWithTheNumberOfTheOthers() throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger(Overflows.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    try {
      Bench<ByteBuf, ByteBuf> bench = openDeaf();
      Overflows overflows = bench.host().overflows();
      Connection connection = (Connection) bench.host().sessions().all().getFirst();
      overflows.report(connection);
      overflows.report(connection);
      bench.pass(Duration.ofSeconds(59));
      overflows.report(connection);
      assertThat(log.list).hasSize(1);
      bench.pass(Duration.ofSeconds(2));
      overflows.report(connection);
    } finally {
      logger.detachAppender(log);
    }
    assertThat(log.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .satisfiesExactly(
            first ->
                assertThat(first).contains("listener test", "max-pending is 10000").endsWith(": 1"),
            second -> assertThat(second).endsWith(": 3"));
  }
}
