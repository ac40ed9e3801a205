package io.baton.worker.run;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerAdapter;

/**
 * First in each pipeline, one object for all: where bytes begin their way through a codec that did
 * not come from a read. It handles nothing, so those of a read pass it by.
 */
@Sharable
final class Entrance extends ChannelHandlerAdapter {
  static final Entrance INSTANCE = new Entrance();

  private Entrance() {}
}
