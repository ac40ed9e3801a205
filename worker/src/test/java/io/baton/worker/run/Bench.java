package io.baton.worker.run;

import io.baton.pipe.Load;
import io.baton.service.Peer;
import io.baton.service.SessionId;
import io.baton.worker.codec.Codec;
import io.baton.worker.load.Latencies;
import io.baton.worker.load.Tally;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultChannelId;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** One session on an embedded channel: its client's bytes in, its bytes out, no socket. */
public final class Bench<I, O> implements AutoCloseable {
  public static final int HIGH_WATER = 1024;

  public final Probe<I, O> probe = new Probe<>();
  public final EmbeddedChannel channel =
      new EmbeddedChannel(DefaultChannelId.newInstance(), false, false);
  public final Tally tally = new Tally();
  public final Lane lane = new Lane(tally, new Latencies(), HIGH_WATER);
  private final Codec<I, O> codec;

  public Bench(Codec<I, O> codec) {
    this.codec = codec;
  }

  /** Connects the client. */
  public Bench<I, O> open() throws Exception {
    lane.equip(
        channel, TestRoutes.of("test", codec, () -> probe), new SessionId(7), new Peer.Unix(1, 2));
    channel.register();
    return this;
  }

  /** The client sends, all in one read. */
  public void client(String text) {
    channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
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

  /** What has come out since the last call. */
  public String out() {
    StringBuilder all = new StringBuilder();
    for (ByteBuf piece = next(); piece != null; piece = next()) {
      all.append(piece.toString(StandardCharsets.ISO_8859_1));
      piece.release();
    }
    return all.toString();
  }

  private @Nullable ByteBuf next() {
    return channel.readOutbound();
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
