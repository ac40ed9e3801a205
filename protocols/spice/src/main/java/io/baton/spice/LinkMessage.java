package io.baton.spice;

import io.netty.buffer.ByteBuf;

/**
 * The client's first message on each connection: which channel of which session it wants
 * (SpiceLinkHeader, SpiceLinkMess).
 *
 * @param connectionId the session's id; 0 for a new session
 * @param channelType the channel's number
 * @param channelId which one of several channels of that type
 * @param commonCaps the first word of the capabilities that all channels share
 * @param channelCaps the first word of the channel's capabilities
 */
record LinkMessage(
    int connectionId, int channelType, int channelId, int commonCaps, int channelCaps) {
  static final int MAGIC = 0x51444552; // REDQ
  static final int MAJOR = 2;
  static final int MINOR = 2;

  /** Bytes of magic, version and size. */
  static final int HEADER = 16;

  /** Bytes that are there without capabilities. */
  private static final int FIXED = 18;

  /** Most bytes behind the header. */
  static final int MAX_SIZE = 2048;

  /** The link message as far as it has arrived. */
  sealed interface Arrival {}

  /** More has to arrive. */
  record Incomplete() implements Arrival {}

  /** It is no link message. */
  record Malformed(LinkError error) implements Arrival {}

  /** All of it is there. */
  record Whole(LinkMessage message) implements Arrival {}

  /** Reads the message, which is consumed if it is whole. */
  static Arrival read(ByteBuf in) {
    int from = in.readerIndex();
    int there = in.readableBytes();
    if (there >= Integer.BYTES && in.getIntLE(from) != MAGIC) {
      return new Malformed(LinkError.INVALID_MAGIC);
    }
    if (there >= 2 * Integer.BYTES && in.getIntLE(from + 4) != MAJOR) {
      return new Malformed(LinkError.VERSION_MISMATCH);
    }
    if (there < HEADER) {
      return new Incomplete();
    }
    int size = in.getIntLE(from + 12);
    if (size < FIXED || size > MAX_SIZE) {
      return new Malformed(LinkError.INVALID_DATA);
    }
    if (there < HEADER + size) {
      return new Incomplete();
    }
    in.skipBytes(HEADER);
    return body(in.readSlice(size));
  }

  /** Writes the message, in the form of a client that has no further capabilities. */
  void write(ByteBuf out) {
    out.writeIntLE(MAGIC).writeIntLE(MAJOR).writeIntLE(MINOR).writeIntLE(FIXED + 2 * Integer.BYTES);
    out.writeIntLE(connectionId).writeByte(channelType).writeByte(channelId);
    out.writeIntLE(1).writeIntLE(1).writeIntLE(FIXED);
    out.writeIntLE(commonCaps).writeIntLE(channelCaps);
  }

  private static Arrival body(ByteBuf body) {
    long common = body.getUnsignedIntLE(6);
    long channel = body.getUnsignedIntLE(10);
    long offset = body.getUnsignedIntLE(14);
    if (offset < FIXED || offset + (common + channel) * Integer.BYTES > body.capacity()) {
      return new Malformed(LinkError.INVALID_DATA);
    }
    return new Whole(
        new LinkMessage(
            body.getIntLE(0),
            body.getUnsignedByte(4),
            body.getUnsignedByte(5),
            common == 0 ? 0 : body.getIntLE((int) offset),
            channel == 0 ? 0 : body.getIntLE((int) (offset + common * Integer.BYTES))));
  }
}
