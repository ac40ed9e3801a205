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
 * Cuts messages off a stream of bytes, one at a time and only while the window is open: what waits,
 * waits as bytes, and the end of input waits behind it. Between messages it holds no buffer.
 *
 * <pre>
 *   read ──► bytes ──next()──► nothing whole: kept
 *                      └─────► a message ──window open?──► take() ──► handed out
 *                                             └── no: kept until resume()
 * </pre>
 *
 * <p>What it keeps is bounded by its subclass, which refuses in {@link #next} what will be too
 * long, and by {@link Window}. A message that is not whole at the end of input is not handed out: a
 * client that died in the middle of it looks the same as one that has finished.
 *
 * <p>{@link #next} and {@link #take} throw {@link DecoderException} for what the protocol does not
 * allow; nothing is decoded after that. Event loop only.
 */
public abstract class WindowedDecoder extends ChannelInboundHandlerAdapter {
  /** No message is whole yet. */
  protected static final int NOTHING = -1;

  /** Less than this part of a buffer is few. */
  private static final int FEW = 16;

  private final Window window;
  private @Nullable ChannelHandlerContext ctx;
  private @Nullable ByteBuf kept;
  private @Nullable Object end;
  private boolean decoding;
  private boolean waiting;
  private boolean failed;

  /** The message that is arriving may do so. */
  private boolean admitted;

  protected WindowedDecoder(Window window) {
    this.window = window;
  }

  /**
   * Looks at what is in front. What is no message, it may consume.
   *
   * @param in may be changed in place as far as it is consumed
   * @return how many bytes the next message takes, or {@link #NOTHING}
   * @throws DecoderException for what is not allowed, or will be longer than is
   */
  protected abstract int next(ByteBuf in);

  /**
   * To be called in {@link #next} once the length of a message, or of a part of it that is kept, is
   * known and not all of it is there.
   *
   * @throws TryAgainLaterException if there is no memory for it
   */
  protected final void admit(long bytes) {
    if (!admitted && !window.admits(bytes)) {
      throw new TryAgainLaterException(bytes);
    }
    admitted = true;
  }

  /** A part for which {@link #admit} was called is here; the next one has to be admitted anew. */
  protected final void arrived() {
    admitted = false;
  }

  /** How many bytes a subclass keeps, besides what it has not used up. */
  protected int more() {
    return 0;
  }

  /** Lets go of them: nothing is decoded any more. */
  protected void dropMore() {}

  /** The message that takes so many bytes: reads exactly them. */
  protected abstract Object take(ByteBuf in, int length);

  /**
   * So many bytes as a message of their own. Few of a large read are copied: a message that a
   * service keeps must not keep all that came with it.
   */
  protected static ByteBuf cut(ByteBuf in, int length) {
    return length < in.capacity() / FEW ? in.readBytes(length) : in.readRetainedSlice(length);
  }

  /** All that can be decoded now is; a place to flush answers of the codec's own. */
  protected void pass(ChannelHandlerContext ctx) {}

  /** Where the handler is; not before it is added. */
  protected final ChannelHandlerContext context() {
    return Objects.requireNonNull(ctx);
  }

  /** Nothing is decoded any more; what was kept is not needed. */
  public final void discard() {
    failed = true;
    if (!decoding) {
      drop();
    }
  }

  /** Hands out what waits, as far as the window allows. */
  public final void resume() {
    if (ctx != null) {
      decode(ctx);
    }
  }

  /** A whole message waits for the window. */
  public final boolean waits() {
    return waiting;
  }

  /** Bytes of a message are here, but not all of them. */
  public final boolean partial() {
    return kept != null && !waiting;
  }

  /** A copy of what is not used up. */
  public final ByteBuffer unread() {
    ByteBuf bytes = kept;
    if (bytes == null) {
      return ByteBuffer.allocate(0);
    }
    return ByteBuffer.allocate(bytes.readableBytes()).put(bytes.nioBuffer()).flip();
  }

  /**
   * The flow of a codec that knows nothing beyond the bytes and has no word for an end.
   *
   * @param codec its name
   * @param version of what it saves
   * @param partial what it is to have received a part of a message
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
      drop();
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
    window.holds((kept == null ? 0 : kept.capacity()) + more());
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
      drop();
      return;
    }
    keepLittle(ctx);
    report();
    pass(ctx);
    Object last = end;
    if (!waiting && last != null) {
      end = null;
      ctx.fireUserEventTriggered(last);
    }
  }

  private void handOut(ChannelHandlerContext ctx) {
    ByteBuf in = kept;
    while (in != null && in.isReadable() && !ctx.isRemoved()) {
      int length = next(in);
      if (length == NOTHING) {
        return;
      }
      if (!window.open()) {
        waiting = true;
        return;
      }
      arrived();
      ctx.fireChannelRead(take(in, length));
    }
  }

  /** A few bytes must not hold a whole read's buffer for as long as the client likes. */
  private void keepLittle(ChannelHandlerContext ctx) {
    ByteBuf in = kept;
    if (in == null) {
      return;
    }
    if (!in.isReadable()) {
      in.release();
      kept = null;
    } else if (in.readableBytes() < in.capacity() / 2) {
      ByteBuf little = ctx.alloc().buffer(in.readableBytes());
      little.writeBytes(in);
      in.release();
      kept = little;
    }
  }

  private void drop() {
    if (kept != null) {
      kept.release();
      kept = null;
    }
    dropMore();
    report();
  }

  private record BytesFlow(WindowedDecoder decoder, String codec, int version, Phase partial)
      implements Flow {
    @Override
    public Phase phase() {
      if (decoder.waits()) {
        return Phase.ANSWER;
      }
      return decoder.partial() ? partial : Phase.IDLE;
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
