package io.baton.softbus;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.DefaultByteBufHolder;
import io.netty.buffer.Unpooled;

/**
 * The messages between the codec and a service. {@link SoftBusServers} is the service that knows
 * them, and session servers need not.
 */
public sealed interface SoftBusMessage {

  /** What the codec reads and a service receives: first the opening, then data. */
  sealed interface Input extends SoftBusMessage {}

  /** What a service sends and the codec writes: consent, then data. */
  sealed interface Output extends SoftBusMessage {}

  /**
   * The client wants a session.
   *
   * @param name of the session server
   * @param keyIndex of the authentication key that the client has shown to have
   */
  record Opening(String name, long keyIndex) implements Input {}

  /** The session is accepted. The first data says so, too. */
  record Accept() implements Output {}

  /** The data of one frame, in either direction. Its bytes are on the heap. */
  final class Data extends DefaultByteBufHolder implements Input, Output {

    /**
     * @param bytes may not be changed any more
     */
    public Data(byte[] bytes) {
      this(Unpooled.wrappedBuffer(bytes));
    }

    private Data(ByteBuf content) {
      super(content);
    }

    /** Returns a copy of the bytes. */
    public byte[] bytes() {
      return ByteBufUtil.getBytes(content());
    }

    @Override
    public Data replace(ByteBuf content) {
      return new Data(content);
    }
  }
}
