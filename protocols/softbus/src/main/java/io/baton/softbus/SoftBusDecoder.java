package io.baton.softbus;

import io.baton.codec.CodecContext;
import io.baton.codec.WindowedDecoder;
import io.baton.service.Principal;
import io.baton.softbus.wire.DataFrame;
import io.baton.softbus.wire.SessionRequest;
import io.baton.softbus.wire.SoftBusException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.DecoderException;
import java.util.Optional;

/** The decoder of one session: cuts off the first packet and frames, and opens them. */
final class SoftBusDecoder extends WindowedDecoder {
  private final CodecContext context;
  private final Conversation conversation;
  private final SoftBusSettings settings;

  SoftBusDecoder(CodecContext context, Conversation conversation, SoftBusSettings settings) {
    super(context.window());
    this.context = context;
    this.conversation = conversation;
    this.settings = settings;
  }

  @Override
  protected int messageLength(ByteBuf in) {
    try {
      int length =
          conversation.isNew()
              ? SessionRequest.length(in.nioBuffer())
              : DataFrame.length(in.nioBuffer(), settings.maxData());
      if (length < 0) {
        return INCOMPLETE;
      }
      if (length > in.readableBytes()) {
        admit(length);
        return INCOMPLETE;
      }
      return length;
    } catch (SoftBusException e) {
      throw new DecoderException(e.getMessage(), e);
    }
  }

  @Override
  protected SoftBusMessage.Input readMessage(ByteBuf in, int length) {
    byte[] packet = ByteBufUtil.getBytes(in, in.readerIndex(), length);
    in.skipBytes(length);
    try {
      return conversation.isNew()
          ? opening(SessionRequest.open(settings.keys(), packet))
          : new SoftBusMessage.Data(conversation.opener().open(packet));
    } catch (SoftBusException e) {
      throw new DecoderException(e.getMessage(), e);
    }
  }

  private SoftBusMessage.Input opening(SessionRequest request) {
    long keyIndex = request.under().index();
    conversation.ask(request);
    context.identity().principal(Optional.of(new Principal("key-" + keyIndex)));
    return new SoftBusMessage.Opening(request.name(), keyIndex);
  }
}
