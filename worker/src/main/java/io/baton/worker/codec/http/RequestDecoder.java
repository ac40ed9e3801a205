package io.baton.worker.codec.http;

import io.baton.worker.codec.Window;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Netty's decoder, made to wait: while the window is shut it decodes nothing, and what it has stays
 * bytes. One read can hold a hundred pipelined requests; as bytes they cost what they cost on the
 * wire.
 */
final class RequestDecoder extends HttpRequestDecoder {
  private final Window window;
  private boolean inside;
  private boolean waiting;
  private @Nullable ChannelHandlerContext ctx;
  private @Nullable Object end;

  RequestDecoder(HttpDecoderConfig config, Window window) {
    super(config);
    this.window = window;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
    this.ctx = ctx;
    super.handlerAdded(ctx);
  }

  /** Whether no byte of a request has come that is not handed out. */
  boolean atBoundary() {
    return !inside && actualReadableBytes() == 0;
  }

  /** Decodes what has waited. */
  void resume() {
    ChannelHandlerContext to = ctx;
    if (to == null) {
      return;
    }
    waiting = false;
    try {
      channelRead(to, Unpooled.EMPTY_BUFFER);
      Object last = end;
      if (last != null && !waiting) {
        end = null;
        super.userEventTriggered(to, last);
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
    inside = true;
    super.decode(ctx, buffer, out);
    // The request's end may be followed by the next one's bytes, but these are not decoded yet.
    if (!out.isEmpty() && out.getLast() instanceof LastHttpContent) {
      inside = false;
    }
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
    } else {
      super.userEventTriggered(ctx, evt);
    }
  }
}
