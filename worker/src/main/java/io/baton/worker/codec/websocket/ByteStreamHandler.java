package io.baton.worker.codec.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.baton.codec.Protocol;
import io.baton.codec.ProtocolSwitchEvent;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The frames of a WebSocket whose binary messages are a stream of bytes, between the channel and
 * the codec that reads the stream. Where a message ends means nothing. A frame's payload is passed
 * on as it comes, so nothing is kept but a header or a control frame that is not whole, and the
 * latest ping while the client does not take its pong: less than 300 bytes.
 *
 * <pre>
 *   frames ──► payloads, unmasked ──► codec
 *     │ ping, close
 *   frames ◄── one for each write ◄── codec
 * </pre>
 *
 * <p>A close frame of the client is answered and is then what a lost connection is: a session that
 * can wait for its client does. A frame that is not as it should be is closed with its code and
 * thrown. Event loop only.
 */
final class ByteStreamHandler extends ChannelDuplexHandler {
  private final UnaryOperator<Protocol<?, ?>> onSameRoute;
  private final boolean away;
  private @Nullable ChannelHandlerContext ctx;

  /** What is being read, or a frame's beginning that is kept until the rest is there. */
  private @Nullable ByteBuf input;

  /** Of the frame whose payload is coming: its first byte, and what is left of it. */
  private int first;

  private int left;

  /** For the next byte of the payload and those behind it. */
  private int mask;

  /** The message is not whole: its next frame continues it. */
  private boolean inMessage;

  private @Nullable ByteBuf unanswered;
  private boolean wrote;
  private boolean closeCame;

  /** The session has been told of the client's close. */
  private boolean lost;

  private boolean closeSent;
  private @Nullable WebSocketCloseStatus violation;

  /**
   * @param onSameRoute puts the protocol behind the one that is spoken into the same stream
   * @param away whether the client has lost its connection: what was left of its input is dropped
   */
  ByteStreamHandler(UnaryOperator<Protocol<?, ?>> onSameRoute, boolean away) {
    this.onSameRoute = onSameRoute;
    this.away = away;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    this.ctx = ctx;
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    discard();
    if (unanswered != null) {
      unanswered.release();
      unanswered = null;
    }
  }

  /** Nothing is read any more. */
  void discard() {
    if (input != null) {
      input.release();
      input = null;
    }
  }

  /** Returns what the client did that is not allowed; null if nothing. */
  @Nullable WebSocketCloseStatus violation() {
    return violation;
  }

