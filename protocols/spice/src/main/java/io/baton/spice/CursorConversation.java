package io.baton.spice;

import io.netty.buffer.ByteBuf;

/** The cursor channel: the client shows its own pointer, so nothing but the beginning is said. */
final class CursorConversation extends Conversation {
  /** The flag of a cursor that has no shape. */
  private static final int NONE = 1;

  private final Channels channels;

  CursorConversation(Channels channels, SpiceChannel channel) {
    super(ChannelType.CURSOR, channel);
    this.channels = channels;
  }

  @Override
  Channels channels() {
    return channels;
  }

  @Override
  void begin() {
    channel().sendSetAck();
    channel()
        .send(
            Messages.CURSOR_INIT,
            channel()
                .body(11)
                .writeZero(8) // position, trail's length and frequency
                .writeByte(1) // visible
                .writeShortLE(NONE));
    channel().flush();
  }

  @Override
  boolean handsOut(int message) {
    return false;
  }

  @Override
  int minBody(int message) {
    return 0;
  }

  @Override
  SpiceInput read(int message, ByteBuf body) {
    throw new IllegalStateException("the cursor channel hands nothing out");
  }

  @Override
  void receive(int message, ByteBuf body) {
    // There is nothing that a client says here.
  }
}
