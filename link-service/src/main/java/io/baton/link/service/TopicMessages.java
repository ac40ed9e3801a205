package io.baton.link.service;

import io.baton.link.TypeSet;
import io.baton.link.TypedMessages;
import io.baton.link.types.MalformedException;
import io.baton.link.types.SchemaException;
import io.baton.link.types.Types;
import io.baton.link.types.UndecodableException;
import io.baton.service.Topics;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The bytes of publications that are records: the length of the schema as u16, the schema of the
 * publisher's types, and the message. The schema goes with each of them, since a subscriber may be
 * in a worker with other types that has seen no message before, and nothing is stored. Any number
 * of sessions and threads may share one object.
 *
 * @param <M> the messages
 */
public final class TopicMessages<M> {
  private static final int MAX_SCHEMA_BYTES = Topics.MAX_MESSAGE_BYTES / 2;

  private final TypedMessages<M, M> messages;
  private final byte[] schema;

  /** Not shared with what clients announce, which is read as other messages. */
  private final SharedTypes others = new SharedTypes();

  /** Prepares for these types. */
  public TopicMessages(Types<M> types) {
    messages = new TypedMessages<>(types, types);
    schema = types.schema();
  }

  /**
   * Checks that a publication has room for messages.
   *
   * @throws IllegalArgumentException if the schema has more than 32 KiB
   */
  void requireRoom() {
    if (schema.length > MAX_SCHEMA_BYTES) {
      throw new IllegalArgumentException(
          "the schema of the types has %,d bytes; %,d are allowed of messages that are published"
              .formatted(schema.length, MAX_SCHEMA_BYTES));
    }
  }

  byte[] encode(M message) {
    int most = Topics.MAX_MESSAGE_BYTES - Short.BYTES - schema.length;
    ByteBuffer bytes = messages.encode(message, most);
    return ByteBuffer.allocate(Short.BYTES + schema.length + bytes.remaining())
        .putShort((short) schema.length)
        .put(schema)
        .put(bytes)
        .array();
  }

  M read(byte[] published) throws UndecodableException, MalformedException, SchemaException {
    ByteBuffer bytes = ByteBuffer.wrap(published);
    return messages.read(types(published, bytes), bytes);
  }

  /** Returns the publication as a message to a client, which shares its bytes. */
  LinkOutput relayed(byte[] published) {
    ByteBuffer bytes = ByteBuffer.wrap(published);
    try {
      return new LinkOutput.Message(types(published, bytes), bytes);
    } catch (MalformedException e) {
      throw foreign(e);
    }
  }

  static IllegalStateException foreign(MalformedException e) {
    return new IllegalStateException("a publication is no message of LinkTopics", e);
  }

  /** Takes the schema off the bytes, which are all of the publication's. */
  private TypeSet types(byte[] published, ByteBuffer bytes) throws MalformedException {
    int length = bytes.remaining() < Short.BYTES ? -1 : Short.toUnsignedInt(bytes.getShort());
    if (length < 0 || length > bytes.remaining()) {
      throw new MalformedException("a publication is cut off");
    }
    int from = bytes.position();
    bytes.position(from + length);
    if (Arrays.equals(published, from, from + length, schema, 0, schema.length)) {
      return messages.own();
    }
    return others.of(Arrays.copyOfRange(published, from, from + length));
  }
}