  // ---- the client's frames ----

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    ByteBuf bytes = (ByteBuf) msg;
    if (away || closeCame || violation != null) { // nothing counts behind a close frame
      bytes.release();
      return;
    }
    ByteBuf kept = input;
    input = kept == null ? bytes : joined(ctx, kept, bytes);
    boolean whole = true;
    while (whole && input != null && input.isReadable()) {
      if (left > 0) {
        payload(ctx, input);
      } else {
        whole = frame(input);
      }
    }
    keep(ctx);
  }

  private static ByteBuf joined(ChannelHandlerContext ctx, ByteBuf kept, ByteBuf bytes) {
    ByteBuf all = ctx.alloc().buffer(kept.readableBytes() + bytes.readableBytes());
    all.writeBytes(kept).writeBytes(bytes);
    kept.release();
    bytes.release();
    return all;
  }

  private void payload(ChannelHandlerContext ctx, ByteBuf from) {
    int length = Math.min(left, from.readableBytes());
    ByteBuf piece = from.readRetainedSlice(length);
    FrameHeader.unmask(piece, mask);
    mask = Integer.rotateLeft(mask, length % Integer.BYTES * Byte.SIZE);
    left -= length;
    ctx.fireChannelRead(piece);
  }

  /** Reads a control frame, or the header of another one; false if it is not whole yet. */
  private boolean frame(ByteBuf from) {
    FrameHeader frame = FrameHeader.peek(from);
    if (frame == null) {
      return false;
    }
    check(frame);
    if (!frame.control()) {
      from.skipBytes(frame.bytes());
      first = (frame.fin() ? FrameHeader.FIN : 0) | frame.opcode();
      left = (int) frame.length();
      mask = frame.mask();
      inMessage = !frame.fin();
      return true;
    }
    if (from.readableBytes() < frame.size()) {
      return false;
    }
    control(frame.opcode(), frame.read(from));
    return true;
  }

  private void check(FrameHeader frame) {
    if (!frame.masked()) {
      throw violation(WebSocketCloseStatus.PROTOCOL_ERROR, "a frame without a mask");
    }
    if (frame.rsv() != 0) {
      throw violation(WebSocketCloseStatus.PROTOCOL_ERROR, "a reserved bit");
    }
    if (!frame.minimal()) {
      throw violation(WebSocketCloseStatus.PROTOCOL_ERROR, "a length in more bytes than it needs");
    }
    switch (frame.opcode()) {
      case FrameHeader.CLOSE, FrameHeader.PING, FrameHeader.PONG -> {
        if (!frame.fin() || frame.length() < 0 || frame.length() > FrameHeader.MAX_CONTROL) {
          throw violation(WebSocketCloseStatus.PROTOCOL_ERROR, "a control frame too long or cut");
        }
      }
      case FrameHeader.BINARY, FrameHeader.CONTINUATION -> {
        if (inMessage != (frame.opcode() == FrameHeader.CONTINUATION)) {
          throw violation(
              WebSocketCloseStatus.PROTOCOL_ERROR,
              inMessage ? "a message inside another" : "nothing to continue");
        }
        if (frame.length() < 0 || frame.length() > Integer.MAX_VALUE) {
          throw violation(WebSocketCloseStatus.MESSAGE_TOO_BIG, "a frame longer than 2^31 - 1");
        }
      }
      case FrameHeader.TEXT ->
          throw violation(WebSocketCloseStatus.INVALID_MESSAGE_TYPE, "a text message");
      default -> throw violation(WebSocketCloseStatus.PROTOCOL_ERROR, "a reserved opcode");
    }
  }

  private CorruptedWebSocketFrameException violation(WebSocketCloseStatus status, String what) {
    violation = new WebSocketCloseStatus(status.code(), what);
    discard();
    return new CorruptedWebSocketFrameException(status, what);
  }

  private void control(int opcode, ByteBuf payload) {
    switch (opcode) {
      case FrameHeader.PING -> {
        if (unanswered != null) {
          unanswered.release();
        }
        unanswered = payload.copy();
        pong();
      }
      case FrameHeader.CLOSE -> {
        closeCame = true;
        close(echo(payload));
        discard();
      }
      default -> {
        // A pong needs no answer.
      }
    }
  }

  private static WebSocketCloseStatus echo(ByteBuf payload) {
    if (!payload.isReadable()) {
      return WebSocketCloseStatus.EMPTY;
    }
    int code =
        payload.readableBytes() < Short.BYTES ? 0 : payload.getUnsignedShort(payload.readerIndex());
    return WebSocketDecoder.isCloseCode(code)
        ? new WebSocketCloseStatus(code, "")
        : WebSocketCloseStatus.PROTOCOL_ERROR;
  }

  /** Keeps a copy of what is not whole: a slice would keep what was read with it. */
  private void keep(ChannelHandlerContext ctx) {
    ByteBuf all = input;
    input = null;
    if (all != null) {
      if (all.isReadable()) {
        input = ctx.alloc().buffer(all.readableBytes()).writeBytes(all);
      }
      all.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ctx.fireChannelReadComplete();
    flushPong(ctx);
    if (closeCame && !lost) {
      lost = true;
      ctx.fireExceptionCaught(new ClosedChannelException());
    }
  }

  // ---- the server's frames ----

  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    ByteBuf bytes = (ByteBuf) msg;
    if (closeSent) {
      bytes.release();
      promise.trySuccess();
    } else if (!bytes.isReadable()) {
      var _ = ctx.write(bytes, promise); // only to hear when all before it is out
    } else {
      WebSocketEncoder.write(ctx, FrameHeader.FIN | FrameHeader.BINARY, bytes, promise);
    }
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    pong();
    wrote = false;
    ctx.flush();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    pong();
    flushPong(ctx);
    ctx.fireChannelWritabilityChanged();
  }

  private void flushPong(ChannelHandlerContext ctx) {
    if (wrote) {
      wrote = false;
      ctx.flush();
    }
  }

  /** Answers the latest ping unless too much waits for the client already. */
  private void pong() {
    ByteBuf payload = unanswered;
    ChannelHandlerContext to = ctx;
    if (payload != null && to != null && !closeSent && hasRoom(to)) {
      unanswered = null;
      wrote = true;
      WebSocketEncoder.write(to, FrameHeader.FIN | FrameHeader.PONG, payload, to.voidPromise());
    }
  }

  /** The channel's own answer counts what a codec keeps back, too. */
  private static boolean hasRoom(ChannelHandlerContext to) {
    ChannelOutboundBuffer buffer = to.channel().unsafe().outboundBuffer();
    return buffer != null
        && buffer.totalPendingWriteBytes() <= to.channel().config().getWriteBufferHighWaterMark();
  }

  /** Sends a close frame, unless one was sent; nothing goes out behind it (RFC 6455, 5.5.1). */
  void close(WebSocketCloseStatus status) {
    ChannelHandlerContext to = ctx;
    if (to == null || to.isRemoved() || closeSent) {
      return;
    }
    closeSent = true;
    ByteBuf payload = Unpooled.buffer();
    if (!status.equals(WebSocketCloseStatus.EMPTY)) {
      payload.writeShort(status.code());
      payload.writeBytes(status.reasonText().getBytes(UTF_8));
    }
    WebSocketEncoder.write(to, FrameHeader.FIN | FrameHeader.CLOSE, payload, to.voidPromise());
    to.flush();
  }

  // ---- from one pipeline to the next ----

  /**
   * Returns all that is not used up, as a client could have sent it: the ping that is to be
   * answered, bytes that the codec has not used up, what is left of a frame, and the rest as it
   * came.
   *
   * @param unread of the stream, which the codec has been given
   */
  ByteBuffer saved(ByteBuffer unread) {
    ByteBuf all = Unpooled.buffer();
    ByteBuf ping = unanswered;
    if (ping != null) {
      FrameHeader.writeMasked(all, FrameHeader.FIN | FrameHeader.PING, ping.readableBytes());
      all.writeBytes(ping.duplicate());
    }
    if (unread.hasRemaining()) {
      FrameHeader.writeMasked(all, FrameHeader.FIN | FrameHeader.BINARY, unread.remaining());
      all.writeBytes(unread.duplicate());
    }
    boolean continues = left > 0 ? (first & 0xF) == FrameHeader.CONTINUATION : inMessage;
    if (continues) {
      FrameHeader.writeMasked(all, FrameHeader.BINARY, 0);
    }
    if (left > 0) {
      FrameHeader.writeMasked(all, first, left, mask);
    }
    ByteBuf rest = input;
    if (rest != null) {
      all.writeBytes(rest.duplicate());
    }
    return all.nioBuffer();
  }

  /** What comes behind the protocol that is spoken comes in the same stream. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object evt) {
    if (evt instanceof ProtocolSwitchEvent(var next, ByteBuf unread)) {
      ChannelPipeline pipeline = ctx.pipeline();
      ByteBuf all = Unpooled.wrappedBuffer(saved(unread.nioBuffer()));
      unread.release();
      pipeline.remove(this);
      pipeline.fireUserEventTriggered(new ProtocolSwitchEvent(onSameRoute.apply(next), all));
    } else {
      ctx.fireUserEventTriggered(evt);
    }
  }
}
