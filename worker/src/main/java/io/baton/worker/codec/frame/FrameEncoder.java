package io.baton.worker.codec.frame;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;

/** The length and, uncopied, the message; one gathering write takes both. */
@Sharable
final class FrameEncoder extends ChannelOutboundHandlerAdapter {
  static final FrameEncoder INSTANCE = new FrameEncoder();

  private FrameEncoder() {}

  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    ByteBuf message = (ByteBuf) msg;
    ByteBuf prefix = ctx.alloc().buffer(FrameDecoder.PREFIX).writeInt(message.readableBytes());
    var _ = ctx.write(prefix, ctx.voidPromise());
    var _ = ctx.write(message, promise);
  }
}
