package io.baton.worker.codec.websocket;

import io.baton.codec.Window;
import io.baton.codec.WindowedDecoder;
import io.baton.service.CloseReason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.zip.DataFormatException;
import org.jspecify.annotations.Nullable;

/**
 * A client's frames: joins fragments to messages, answers what is the codec's to answer. Whatever
 * is not allowed is closed with its code and thrown.
 *
 * <p>Memory: one frame or the fragments of one message, never more than a message may be long, and
 * one ping that waits for the client to take its pong (RFC 6455, 5.5.3: only the latest has to be
 * answered).
 */
final class WebSocketDecoder extends WindowedDecoder {
  private final Window window;
  private final WebSocketEncoder encoder;
  private final ResumeState resume;
  private final int max;
  private final boolean packs;

  /** The message whose first fragments came, unmasked, and the first byte of its first frame. */
  private @Nullable ByteBuf fragments;

  private int firstByte;
  private @Nullable ByteBuf unanswered;
  private @Nullable WebSocketCloseStatus farewell;
  private boolean closeCame;

  /** The client has gone away and may come back. */
  private boolean lost;

  private boolean wrote;

  /**
   * @param packs whether permessage-deflate was agreed on
   */
  WebSocketDecoder(
      Window window, WebSocketEncoder encoder, ResumeState resume, int max, boolean packs) {
    super(window);
    this.resume = resume;
    this.window = window;
    this.encoder = encoder;
    this.max = max;
    this.packs = packs;
  }

  boolean closeCame() {
    return closeCame;
  }

  /**
   * What the close frame is to say that answers how this client has ended: the code of its own, or
   * what was wrong. Null if it has done neither. It goes out behind the answers to what came
   * before.
   */
  @Nullable WebSocketCloseStatus farewell() {
    return farewell;
  }

  /** A message has begun and is not whole. */
  boolean inMessage() {
    return fragments != null || hasPartialMessage();
  }

  @Override
  protected int messageLength(ByteBuf in) {
    while (!closeCame && !lost) {
      FrameHeader frame = FrameHeader.peek(in);
      if (frame == null) {
        return INCOMPLETE;
      }
      check(frame);
      if (in.readableBytes() < frame.size()) {
        admit(frame.length());
        return INCOMPLETE;
      }
      if (frame.control()) {
        control(frame.opcode(), frame.read(in));
      } else if (frame.fin()) {
        return (int) frame.size();
      } else {
        fragment(frame, frame.read(in));
        arrived();
      }
    }
    in.skipBytes(in.readableBytes()); // nothing counts behind a close frame
    return INCOMPLETE;
  }

  /** What a header says is enough to refuse its frame. */
  private void check(FrameHeader frame) {
    if (!frame.masked()) {
      throw violation(WebSocketCloseStatus.PROTOCOL_ERROR, "a frame without a mask");
    }
    boolean mayBePacked = packs && !frame.control() && frame.opcode() != FrameHeader.CONTINUATION;
    if (frame.rsv() != 0 && !(mayBePacked && frame.rsv() == FrameHeader.PACKED)) {
      throw violation(WebSocketCloseStatus.PROTOCOL_ERROR, "a reserved bit");
    }
    if (!frame.minimal()) {
      throw violation(
          WebSocketCloseStatus.PROTOCOL_ERROR, "a length in more bytes than it needs"); // 5.2
    }
    switch (frame.opcode()) {
      case FrameHeader.CLOSE, FrameHeader.PING, FrameHeader.PONG -> {
        if (!frame.fin() || frame.length() < 0 || frame.length() > FrameHeader.MAX_CONTROL) {
          throw violation(WebSocketCloseStatus.PROTOCOL_ERROR, "a control frame too long or cut");
        }
      }
      case FrameHeader.TEXT, FrameHeader.BINARY -> {
        if (fragments != null) {
          throw violation(WebSocketCloseStatus.PROTOCOL_ERROR, "a message inside another");
        }
        checkLength(frame.length(), 0, frame.rsv() != 0);
      }
      case FrameHeader.CONTINUATION -> {
        ByteBuf before = fragments;
        if (before == null) {
          throw violation(WebSocketCloseStatus.PROTOCOL_ERROR, "nothing to continue");
        }
        checkLength(frame.length(), before.readableBytes(), (firstByte & FrameHeader.RSV1) != 0);
      }
      default -> throw violation(WebSocketCloseStatus.PROTOCOL_ERROR, "a reserved opcode");
    }
  }

