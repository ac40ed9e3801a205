package io.baton.softbus;

import io.baton.softbus.wire.Ivs;
import io.baton.softbus.wire.SessionReply;
import io.baton.softbus.wire.SessionRequest;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.EncoderException;
import io.netty.handler.codec.MessageToMessageEncoder;
import java.util.List;

/** The encoder of one session: writes the reply before anything else, and frames. */
final class SoftBusEncoder extends MessageToMessageEncoder<SoftBusMessage.Output> {
  private final Conversation conversation;
  private final SoftBusSettings settings;
  private final Ivs ivs;

  SoftBusEncoder(Conversation conversation, SoftBusSettings settings, Ivs ivs) {
    super(SoftBusMessage.Output.class);
    this.conversation = conversation;
    this.settings = settings;
    this.ivs = ivs;
  }

  @Override
  protected void encode(
      ChannelHandlerContext ctx, SoftBusMessage.Output message, List<Object> out) {
    SessionRequest request = conversation.reply();
    if (request != null) {
      SessionReply reply = new SessionReply(settings.deviceId(), request.name());
      out.add(Unpooled.wrappedBuffer(reply.packet(request.under(), ivs)));
    }
    switch (message) {
      case SoftBusMessage.Accept _ -> {
        if (out.isEmpty()) {
          out.add(Unpooled.EMPTY_BUFFER); // it was accepted before
        }
      }
      case SoftBusMessage.Data data -> out.add(Unpooled.wrappedBuffer(frame(data)));
    }
  }

  private byte[] frame(SoftBusMessage.Data data) {
    int length = data.content().readableBytes();
    if (length < 1 || length > settings.maxData()) {
      throw new EncoderException(
          "the service sends %d bytes; allowed: 1 to %d".formatted(length, settings.maxData()));
    }
    return conversation.sealer().seal(data.bytes());
  }
}
