package io.baton.worker.channel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Closes a connection in stages (RFC 9112, 9.6), because a plain close with unread input makes the
 * kernel send a reset, and a reset eats what the client has not read yet.
 *
 * <pre>
 *   FLUSHING  ── all written ──►  LINGERING  ── client's FIN ───────────────────────►  closed
 *      │                          (our FIN is out) ── silent for {@value #LINGER_MS} ms ──────────────►  closed
 *      │                              └──── {@value #LINGER_MAX_MS} ms in all ─────────────────►  closed
 *      ├── all written, client's FIN, or its word, was there already ──────────────────────────►  closed
 *      └── nothing moved for {@value #STALL_MS} ms ─────────────────────────────────────►  closed
 * </pre>
 *
 * <p>While lingering it reads and discards whatever comes, because a client that sends a large body
 * reads our answer to it only when it has sent it all. The bound is time, not bytes; but it reads
 * no more than {@value #LINGER_BYTES} bytes in {@value #BREATH_MS} ms, so that who sends for
 * nothing costs little.
 *
 * <p>It puts itself first into the pipeline when the closing begins and swallows all that comes in
 * from then on. Event loop only.
 */
public final class OrderlyClose extends ChannelInboundHandlerAdapter {
  /** A client that takes nothing for so long does not get the rest. */
  static final long STALL_MS = 30_000;

  /** How long the client may be silent after our FIN; looked at as often. */
  static final long LINGER_MS = 2_000;

  /** How long it may go on sending after our FIN. */
  static final long LINGER_MAX_MS = 30_000;

  /** How much is discarded while flushing, in bytes; more stays in the client's own window. */
  static final long FLUSHING_BYTES = 256 * 1024;

  /** How much is discarded while lingering before it takes a breath, in bytes. */
  static final long LINGER_BYTES = 1024 * 1024;

  /** How long nothing is read then. */
  static final long BREATH_MS = 100;

  private final Channel channel;
  private boolean inputEnded;
  private boolean lingering;
  private boolean heard;
  private long lingered;
  private long discarded;
  private long pending = Long.MAX_VALUE;
  private @Nullable ScheduledFuture<?> timer;

  private OrderlyClose(Channel channel, boolean inputEnded) {
    this.channel = channel;
    this.inputEnded = inputEnded;
  }

  /**
   * Sends what was written, then ends the connection.
   *
   * @param saidLast whether the client has said, in its protocol, that it sends nothing more: then
   *     there is nothing to wait for, as after its FIN
   */
  public static void begin(Channel channel, boolean saidLast) {
    boolean inputEnded =
        saidLast || (channel instanceof DuplexChannel duplex && duplex.isInputShutdown());
    channel.flush();
    if (inputEnded && Unsent.of(channel) == null) {
      var _ = channel.close(); // as most end: there is nothing to wait for
      return;
    }
    OrderlyClose closing = new OrderlyClose(channel, inputEnded);
    channel.pipeline().addFirst(closing);
    closing.watch();
    // After everything else in the outbound buffer, so its completion is everybody's.
    var _ =
        channel
            .pipeline()
            .firstContext()
            .writeAndFlush(Unpooled.EMPTY_BUFFER)
            .addListener(written -> closing.flushed(written.isSuccess()));
    if (!inputEnded) {
      channel.config().setAutoRead(true);
    }
  }

  private void flushed(boolean success) {
    cancelTimer();
    if (success && !inputEnded && channel instanceof DuplexChannel duplex) {
      lingering = true;
      heard = false;
      discarded = 0;
      var _ = duplex.shutdownOutput();
      channel.config().setAutoRead(true);
      timer = channel.eventLoop().schedule(this::listen, LINGER_MS, TimeUnit.MILLISECONDS);
    } else {
      close();
    }
  }

  /** Looks now and then whether the client takes anything. */
  private void watch() {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    long now = buffer == null ? 0 : buffer.totalPendingWriteBytes();
    if (now == pending) {
      close();
    } else {
      pending = now;
      timer = channel.eventLoop().schedule(this::watch, STALL_MS, TimeUnit.MILLISECONDS);
    }
  }

  /** Looks now and then whether the client still sends. */
  private void listen() {
    lingered += LINGER_MS;
    if (heard && lingered < LINGER_MAX_MS) {
      heard = false;
      timer = channel.eventLoop().schedule(this::listen, LINGER_MS, TimeUnit.MILLISECONDS);
    } else {
      close();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    discarded += msg instanceof ByteBuf bytes ? bytes.readableBytes() : 0;
    ReferenceCountUtil.release(msg);
    heard = true;
    if (!lingering && discarded > FLUSHING_BYTES) {
      channel.config().setAutoRead(false);
    } else if (lingering && discarded > LINGER_BYTES) {
      discarded = 0;
      channel.config().setAutoRead(false);
      var _ = channel.eventLoop().schedule(this::readOn, BREATH_MS, TimeUnit.MILLISECONDS);
    }
  }

  private void readOn() {
    if (channel.isOpen() && !inputEnded) {
      channel.config().setAutoRead(true);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    // Nobody behind this handler has been given anything.
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object evt) {
    if (evt instanceof ChannelInputShutdownEvent) {
      inputEnded = true;
      if (lingering) {
        close();
      }
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    close(); // the connection broke while it was being closed: nothing is left to do for it
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    cancelTimer();
  }

  private void close() {
    cancelTimer();
    var _ = channel.close();
  }

  private void cancelTimer() {
    ScheduledFuture<?> t = timer;
    if (t != null) {
      t.cancel(false);
      timer = null;
    }
  }
}
