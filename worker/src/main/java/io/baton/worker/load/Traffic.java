package io.baton.worker.load;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;

/** Counts the bytes of all connections; first in each pipeline, one object for all. */
@Sharable
public final class Traffic extends ChannelDuplexHandler {
  private final Tally tally;

  public Traffic(Tally tally) {
    this.tally = tally;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    if (msg instanceof ByteBuf bytes) {
      tally.bytesIn(bytes.readableBytes());
    }
    ctx.fireChannelRead(msg);
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    if (msg instanceof ByteBuf bytes) {
      tally.bytesOut(bytes.readableBytes());
    }
    var _ = ctx.write(msg, promise);
  }
}
