package io.baton.worker.run;

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
import io.baton.worker.load.Tally;
import io.baton.worker.memory.ByteBudget;
import io.baton.worker.time.Clock;
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
public final class Bench<I, O> implements AutoCloseable {
  public static final int HIGH_WATER = 1024;

  /** More than any test needs, in bytes. */
  private static final long BUDGET = 1L << 30;

  static final Handoff HANDOFF = new Handoff(7, 0, new Peer.Unix(1, 2), HandoffKind.FRESH);

  public final Probe<I, O> probe = new Probe<>();
  public final EmbeddedChannel channel;
  public final Tally tally = new Tally();
  private final Route<I, O> route;
  private @Nullable Host host;

  public Bench(Codec<I, O> codec) {
    this(codec, TestRoutes.OPTIONS);
  }

  public Bench(Codec<I, O> codec, Settings.ListenerOptions options) {
    this(codec, options, null);
  }

  /**
   * @param lane where the callbacks run; null: on the event loop
   */
  public Bench(Codec<I, O> codec, Settings.ListenerOptions options, @Nullable Lane lane) {
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
    Host made = host(loop, tally, new ByteBudget(BUDGET), lane == null ? new LoopLane(loop) : lane);
    host = made;
    made.equip(ch, route, HANDOFF);
  }

  /** A worker's, with the lane {@code loop}. */
  static Host host(EventLoop loop, Tally tally) {
    return host(loop, tally, new ByteBudget(BUDGET));
  }

  /** As {@link #host(EventLoop, Tally)}, with a budget that may be small. */
  static Host host(EventLoop loop, Tally tally, ByteBudget budget) {
    return host(loop, tally, budget, new LoopLane(loop));
  }

  /** As {@link #host(EventLoop, Tally, ByteBudget)}, with this lane under the name {@code loop}. */
  private static Host host(EventLoop loop, Tally tally, ByteBudget budget, Lane lane) {
    return new Host(
        loop,
        tally,
        new Latencies(),
        new Clock(loop),
        Map.of(Settings.LaneKind.LOOP, lane),
        5_000,
        budget,
        () -> 0,
        Long.MAX_VALUE,
        _ -> {},
        task -> task);
  }

  /** Connects the client. */
  public Bench<I, O> open() throws Exception {
    channel.register();
    return this;
  }

  public Host host() {
    if (host == null) {
      throw new AssertionError("not opened");
    }
    return host;
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
    return tally.counters();
  }

  @Override
  public void close() {
    channel.finishAndReleaseAll();
  }
}
