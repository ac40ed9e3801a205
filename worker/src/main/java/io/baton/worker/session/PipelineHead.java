package io.baton.worker.session;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerAdapter;

/**
 * The first handler of each pipeline, one object for all: where bytes enter that were not read just
 * now, and where bytes leave that no codec is to see again. It handles nothing, so all else passes
 * it by.
 */
@Sharable
final class PipelineHead extends ChannelHandlerAdapter {
  static final PipelineHead INSTANCE = new PipelineHead();

  private PipelineHead() {}
}
