package io.baton.worker.codec.http;

import io.baton.codec.Window;
import io.baton.service.CloseReason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Netty's decoder, made to wait twice. While the window is shut it decodes nothing, and what it has
 * stays bytes: one read can hold a hundred pipelined requests, and as bytes they cost what they
 * cost on the wire. And it is given a head only when it is whole, because what it has of one it
 * does not give back, and a session that moves needs it. The pieces that it decodes go to a {@link
 * RequestAssembler}.
 *
 * <p>It also tells the window what of the connection's input is in memory: bytes that wait, a body
 * that is arriving, and the head of a request until that is answered.
 */
final class RequestDecoder extends HttpRequestDecoder {
  /** Buffers of more bytes than this are not kept for a small part of them, */
  private static final int LARGE = 4 * 1024;

  /** which is less than one in so many. */
  private static final int FEW = 16;

  private final Window window;
  private final RequestAssembler assembler;
  private final HeadScanner scanner;
  private final Exchange exchange;
  private boolean inside;

  /** While a chunked body arrives. */
  private @Nullable ChunkScanner chunks;

  /** The client has sent a request before, or is not asked what it has sent. */
  private boolean spoken;

  /** All that the client has sent, while its first request is handed out; else null. */
  private @Nullable ByteBuf first;

  private boolean waiting;
  private boolean reading;

  /** How long the last head was. */
  private int head;

  private @Nullable ChannelHandlerContext ctx;
  private @Nullable Object end;

  /**
   * @param keepsFirst whether {@link #first} is asked for
   */
  RequestDecoder(
      HttpDecoderConfig config,
      Window window,
      Exchange exchange,
      RequestAssembler assembler,
      boolean keepsFirst) {
    super(config);
    this.spoken = !keepsFirst;
    setCumulator(RequestDecoder::cumulate);
    this.window = window;
    this.exchange = exchange;
    this.assembler = assembler;
    this.scanner = new HeadScanner(config.getMaxInitialLineLength(), config.getMaxHeaderSize());
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
    this.ctx = ctx;
    super.handlerAdded(ctx);
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext ctx) throws Exception {
    assembler.forget();
    super.handlerRemoved0(ctx);
    window.holds(0);
  }

  /** A few bytes must not hold a large read's buffer for as long as the client likes. */
  private static ByteBuf cumulate(ByteBufAllocator alloc, ByteBuf kept, ByteBuf in) {
    if (kept.isReadable() || in.capacity() <= LARGE || in.readableBytes() > in.capacity() / FEW) {
      return MERGE_CUMULATOR.cumulate(alloc, kept, in);
    }
    kept.release();
    ByteBuf little = alloc.buffer(in.readableBytes()).writeBytes(in);
    in.release();
    return little;
  }

  /**
   * What is held has changed: a response is complete, and what it answered is not held any more, or
   * a part of a body is in a file.
   */
  void heldChanged() {
    if (!reading) {
      report();
    }
  }

  private void report() {
    ChannelHandlerContext here = ctx;
    if (here != null && !here.isRemoved()) {
      int answering = exchange.phase() == Exchange.Phase.IDLE ? 0 : head;
      window.holds(internalBuffer().capacity() + assembler.held() + answering);
    }
  }

