package io.baton.worker.session;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * The first handler of each pipeline, one object for all: where bytes enter that were not read just
 * now, and where bytes leave that no codec is to see again. All passes it by, except errors on a
 * channel that its session has left: what was written last and could not be sent is nobody's
 * matter.
 */
@Sharable
final class PipelineHead extends ChannelInboundHandlerAdapter {
  static final PipelineHead INSTANCE = new PipelineHead();

  private PipelineHead() {}

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!equals(ctx.pipeline().last())) {
      ctx.fireExceptionCaught(cause);
    }
  }
}
