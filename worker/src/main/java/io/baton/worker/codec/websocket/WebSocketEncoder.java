package io.baton.worker.codec.websocket;

import io.baton.service.CloseReason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import org.jspecify.annotations.Nullable;

/** A server's frames. Nothing goes out behind a close frame (RFC 6455, 5.5.1). */
final class WebSocketEncoder extends ChannelOutboundHandlerAdapter {
  /** Shorter messages gain nothing from being packed. */
  private static final int LEAST_PACKED = 256;

  /** Up to this, copying is cheaper than one more piece in the gathering write. */
  private static final int MOST_COPIED = 1024;

  private final boolean packs;
  private @Nullable ChannelHandlerContext ctx;
  private @Nullable CloseReason closedBy;

  /**
   * @param packs whether permessage-deflate was agreed on
   */
  WebSocketEncoder(boolean packs) {
    this.packs = packs;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    this.ctx = ctx;
  }

  /** Why a close frame was sent; null if none was. */
  @Nullable CloseReason closedBy() {
    return closedBy;
  }

  /** Sends a close frame unless one was sent. */
  void close(CloseWebSocketFrame frame, CloseReason why) {
    ChannelHandlerContext to = ctx;
    if (to == null || closedBy != null) {
      frame.release();
      return;
    }
    closedBy = why;
    frame(to, frame, to.voidPromise());
    to.flush();
  }

  /** Sends what comes before all that the service sends. */
  void first(WebSocketFrame frame) {
    ChannelHandlerContext to = ctx;
    if (to == null) {
      frame.release();
      return;
    }
    frame(to, frame, to.voidPromise());
    to.flush();
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    WebSocketFrame frame = (WebSocketFrame) msg;
    if (closedBy != null) {
      frame.release();
      promise.trySuccess();
      return;
    }
    if (frame instanceof CloseWebSocketFrame) {
      closedBy = CloseReason.SERVICE;
    }
    frame(ctx, frame, promise);
  }

  private void frame(ChannelHandlerContext ctx, WebSocketFrame frame, ChannelPromise promise) {
    int first = (frame.isFinalFragment() ? FrameHeader.FIN : 0) | opcode(frame);
    ByteBuf payload = frame.content();
    if (packs && mayBePacked(frame)) {
      ByteBuf packed = Deflate.pack(ctx.alloc(), payload);
      if (packed != null) {
        payload.release();
        payload = packed;
        first |= FrameHeader.RSV1;
      }
    }
    write(ctx, first, payload, promise);
  }

  /**
   * Writes a frame to what is below.
   *
   * @param first its first byte
   * @param payload which is released
   */
  static void write(ChannelHandlerContext ctx, int first, ByteBuf payload, ChannelPromise promise) {
    int length = payload.readableBytes();
    if (length > MOST_COPIED) {
      ByteBuf header = ctx.alloc().buffer(FrameHeader.MAX_WRITTEN);
      FrameHeader.write(header, first, length);
      var _ = ctx.write(header, ctx.voidPromise());
      var _ = ctx.write(payload, promise);
    } else {
      ByteBuf whole = ctx.alloc().buffer(FrameHeader.MAX_WRITTEN + length);
      FrameHeader.write(whole, first, length);
      whole.writeBytes(payload);
      payload.release();
      var _ = ctx.write(whole, promise);
    }
  }

  private static boolean mayBePacked(WebSocketFrame frame) {
    return frame.isFinalFragment()
        && (frame instanceof TextWebSocketFrame || frame instanceof BinaryWebSocketFrame)
        && frame.content().readableBytes() >= LEAST_PACKED;
  }

  private static int opcode(WebSocketFrame frame) {
    return switch (frame) {
      case TextWebSocketFrame _ -> FrameHeader.TEXT;
      case BinaryWebSocketFrame _ -> FrameHeader.BINARY;
      case ContinuationWebSocketFrame _ -> FrameHeader.CONTINUATION;
      case PingWebSocketFrame _ -> FrameHeader.PING;
      case PongWebSocketFrame _ -> FrameHeader.PONG;
      case CloseWebSocketFrame _ -> FrameHeader.CLOSE;
      default -> throw new IllegalArgumentException("no frame of RFC 6455: " + frame);
    };
  }
}