  private void checkLength(long length, int before, boolean packed) {
    if (length < 0) {
      throw violation(WebSocketCloseStatus.PROTOCOL_ERROR, "a length of more than 63 bits");
    }
    if (length > (packed ? Deflate.longest(max) : max) - before) {
      throw tooBig();
    }
  }

  private void fragment(FrameHeader frame, ByteBuf payload) {
    ByteBuf all = fragments;
    if (all == null) {
      firstByte = frame.rsv() << 4 | frame.opcode();
      // A copy of its own: a slice would keep what was read with it.
      fragments = context().alloc().buffer(payload.readableBytes()).writeBytes(payload);
    } else {
      all.writeBytes(payload);
    }
  }

  @Override
  protected WebSocketFrame readMessage(ByteBuf in, int length) {
    FrameHeader frame = FrameHeader.peek(in);
    if (frame == null) {
      throw new AssertionError("the frame was whole before");
    }
    ByteBuf payload = frame.read(in);
    ByteBuf all = fragments;
    int first = frame.rsv() << 4 | frame.opcode();
    if (all == null) {
      payload.retain();
    } else {
      payload = all.writeBytes(payload);
      first = firstByte;
      fragments = null;
    }
    if ((first & FrameHeader.RSV1) != 0) {
      payload = unpacked(payload);
    }
    return switch (first & 0xF) {
      case FrameHeader.TEXT -> new TextWebSocketFrame(text(payload));
      default -> new BinaryWebSocketFrame(payload);
    };
  }

  /** Releases the payload. */
  private ByteBuf unpacked(ByteBuf payload) {
    try {
      ByteBuf unpacked = Deflate.unpack(context().alloc(), payload, max);
      if (unpacked == null) {
        throw tooBig();
      }
      return unpacked;
    } catch (DataFormatException _) {
      throw violation(WebSocketCloseStatus.INVALID_PAYLOAD_DATA, "a message cannot be unpacked");
    } finally {
      payload.release();
    }
  }

  private ByteBuf text(ByteBuf payload) {
    if (!ByteBufUtil.isText(payload, StandardCharsets.UTF_8)) {
      payload.release();
      throw violation(WebSocketCloseStatus.INVALID_PAYLOAD_DATA, "a text is not UTF-8");
    }
    return payload;
  }

  private void control(int opcode, ByteBuf payload) {
    switch (opcode) {
      case FrameHeader.PING -> ping(payload);
      case FrameHeader.CLOSE -> closed(payload);
      default -> {
        // A pong needs no answer, whether it was asked for or not.
      }
    }
  }

  private void ping(ByteBuf payload) {
    if (unanswered != null) {
      unanswered.release();
    }
    unanswered = payload.copy();
    pong();
  }

  /** Answers the latest ping unless too much waits for the client already. */
  private void pong() {
    ByteBuf payload = unanswered;
    if (payload != null && context().channel().isWritable()) {
      unanswered = null;
      wrote = true;
      var _ = context().write(new PongWebSocketFrame(payload), context().voidPromise());
    }
  }

