package io.baton.worker.session;

import io.baton.codec.Codec;
import io.baton.codec.Protocol;
import io.baton.config.Settings;
import io.baton.pipe.HandoffKind;
import io.baton.pipe.Load;
import io.baton.pipe.Message.Handoff;
import io.baton.service.Peer;
import io.baton.worker.lane.Lane;
import io.baton.worker.lane.LoopLane;
import io.baton.worker.load.Latencies;
import io.baton.worker.load.WorkerCounters;
import io.baton.worker.memory.ByteBudget;
import io.baton.worker.memory.MemoryLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.DefaultChannelId;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One session on an embedded channel: its client's bytes in, its bytes out, no socket, and time
 * that stands still unless it is told.
 */
public final class SessionHarness<I, O> implements AutoCloseable {
  public static final int HIGH_WATER = 1024;

  /** More than any test needs, in bytes. */
  static final long BUDGET = 1L << 30;

  static final Handoff HANDOFF = new Handoff(7, 0, new Peer.Unix(1, 2), HandoffKind.FRESH);

  public final Probe<I, O> probe = new Probe<>();
  public final EmbeddedChannel channel;
  public final WorkerCounters counters = new WorkerCounters();
  private final Route<I, O> route;
  private @Nullable WorkerContext context;

  public SessionHarness(Codec<I, O> codec) {
    this(codec, TestRoutes.OPTIONS);
  }

  public SessionHarness(Codec<I, O> codec, Settings.ListenerOptions options) {
    this(codec, options, null);
  }

  /**
   * @param lane where the callbacks run; null: on the event loop
   */
  public SessionHarness(Codec<I, O> codec, Settings.ListenerOptions options, @Nullable Lane lane) {
    this.route = new Route<>("test", new Protocol<>("", codec, () -> probe), List.of(), options);
    this.channel = channel(fresh -> equip(fresh, lane));
  }

  /** Not registered yet; {@code equip} puts a session onto it when it is. */
  static EmbeddedChannel channel(Consumer<EmbeddedChannel> equip) {
    return new EmbeddedChannel(
        DefaultChannelId.newInstance(),
        false,
        false,
        new ChannelInitializer<EmbeddedChannel>() {
          @Override
          protected void initChannel(EmbeddedChannel fresh) {
            equip.accept(fresh);
          }
        });
  }

  private void equip(EmbeddedChannel ch, @Nullable Lane lane) {
    ch.freezeTime();
    EventLoop loop = OwnedLoop.of(ch.eventLoop());
    WorkerContext made =
        context(loop, counters, new ByteBudget(BUDGET), lane == null ? new LoopLane(loop) : lane);
    context = made;
    var _ = new SessionFactory(made).open(ch, route, HANDOFF);
  }

  /** A worker's, with the lane {@code loop}. */
  static WorkerContext context(EventLoop loop, WorkerCounters counters) {
    return context(loop, counters, new ByteBudget(BUDGET));
  }

  /** As {@link #context(EventLoop, WorkerCounters)}, with a budget that may be small. */
  static WorkerContext context(EventLoop loop, WorkerCounters counters, ByteBudget budget) {
    return context(loop, counters, budget, new LoopLane(loop));
  }

  /** A worker's, with this lane under the name {@code loop}. */
  static WorkerContext context(EventLoop loop, WorkerCounters counters, Lane lane) {
    return context(loop, counters, new ByteBudget(BUDGET), lane);
  }

  /**
   * As {@link #context(EventLoop, WorkerCounters, ByteBudget)}, with this lane under the name
   * {@code loop}.
   */
  static WorkerContext context(
      EventLoop loop, WorkerCounters counters, ByteBudget budget, Lane lane) {
    return new WorkerContext(
        loop,
        counters,
        new Latencies(),
        Map.of(Settings.LaneKind.LOOP, lane),
        5_000,
        MemoryLimits.of(budget),
        _ -> {},
        task -> task);
  }

  /** Connects the client. */
  public SessionHarness<I, O> open() throws Exception {
    channel.register();
    return this;
  }

  public WorkerContext context() {
    if (context == null) {
      throw new AssertionError("not opened");
    }
    return context;
  }

  /** The client sends, all in one read. */
  public void client(String text) {
    client(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** As {@link #client(String)}. */
  public void client(byte[] bytes) {
    channel.writeInbound(Unpooled.copiedBuffer(bytes));
  }

  /** The client ends its side. */
  public void clientEnds() {
    channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    channel.runPendingTasks();
  }

  /** The connection is closed, whoever did it. */
  public void drop() {
    channel.close().syncUninterruptibly();
  }

  /** The connection breaks, as with a reset. */
  public void breaks() {
    channel.pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
    channel.runPendingTasks();
  }

  /** Time passes, and what is due is done. */
  public void pass(Duration time) {
    channel.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
    channel.runPendingTasks();
  }

  /** What has come out since the last call. */
  public String out() {
    return out(channel);
  }

  static String out(EmbeddedChannel channel) {
    StringBuilder all = new StringBuilder();
    for (@Nullable ByteBuf piece = channel.readOutbound();
        piece != null;
        piece = channel.readOutbound()) {
      all.append(piece.toString(StandardCharsets.ISO_8859_1));
      piece.release();
    }
    return all.toString();
  }

  /** Whether the client may send on. */
  public boolean isRead() {
    return channel.config().isAutoRead();
  }

  public Load.Counters counters() {
    return counters.counters();
  }

  @Override
  public void close() {
    channel.finishAndReleaseAll();
  }
}
