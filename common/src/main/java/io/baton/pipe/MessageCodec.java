package io.baton.pipe;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of a packet: its messages, one after the other. The bytes of each message are in {@link
 * MessageType}.
 */
public final class MessageCodec {
  private MessageCodec() {}

  /**
   * Appends a message.
   *
   * @param to little-endian
   * @throws java.nio.BufferOverflowException if the message does not fit
   */
  public static void write(Message message, ByteBuffer to) {
    MessageType.write(message, new FieldWriter(to));
  }

  /**
   * Reads all messages of a packet.
   *
   * @param packet little-endian, from its position to its limit
   * @throws MalformedMessageException if the packet is empty or any message in it is malformed
   */
  public static List<Message> read(ByteBuffer packet) throws MalformedMessageException {
    FieldReader from = new FieldReader(packet);
    List<Message> messages = new ArrayList<>(1);
    try {
      do {
        if (messages.size() == Message.MAX_MESSAGES) {
          throw new MalformedMessageException("more than " + Message.MAX_MESSAGES + " messages");
        }
        messages.add(MessageType.read(from));
      } while (!from.isAtEnd());
      return messages;
    } catch (BufferUnderflowException _) {
      throw new MalformedMessageException("a message that ends too early");
    }
  }
}
