package io.baton.vsockframework;

import io.baton.vsockframework.cereal.CerealException;
import io.baton.vsockframework.cereal.CerealFormat;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** The table of a peer's messages: a record for each number of a type. Immutable. */
public final class MessageTypes {
  /** The most types. */
  public static final int MAX_TYPES = 65_536;

  private final Map<Integer, CerealFormat<? extends Record>> formats = new TreeMap<>();
  private final Map<Class<?>, Integer> numbers = new HashMap<>();

  private MessageTypes(Map<Integer, ? extends Class<? extends Record>> records) {
    if (records.isEmpty() || records.size() > MAX_TYPES) {
      throw new IllegalArgumentException(
          "there are %d types; allowed: 1 to %d".formatted(records.size(), MAX_TYPES));
    }
    records.forEach((number, type) -> {
      if (number < 0) {
        throw new IllegalArgumentException("type %d; allowed: 0 or more".formatted(number));
      }
      formats.put(number, CerealFormat.of(type));
      Integer other = numbers.putIfAbsent(type, number);
      if (other != null) {
        throw new IllegalArgumentException(
            "types %d and %d are both %s; allowed: a record of its own for each"
                .formatted(Math.min(other, number), Math.max(other, number), type.getName()));
      }
    });
  }

  /**
   * Makes a table.
   *
   * @throws IllegalArgumentException if there is no record, a number is negative, a record comes
   *     twice or has no form; the text says which
   */
  public static MessageTypes of(Map<Integer, ? extends Class<? extends Record>> records) {
    return new MessageTypes(records);
  }

  /**
   * Reads a table of the configuration, from numbers to names of classes.
   *
   * @param loader finds the classes: the one of the module that they are in
   * @throws IllegalArgumentException if one is not allowed; the text says which
   */
  static MessageTypes read(Object block, ClassLoader loader) {
    if (!(block instanceof Map<?, ?> table) || table.isEmpty()) {
      throw new IllegalArgumentException(
          "types is %s; allowed: { NUMBER = \"CLASS\", ... }".formatted(block));
    }
    Map<Integer, Class<? extends Record>> records = new TreeMap<>();
    table.forEach((number, name) ->
        records.put(number(String.valueOf(number)), record(number, name, loader)));
    return of(records);
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "types has \"%s\"; allowed: numbers of types, 0 to %d".formatted(text, Integer.MAX_VALUE),
          e);
    }
  }

  private static Class<? extends Record> record(Object number, Object name, ClassLoader loader) {
    try {
      Class<?> found = Class.forName(String.valueOf(name), false, loader);
      if (found.isRecord()) {
        return found.asSubclass(Record.class);
      }
    } catch (ClassNotFoundException | LinkageError e) {
      throw new IllegalArgumentException(
          "types.%s is %s; allowed: a record in the module's jar".formatted(number, name), e);
    }
    throw new IllegalArgumentException(
        "types.%s is %s, which is no record; allowed: records".formatted(number, name));
  }

  /** Returns whether a type has this number. */
  boolean has(int number) {
    return formats.containsKey(number);
  }

  /** Returns the most bytes of heap that a message's record takes; 0 if it has none. */
  long heapBytes(int number, int bytes) {
    CerealFormat<? extends Record> format = formats.get(number);
    return format == null ? 0 : format.heapBytes(bytes);
  }

  /**
   * Reads a message.
   *
   * @throws MalformedMessageException if its type is not in the table, or its body not of its type
   */
  Record read(FrameworkMessage message) throws MalformedMessageException {
    CerealFormat<? extends Record> format = formats.get(message.type());
    if (format == null) {
      throw new MalformedMessageException(
          message.type(), "is unknown; allowed: " + formats.keySet(), null);
    }
    try {
      return format.read(message.body());
    } catch (CerealException e) {
      throw new MalformedMessageException(message.type(), e.getMessage(), e);
    }
  }

  /**
   * Writes a message.
   *
   * @param max the most bytes of its body
   * @throws IllegalArgumentException if the record is not in the table, too long, or has a null
   */
  FrameworkMessage write(Record message, int max) {
    Integer number = numbers.get(message.getClass());
    CerealFormat<? extends Record> format = number == null ? null : formats.get(number);
    if (number == null || format == null) {
      throw new IllegalArgumentException(
          "%s is not a type's record; there are types %s"
              .formatted(message.getClass().getName(), formats.keySet()));
    }
    try {
      return new FrameworkMessage(number, write(format, message, max));
    } catch (CerealException e) {
      throw new IllegalArgumentException("type %d: %s".formatted(number, e.getMessage()), e);
    }
  }

  private static <T extends Record> byte[] write(CerealFormat<T> format, Record message, int max)
      throws CerealException {
    return format.write(format.type().cast(message), max);
  }
}