  /** The client's close (RFC 6455, 5.5.1), which is echoed unless it is an echo itself. */
  private void closed(ByteBuf payload) {
    if (payload.isReadable()) {
      if (payload.readableBytes() < Short.BYTES) {
        throw violation(WebSocketCloseStatus.PROTOCOL_ERROR, "a close code of one byte");
      }
      int code = payload.getUnsignedShort(payload.readerIndex());
      if (!isCloseCode(code)) {
        throw violation(WebSocketCloseStatus.PROTOCOL_ERROR, "close code " + code);
      }
      int reason = payload.readerIndex() + Short.BYTES;
      if (!ByteBufUtil.isText(
          payload, reason, payload.writerIndex() - reason, StandardCharsets.UTF_8)) {
        throw violation(WebSocketCloseStatus.INVALID_PAYLOAD_DATA, "a close reason is not UTF-8");
      }
    }
    if (resume.tokens() != null && isGoingAway(payload)) {
      lost = true;
      return;
    }
    closeCame = true;
    CloseReason why = encoder.closedBy();
    if (why == null) {
      why = CloseReason.CLIENT;
      farewell =
          payload.isReadable()
              ? new WebSocketCloseStatus(payload.readUnsignedShort(), "")
              : WebSocketCloseStatus.EMPTY;
    }
    window.end(why);
  }

  /** A page that is left or loaded again says so; the next one may go on with the session. */
  private boolean isGoingAway(ByteBuf payload) {
    return encoder.closedBy() == null
        && payload.isReadable()
        && payload.getUnsignedShort(payload.readerIndex())
            == WebSocketCloseStatus.ENDPOINT_UNAVAILABLE.code();
  }

  /** Codes that may be sent (RFC 6455, 7.4; IANA's registry adds 1012 to 1014). */
  static boolean isCloseCode(int code) {
    return (code >= 1000 && code <= 1003)
        || (code >= 1007 && code <= 1014)
        || (code >= 3000 && code <= 4999);
  }

  private DecoderException tooBig() {
    return violation(
        WebSocketCloseStatus.MESSAGE_TOO_BIG, "a message is longer than %d bytes".formatted(max));
  }

  private DecoderException violation(WebSocketCloseStatus status, String what) {
    farewell = new WebSocketCloseStatus(status.code(), what);
    return new CorruptedWebSocketFrameException(status, what);
  }

  @Override
  protected void decodeComplete(ChannelHandlerContext ctx) {
    if (wrote) {
      wrote = false;
      ctx.flush();
    }
    if (lost) {
      ctx.fireExceptionCaught(new ClosedChannelException());
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    pong();
    decodeComplete(ctx);
    ctx.fireChannelWritabilityChanged();
  }

  /**
   * All that is not used up, as a client could have sent it: the ping that is to be answered, what
   * came of a message as one fragment, and the rest as it came.
   */
  ByteBuffer saved() {
    ByteBuffer rest = unread();
    ByteBuf all = Unpooled.buffer();
    ByteBuf ping = unanswered;
    if (ping != null) {
      FrameHeader.writeMasked(all, FrameHeader.FIN | FrameHeader.PING, ping.readableBytes());
      all.writeBytes(ping.duplicate());
    }
    ByteBuf before = fragments;
    if (before != null) {
      FrameHeader.writeMasked(all, firstByte, before.readableBytes());
      all.writeBytes(before.duplicate());
    }
    return all.writeBytes(rest).nioBuffer();
  }

  /**
   * The whole messages that wait, as a client could have sent them: what has begun behind them was
   * lost with its connection.
   */
  ByteBuffer waiting() {
    ByteBuffer all = saved();
    ByteBuf in = Unpooled.wrappedBuffer(all);
    int end = 0;
    boolean inside = false;
    FrameHeader frame = FrameHeader.peek(in);
    while (frame != null && frame.length() >= 0 && in.readableBytes() >= frame.size()) {
      in.skipBytes((int) frame.size());
      inside = frame.control() ? inside : !frame.fin();
      end = inside ? end : in.readerIndex();
      frame = FrameHeader.peek(in);
    }
    return all.slice(0, end);
  }

  @Override
  protected int heldBytes() {
    return capacity(fragments) + capacity(unanswered);
  }

  private static int capacity(@Nullable ByteBuf bytes) {
    return bytes == null ? 0 : bytes.capacity();
  }

  @Override
  protected void releaseHeld() {
    if (fragments != null) {
      fragments.release();
      fragments = null;
    }
    if (unanswered != null) {
      unanswered.release();
      unanswered = null;
    }
  }
}