  /** Decodes nothing more, and lets go of what it has. */
  void discard() {
    ChannelHandlerContext here = ctx;
    if (here != null && !here.isRemoved()) {
      takeUnread().release();
      here.pipeline().remove(this);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) throws Exception {
    reading = true;
    try {
      super.channelRead(ctx, msg);
    } finally {
      reading = false;
    }
    report();
  }

  /**
   * Says something that is the connection's last, in answer to the request that the exchange is at
   * or to none. Ends the session.
   */
  void last(FullHttpResponse reply, CloseReason why) {
    ChannelHandlerContext to = ctx;
    if (to == null || to.isRemoved()) {
      reply.release();
    } else {
      assembler.last(to, reply, why);
    }
  }

  /** Says 100 Continue, asked or not. */
  void sayContinue() {
    ChannelHandlerContext to = ctx;
    if (to != null && !to.isRemoved()) {
      Replies.sayContinue(to);
    }
  }

  /** Whether no byte of a request has come that is not handed out. */
  boolean atBoundary() {
    return !inside && actualReadableBytes() == 0;
  }

  /** Whether bytes are here that it may not decode yet. */
  boolean waits() {
    return waiting;
  }

  /** A copy of what no request handed out has used up, if the last one's end has come. */
  ByteBuffer unread() {
    ByteBuf kept = internalBuffer();
    ByteBuffer copy = ByteBuffer.allocate(kept.readableBytes());
    kept.getBytes(kept.readerIndex(), copy);
    return copy.flip();
  }

  /**
   * Returns all that the client has sent on this connection, for as long as its first request is
   * handed out; null if that is over, or if the request has a body.
   */
  @Nullable ByteBuf first() {
    return first;
  }

  /** Gives that away, before this handler is removed. */
  ByteBuf takeUnread() {
    ByteBuf kept = internalBuffer();
    return kept.isReadable() ? kept.readRetainedSlice(kept.readableBytes()) : Unpooled.EMPTY_BUFFER;
  }

  /** Decodes what has waited. */
  void resume() {
    ChannelHandlerContext to = ctx;
    if (to == null || to.isRemoved()) {
      return;
    }
    waiting = false;
    assembler.resume(to);
    try {
      channelRead(to, Unpooled.EMPTY_BUFFER);
      Object last = end;
      if (last != null && !waiting) {
        end = null;
        if (to.isRemoved()) {
          to.pipeline().fireUserEventTriggered(last); // for whoever took over
        } else {
          super.userEventTriggered(to, last);
        }
      }
    } catch (Exception e) {
      to.fireExceptionCaught(e);
    }
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf buffer, List<Object> out)
      throws Exception {
    if (!window.open()) {
      waiting = true;
      return;
    }
    waiting = false;
    if (!inside) {
      try {
        if (!scanner.whole(buffer)) {
          return;
        }
      } catch (RuntimeException e) {
        refuse(buffer, out, e);
        assemble(ctx, out);
        return;
      }
      inside = true;
      int at = buffer.readerIndex();
      int before = buffer.readableBytes();
      super.decode(ctx, buffer, out);
      head = before - buffer.readableBytes();
      if (out.size() == 1 && out.getFirst() instanceof HttpRequest request) {
        chunks = isChunked(request) ? new ChunkScanner(scanner) : null;
      }
      if (!spoken) {
        spoken = true;
        boolean whole = out.getLast() instanceof LastHttpContent;
        first = whole ? buffer.duplicate().readerIndex(at) : null;
      }
    } else if (chunks != null) {
      decodeChunk(ctx, chunks, buffer, out);
    } else {
      super.decode(ctx, buffer, out);
    }
    // The request's end may be followed by the next one's bytes, but these are not decoded yet.
    if (!out.isEmpty() && out.getLast() instanceof LastHttpContent) {
      inside = false;
      chunks = null;
      scanner.reset();
    }
    assemble(ctx, out);
    first = null;
  }

  private static boolean isChunked(HttpRequest request) {
    return request.decoderResult().isSuccess() && HttpUtil.isTransferEncodingChunked(request);
  }

  private void decodeChunk(
      ChannelHandlerContext ctx, ChunkScanner scanner, ByteBuf buffer, List<Object> out)
      throws Exception {
    try {
      if (!scanner.ready(buffer, assembler.room())) {
        return;
      }
    } catch (RuntimeException e) {
      buffer.skipBytes(buffer.readableBytes());
      HttpContent invalid = new DefaultLastHttpContent();
      invalid.setDecoderResult(DecoderResult.failure(e));
      out.add(invalid);
      return;
    }
    int before = buffer.readableBytes();
    super.decode(ctx, buffer, out);
    scanner.consumed(before - buffer.readableBytes());
  }

  @Override
  protected void decodeLast(ChannelHandlerContext ctx, ByteBuf buffer, List<Object> out)
      throws Exception {
    super.decodeLast(ctx, buffer, out);
    assemble(ctx, out);
  }

  private void assemble(ChannelHandlerContext ctx, List<Object> pieces) {
    try {
      for (Object piece : pieces) {
        assembler.take(ctx, piece);
      }
    } catch (RuntimeException e) {
      // Thrown on, it would be taken for the peer's mistake.
      ctx.pipeline().fireExceptionCaught(e);
    } finally {
      pieces.clear();
    }
  }

  /** As Netty's decoder does it: a request that says what is wrong, and nothing after it. */
  private void refuse(ByteBuf buffer, List<Object> out, RuntimeException why) {
    buffer.skipBytes(buffer.readableBytes());
    scanner.reset();
    HttpMessage invalid = createInvalidMessage();
    invalid.setDecoderResult(DecoderResult.failure(why));
    out.add(invalid);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    if (waiting) {
      // Super would read on, because nothing was decoded; but that is how it is meant here.
      discardSomeReadBytes();
      ctx.fireChannelReadComplete();
    } else {
      super.channelReadComplete(ctx);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object evt) throws Exception {
    if (waiting && evt instanceof ChannelInputShutdownEvent) {
      end = evt; // super would throw away the bytes that wait
      ctx.fireChannelReadComplete(); // but the client may have left, and has other timeouts now
    } else {
      super.userEventTriggered(ctx, evt);
    }
  }
}
