package io.baton.pipe;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The types of the messages of one kind of connection, by their codes and by their records. A
 * message's bytes are its type's code as a u8, then what the type writes. Immutable.
 *
 * @param <T> all of the messages
 */
public final class MessageTable<T> {
  private static final int CODES = 256;

  /** Writes the fields of a message. */
  public interface Writer<M> {
    void write(M message, FieldWriter to);
  }

  /** Reads the fields of a message. */
  public interface Reader<M> {
    M read(FieldReader from) throws MalformedMessageException;
  }

  /**
   * A type of messages.
   *
   * @param code from 0 to 255
   */
  public record Entry<M>(int code, Class<M> record, Writer<M> writer, Reader<M> reader) {
    private void write(Object message, FieldWriter to) {
      writer.write(record.cast(message), to.u8(code));
    }
  }

  private final Map<Class<?>, Entry<? extends T>> byRecord = new HashMap<>();
  private final List<@Nullable Entry<? extends T>> byCode =
      new ArrayList<>(Collections.nCopies(CODES, null));

  /**
   * A table of these types.
   *
   * @throws IllegalArgumentException if two have the same code or record
   */
  public MessageTable(List<? extends Entry<? extends T>> types) {
    for (Entry<? extends T> each : types) {
      if (byRecord.put(each.record, each) != null || byCode.set(each.code, each) != null) {
        throw new IllegalArgumentException("two types with a code or a record of " + each);
      }
    }
  }

  /** Writes a message of any of the types. */
  public void write(T message, FieldWriter to) {
    Entry<? extends T> type = byRecord.get(message.getClass());
    if (type == null) {
      throw new IllegalStateException("no type for " + message.getClass());
    }
    type.write(message, to);
  }

  /** Reads a message of any of the types. */
  public T read(FieldReader from) throws MalformedMessageException {
    int code = from.u8();
    Entry<? extends T> type = byCode.get(code);
    if (type == null) {
      throw FieldReader.unknown("message type", code);
    }
    return type.reader.read(from);
  }
}
