package io.baton.worker.run;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerAdapter;

/**
 * First in each pipeline, one object for all: where bytes come in to a codec that did not come from
 * a read just now, and where bytes go out that no codec is to see again. It handles nothing, so all
 * others pass it by.
 */
@Sharable
final class Entrance extends ChannelHandlerAdapter {
  static final Entrance INSTANCE = new Entrance();

  private Entrance() {}
}
