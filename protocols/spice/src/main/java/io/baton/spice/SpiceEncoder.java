package io.baton.spice;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import org.jspecify.annotations.Nullable;

/**
 * The way from the service, whose messages go through the main channel's pipeline, to the channel
 * that they are for.
 */
final class SpiceEncoder extends ChannelOutboundHandlerAdapter {
  private final SpiceDecoder decoder;

  SpiceEncoder(SpiceDecoder decoder) {
    this.decoder = decoder;
  }

  private Conversation.@Nullable Channels channels() {
    Conversation its = decoder.conversation();
    return its == null ? null : its.channels();
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    if (msg instanceof SpiceOutput output) {
      Conversation.Channels channels = channels();
      if (channels != null) {
        channels.output(output);
      }
      promise.trySuccess();
    } else {
      var _ = ctx.write(msg, promise);
    }
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    ctx.flush();
    Conversation.Channels channels = channels();
    if (channels != null) {
      channels.flush();
    }
  }
}
