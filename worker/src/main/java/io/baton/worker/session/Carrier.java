package io.baton.worker.session;

import io.baton.codec.Codec;
import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.posix.Fd;
import io.baton.worker.channel.AwayChannel;
import io.baton.worker.channel.Cover;
import io.baton.worker.channel.FdChannel;
import io.baton.worker.channel.Meter;
import io.baton.worker.channel.OrderlyClose;
import io.baton.worker.channel.Unsent;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.DuplexChannel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection as its session sees it: the channel with its pipeline and output, whether
 * it is read, and what was read or written elsewhere and goes first. It knows nothing of the
 * conversation. Event loop only.
 */
final class Carrier {
  /** Longer output does not move: it would have to be in memory twice. */
  private static final int MAX_UNSENT = 256 * 1024 * 1024;

  private final Channel channel;
  private final OutboundWriter writer;

  /** Bytes that were read before the codec was there; null if none. */
  private @Nullable ByteBuffer unread;

  /** Bytes that were encoded before this channel was there; null if none. */
  private @Nullable ByteBuffer unsent;

  /** They have not been through the cover. */
  private boolean plain;

  /**
   * @param channel not registered yet, with {@link PipelineHead} at the head of its pipeline
   */
  Carrier(Channel channel, OutboundWriter.Listener listener) {
    this.channel = channel;
    this.writer = new OutboundWriter(channel, listener);
  }

  /** The connection has been elsewhere: these bytes go first, in each direction. */
  void goesOnWith(ByteBuffer unread, ByteBuffer unsent) {
    this.unread = unread;
    this.unsent = unsent;
  }

  /** Its session brings these bytes, which are to be read, and to be sent, as if it had here. */
  void sends(ByteBuffer unread, ByteBuffer unsent) {
    goesOnWith(unread, unsent);
    plain = true;
  }

  OutboundWriter writer() {
    return writer;
  }

  // ---- the pipeline ----

  ChannelPipeline pipeline() {
    return channel.pipeline();
  }

  /** Adds a codec's handlers, and behind them the one that passes events on to the session. */
  Flow install(Codec<?, ?> codec, CodecContext context, PipelineTail.Events events) {
    Flow flow = codec.install(context);
    channel.pipeline().addLast(new PipelineTail(events));
    return flow;
  }

  /** Removes the session's handler: what comes now comes to nobody. */
  void removeTail() {
    channel.pipeline().remove(PipelineTail.class);
  }

  /** Removes the codec and the session's handler; the session has left. */
  void strip() {
    ChannelPipeline pipeline = channel.pipeline();
    ChannelHandler last = pipeline.last();
    while (last != null && !last.equals(PipelineHead.INSTANCE)) {
      pipeline.remove(last);
      last = pipeline.last();
    }
  }

  /** Strips it, for another session to go on over the same channel. */
  Channel release() {
    strip();
    return channel;
  }

  /** Puts bytes through the codec that were read before it was there. */
  void reread(ByteBuf bytes) {
    ChannelHandlerContext head = channel.pipeline().context(PipelineHead.INSTANCE);
    head.fireChannelRead(bytes);
    head.fireChannelReadComplete();
  }

  /** Puts those bytes through the codec that it {@linkplain #goesOnWith goes on with}. */
  void rereadUnread() {
    ByteBuffer bytes = unread;
    unread = null;
    if (bytes != null && bytes.hasRemaining()) {
      reread(Unpooled.copiedBuffer(bytes));
    }
  }

  /**
   * Sends those bytes, encoded and counted already, that it {@linkplain #goesOnWith goes on with}.
   */
  void resendUnsent(Meter meter) {
    ByteBuffer bytes = unsent;
    unsent = null;
    if (bytes != null && bytes.hasRemaining()) {
      if (channel.isOpen()) {
        meter.bytesOut(-bytes.remaining()); // they will be counted again right now
      }
      ChannelPipeline pipeline = channel.pipeline();
      ChannelHandlerContext behind =
          plain ? pipeline.context(PipelineHead.INSTANCE) : pipeline.firstContext();
      var _ = behind.writeAndFlush(Unpooled.wrappedBuffer(bytes));
    }
  }

