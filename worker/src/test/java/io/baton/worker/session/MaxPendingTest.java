package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.service.Session;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.raw.RawCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How much a service may send to a client that does not take it. */
@ExtendWith(NoLeaks.class)
final class MaxPendingTest {
  private static final int MAX = 10_000;
  private static final int PIECE = 1_000;

  private final List<SessionHarness<ByteBuf, ByteBuf>> harnesses = new ArrayList<>();

  @AfterEach
  void disconnects() {
    harnesses.forEach(SessionHarness::close);
  }

  private SessionHarness<ByteBuf, ByteBuf> open() throws Exception {
    SessionHarness<ByteBuf, ByteBuf> harness =
        new SessionHarness<>(new RawCodec(), TestRoutes.options("max-pending = " + MAX));
    harnesses.add(harness);
    return harness.open();
  }

  private SessionHarness<ByteBuf, ByteBuf> openDeaf() throws Exception {
    SessionHarness<ByteBuf, ByteBuf> harness = open();
    harness.channel.pipeline().addFirst(new TakesNothing());
    return harness;
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
    SessionHarness<ByteBuf, ByteBuf> harness = openDeaf();
    // What is already there decides, and each piece counts a little more than its bytes.
    assertThat(sendsUntilRefused(harness.probe.session())).isEqualTo(MAX / PIECE);
    harness.channel.runPendingTasks();
    assertThat(harness.channel.isOpen()).isFalse();
    assertThat(harness.probe.events).containsExactly("opened", "closed LIMIT");
    assertThat(harness.counters().overflowed()).isEqualTo(1);
    assertThat(harness.counters().errors()).isZero();
  }

  @Test
  void whatTheClientTakesDoesNotCount() throws Exception {
    SessionHarness<ByteBuf, ByteBuf> harness = open();
    harness.probe.onReceived =
        (session, _) -> assertThat(sendsUntilRefused(session)).isEqualTo(2 * MAX / PIECE);
    harness.client("go");
    assertThat(harness.out()).hasSize(2 * MAX);
    assertThat(harness.channel.isOpen()).isTrue();
  }

  @Test
  void oneMessageMayBeLonger() throws Exception {
    SessionHarness<ByteBuf, ByteBuf> harness = openDeaf();
    assertThat(harness.probe.session().send(bytes(5 * MAX))).isTrue();
    assertThat(harness.channel.isOpen()).isTrue();
    assertThat(harness.probe.session().send(bytes(1))).isFalse();
    harness.channel.runPendingTasks();
    assertThat(harness.probe.events).endsWith("closed LIMIT");
  }

  @Test
  void whatIsOnItsWayFromAnotherThreadCounts() throws Exception {
    SessionHarness<ByteBuf, ByteBuf> harness = open();
    AtomicInteger sent = new AtomicInteger();
    Thread sender =
        Thread.ofPlatform().start(() -> sent.set(sendsUntilRefused(harness.probe.session())));
    sender.join(); // the event loop has not run meanwhile
    assertThat(sent.get()).isEqualTo(MAX / PIECE);
    harness.channel.runPendingTasks();
    assertThat(harness.probe.events).containsExactly("opened", "closed LIMIT");
    assertThat(harness.counters().overflowed()).isEqualTo(1);
    var _ = harness.out();
  }

  @Test
  void whatWasSentBeforeIsReceivedThoughTheSessionOverflows() throws Exception {
    SessionHarness<ByteBuf, ByteBuf> harness = openDeaf();
    harness.probe.onReceived = (session, _) -> sendsUntilRefused(session);
    harness.client("a");
    harness.channel.runPendingTasks();
    assertThat(harness.probe.events).containsExactly("opened", "received", "closed LIMIT");
    assertThat(harness.counters.inFlight()).isZero();
  }
}
