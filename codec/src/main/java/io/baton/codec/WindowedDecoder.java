package io.baton.codec;

import io.baton.codec.Flow.Phase;
import io.baton.service.CloseReason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A handler that cuts messages off a stream of bytes, one at a time and only while the window is
 * open. Messages that have to wait do so as bytes, and the end of input waits behind them. Between
 * messages the decoder holds no buffer.
 *
 * <pre>
 *   read ──► bytes ──messageLength()──► INCOMPLETE: bytes are kept
 *                          └──────────► a message ──window open?──► readMessage() ──► handed out
 *                                                       └── no: bytes are kept until resume()
 * </pre>
 *
 * <p>What is kept is bounded by the subclass, whose {@link #messageLength} refuses messages that
 * will be too long, and by {@link Window}. A message that is incomplete at the end of input is
 * never handed out: a client that died in the middle of it looks the same as one that has finished.
 *
 * <p><b>Errors.</b> {@link #messageLength} and {@link #readMessage} throw {@link DecoderException}
 * if the client breaks the protocol. After that, or any other exception, nothing is decoded.
 *
 * <p><b>Threading.</b> Event loop only.
 */
public abstract class WindowedDecoder extends ChannelInboundHandlerAdapter {
  /** The result of {@link #messageLength} if the next message has not arrived completely. */
  protected static final int INCOMPLETE = -1;

  /** A message of less than this part of a buffer's capacity is copied out of it. */
  private static final int COPIED_PART = 16;

  private final Window window;
  private @Nullable ChannelHandlerContext ctx;
  private @Nullable ByteBuf kept;
  private @Nullable Object end;
  private boolean decoding;
  private boolean waiting;
  private boolean failed;

  /** Whether the message that is arriving was admitted. */
  private boolean admitted;

  /** Creates a decoder that hands messages out while this window is open. */
  protected WindowedDecoder(Window window) {
    this.window = window;
  }

  /**
   * Looks for a message at the front of the bytes. May consume bytes that belong to no message.
   *
   * @param in bytes that may be changed in place as far as they are consumed
   * @return the length in bytes of the next message, with everything that belongs to it, or {@link
   *     #INCOMPLETE}
   * @throws DecoderException if the input is malformed or the message will exceed the limit
   */
  protected abstract int messageLength(ByteBuf in);

  /**
   * Reads the next message.
   *
   * @param length what {@link #messageLength} returned: exactly these bytes are consumed
   * @throws DecoderException if the message is malformed
   */
  protected abstract Object readMessage(ByteBuf in, int length);

  /**
   * Asks whether there is memory for the message that is arriving. To be called in {@link
   * #messageLength} when the length of a message, or of a part of it that the subclass keeps, is
   * known and not all of it has arrived.
   *
   * @param bytes how many bytes the codec will hold of it, at most
   * @throws TryAgainLaterException if there is no memory for it
   */
  protected final void admit(long bytes) {
    if (!admitted && !window.admits(bytes)) {
      throw new TryAgainLaterException(bytes);
    }
    admitted = true;
  }

  /**
   * Ends what {@link #admit} began: the part of a message has arrived, and the next one has to be
   * admitted anew. To be called for parts only; for whole messages the decoder does it itself.
   */
  protected final void arrived() {
    admitted = false;
  }

  /** Returns how many bytes of memory the subclass holds, besides the bytes not decoded yet. */
  protected int heldBytes() {
    return 0;
  }

  /** Tells the window that {@link #heldBytes} has changed while nothing was decoded. */
  protected final void heldChanged() {
    if (!decoding) {
      report();
    }
  }

  /** Releases what {@link #heldBytes} counts. Nothing is decoded any more. */
  protected void releaseHeld() {}

  /**
   * Cuts off the next bytes as a buffer of its own. A small part of a large buffer is copied, so
   * that a service that keeps the message does not keep everything that was read with it.
   */
  protected static ByteBuf cut(ByteBuf in, int length) {
    return length < in.capacity() / COPIED_PART
        ? in.readBytes(length)
        : in.readRetainedSlice(length);
  }

  /**
   * Returns whether a message may be handed out now: {@link Window#open}, or {@link Window#accepts}
   * for a subclass that has to hear its client while messages wait, and bounds what it keeps.
   */
  protected boolean mayHandOut() {
    return window.open();
  }

  /** Returns how many bytes are not decoded yet. */
  protected final int unreadBytes() {
    return kept == null ? 0 : kept.readableBytes();
  }

  /** Called when everything that can be decoded now is; a place to flush the codec's answers. */
  protected void decodeComplete(ChannelHandlerContext ctx) {}

  /**
   * Returns the handler's context.
   *
   * @throws NullPointerException if the handler was not added to a pipeline yet
   */
  protected final ChannelHandlerContext context() {
    return Objects.requireNonNull(ctx);
  }

  /** Stops decoding for good and releases all bytes that are kept: {@link Flow#discard}. */
  public final void discard() {
    failed = true;
    if (!decoding) {
      release();
    }
  }

  /** Hands out the messages that wait, as far as the window allows: {@link Flow#resume}. */
  public final void resume() {
    if (ctx != null) {
      decode(ctx);
    }
  }

  /** Returns whether a complete message waits for the window to open. */
  public final boolean isWaiting() {
    return waiting;
  }

  /** Returns whether a message has begun to arrive and is incomplete. */
  public final boolean hasPartialMessage() {
    return kept != null && !waiting;
  }

  /** Copies the bytes that are not decoded yet. */
  public final ByteBuffer unread() {
    ByteBuf bytes = kept;
    if (bytes == null) {
      return ByteBuffer.allocate(0);
    }
    return ByteBuffer.allocate(bytes.readableBytes()).put(bytes.nioBuffer()).flip();
  }

  /**
   * Makes the flow of a codec that has no state but these bytes and no word for a session's end.
   *
   * @param codec the codec's name in saved sessions
   * @param version the version in saved sessions
   * @param partial the phase while a part of a message has arrived
   */
  public final Flow flow(String codec, int version, Phase partial) {
    return new BytesFlow(this, codec, version, partial);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    this.ctx = ctx;
  }

  @Override
  public final void handlerRemoved(ChannelHandlerContext ctx) {
    if (!decoding) {
      release();
    }
  }

  @Override
  public final void channelRead(ChannelHandlerContext ctx, Object msg) {
    ByteBuf in = (ByteBuf) msg;
    if (failed) {
      in.release();
      return;
    }
    if (in.isReadOnly()) {
      ByteBuf copy = in.copy(); // may be changed in place
      in.release();
      in = copy;
    }
    kept = kept == null ? in : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), kept, in);
    if (waiting) {
      report();
    } else {
      decode(ctx);
    }
  }

  private void report() {
    window.holds((kept == null ? 0 : kept.capacity()) + heldBytes());
  }

  @Override
  public final void userEventTriggered(ChannelHandlerContext ctx, Object evt) {
    if (waiting && evt instanceof ChannelInputShutdownEvent) {
      end = evt;
    } else {
      ctx.fireUserEventTriggered(evt);
    }
  }

  private void decode(ChannelHandlerContext ctx) {
    if (decoding) {
      return; // the loop below asks again
    }
    decoding = true;
    waiting = false;
    try {
      handOut(ctx);
    } catch (Throwable e) {
      failed = true;
      ctx.fireExceptionCaught(e);
    }
    decoding = false;
    if (failed || ctx.isRemoved()) {
      release();
      return;
    }
    shrink(ctx);
    report();
    decodeComplete(ctx);
    Object last = end;
    if (!waiting && last != null) {
      end = null;
      ctx.fireUserEventTriggered(last);
    }
  }

  private void handOut(ChannelHandlerContext ctx) {
    ByteBuf in = kept;
    while (in != null && in.isReadable() && !ctx.isRemoved()) {
      int length = messageLength(in);
      if (length == INCOMPLETE) {
        return;
      }
      if (!mayHandOut()) {
        waiting = true;
        return;
      }
      arrived();
      ctx.fireChannelRead(readMessage(in, length));
    }
  }

  /** A few bytes must not hold a whole read's buffer for as long as the client likes. */
  private void shrink(ChannelHandlerContext ctx) {
    ByteBuf in = kept;
    if (in == null) {
      return;
    }
    if (!in.isReadable()) {
      in.release();
      kept = null;
    } else if (in.readableBytes() < in.capacity() / 2) {
      ByteBuf small = ctx.alloc().buffer(in.readableBytes());
      small.writeBytes(in);
      in.release();
      kept = small;
    }
  }

  private void release() {
    if (kept != null) {
      kept.release();
      kept = null;
    }
    releaseHeld();
    report();
  }

  private record BytesFlow(WindowedDecoder decoder, String codec, int version, Phase partial)
      implements Flow {
    @Override
    public Phase phase() {
      if (decoder.isWaiting()) {
        return Phase.ANSWER;
      }
      return decoder.hasPartialMessage() ? partial : Phase.IDLE;
    }

    @Override
    public void resume() {
      decoder.resume();
    }

    @Override
    public void discard() {
      decoder.discard();
    }

    @Override
    public Optional<Saved> save() {
      return Optional.of(Saved.unread(codec, version, decoder.unread()));
    }

    @Override
    public void drain() {
      // Where a conversation ends is between client and service.
    }

    @Override
    public void goodbye(CloseReason why) {
      // There is no word for it.
    }
  }
}