  // ---- reading ----

  /**
   * Reads the client or stops it. Once the client's end is read, epoll no longer knows the socket
   * for reading, and asking to read fails.
   */
  void read(boolean on) {
    if (channel.config().isAutoRead() != on && !(on && isInputShutdown())) {
      channel.config().setAutoRead(on);
    }
  }

  /** The kernel has no more input, though what came before may still wait for the window. */
  boolean isInputShutdown() {
    return channel instanceof DuplexChannel duplex && duplex.isInputShutdown();
  }

  // ---- output ----

  /** Returns what was flushed and the kernel has not taken; null if nothing waits. */
  @Nullable ChannelOutboundBuffer unsentBuffer() {
    return Unsent.of(channel);
  }

  /** Returns what the kernel does not take now; empty if it is no bytes, or too many. */
  Optional<ByteBuffer> unsent() {
    flush();
    return flushed();
  }

  /** Sends what was written, and what the codec has kept back and the client takes now. */
  void flush() {
    channel.flush();
  }

  /**
   * Returns what was flushed and the kernel has not taken; empty if it is no bytes, too many, or
   * something was written behind the last flush.
   */
  Optional<ByteBuffer> flushed() {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    if (buffer == null || buffer.totalPendingWriteBytes() > MAX_UNSENT) {
      return Optional.empty();
    }
    if (buffer.isEmpty()) {
      return Optional.of(ByteBuffer.allocate(0)); // as almost always
    }
    List<ByteBuf> pieces = new ArrayList<>();
    try {
      buffer.forEachFlushedMessage(each -> each instanceof ByteBuf bytes && pieces.add(bytes));
    } catch (Exception e) {
      throw new IllegalStateException(e); // nothing in there throws
    }
    if (pieces.size() != buffer.size()) {
      return Optional.empty();
    }
    int length = 0;
    for (ByteBuf each : pieces) {
      length += each.readableBytes();
    }
    ByteBuffer all = ByteBuffer.allocate(length);
    for (ByteBuf each : pieces) {
      all.put(each.nioBuffer());
    }
    return Optional.of(all.flip());
  }

  // ---- the cover ----

  private @Nullable Cover cover() {
    return channel.pipeline().get(Cover.class);
  }

  /** Returns why it cannot bear its session in another worker, for the operator; null if it can. */
  @Nullable String whyItStays() {
    Cover its = cover();
    return its == null ? null : its.whyItStays();
  }

  /** As {@link Cover#give}; no bytes if there is no cover. */
  Optional<ByteBuffer> giveCover() {
    Cover its = cover();
    return its == null ? Optional.of(ByteBuffer.allocate(0)) : its.give();
  }

  void takeCoverBack() {
    Cover its = cover();
    if (its != null) {
      its.takeBack();
    }
  }

  /** Keeps nothing of what is sent to a client that is away. */
  void discardOutput() {
    if (channel instanceof AwayChannel nowhere) {
      nowhere.discard();
    }
  }

  // ---- the end ----

  /** Lends out the descriptor, which nobody may close or keep; none if it has none. */
  <T> T lend(Function<List<Fd>, T> use) {
    return channel instanceof FdChannel with
        ? with.lend(client -> use.apply(List.of(client)))
        : use.apply(List.of());
  }

  /**
   * Closes once what was written is out.
   *
   * @param clientLeft the client has said its last, and needs no time for it
   */
  void closeInOrder(boolean clientLeft) {
    if (channel instanceof AwayChannel) {
      close();
      return;
    }
    Cover its = cover();
    if (its != null) {
      channel.flush(); // its last word goes behind all others
      its.closeNotify();
    }
    OrderlyClose.begin(channel, clientLeft);
  }

  /** Closes without waiting for what was written to go out. */
  void close() {
    var _ = channel.close();
  }

  /** Closes a channel that was never registered. */
  void closeUnregistered() {
    channel.unsafe().closeForcibly();
  }
}
