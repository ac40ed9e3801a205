package io.baton.worker.codec.raw;

import io.baton.worker.codec.Window;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Holds what was read, as bytes, while the window is shut, and the end of input behind it. For a
 * codec whose messages are the reads.
 */
final class Gate extends ChannelInboundHandlerAdapter {
  private final Window window;
  private final Queue<ByteBuf> kept = new ArrayDeque<>(0);
  private @Nullable ChannelHandlerContext ctx;
  private @Nullable Object end;

  Gate(Window window) {
    this.window = window;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    this.ctx = ctx;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    if (kept.isEmpty() && window.open()) {
      ctx.fireChannelRead(msg);
    } else {
      kept.add((ByteBuf) msg);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object evt) {
    if (evt instanceof ChannelInputShutdownEvent && !kept.isEmpty()) {
      end = evt;
    } else {
      ctx.fireUserEventTriggered(evt);
    }
  }

  /** Hands out what was kept, as far as the window allows. */
  void resume() {
    ChannelHandlerContext to = ctx;
    if (to == null) {
      return;
    }
    while (!kept.isEmpty() && window.open()) {
      to.fireChannelRead(kept.remove());
    }
    Object last = end;
    if (kept.isEmpty() && last != null) {
      end = null;
      to.fireUserEventTriggered(last);
    }
  }

  /** A copy of what is kept. */
  ByteBuffer unread() {
    ByteBuffer all = ByteBuffer.allocate(kept.stream().mapToInt(ByteBuf::readableBytes).sum());
    kept.forEach(each -> all.put(each.nioBuffer()));
    return all.flip();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    kept.forEach(ReferenceCountUtil::release);
    kept.clear();
  }
}
