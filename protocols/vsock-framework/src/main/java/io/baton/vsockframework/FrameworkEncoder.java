package io.baton.vsockframework;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.EncoderException;
import io.netty.handler.codec.MessageToMessageEncoder;
import java.util.List;

/** The encoder of all sessions of a codec. */
@Sharable
final class FrameworkEncoder extends MessageToMessageEncoder<FrameworkMessage> {
  private final FrameFormat format;

  FrameworkEncoder(FrameFormat format) {
    super(FrameworkMessage.class);
    this.format = format;
  }

  @Override
  protected void encode(ChannelHandlerContext ctx, FrameworkMessage message, List<Object> out) {
    int length = message.content().readableBytes();
    if (length > format.maxMessage() || format.isClock(message.type())) {
      throw new EncoderException(
          "the service sends type %d with %d bytes; allowed: types of messages, 0 to %d bytes"
              .formatted(message.type(), length, format.maxMessage()));
    }
    out.add(format.frame(message.type(), message.content()));
  }
}
