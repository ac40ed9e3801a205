package io.baton.vsockframework;

import java.util.Map;
import java.util.OptionalInt;

/**
 * The settings of the framework, which both sides have to agree on and which a module reads from
 * its block in the configuration:
 *
 * <pre>
 *   baton.modules.NAME {
 *     small = 20               # bytes of a body that is sent inside of its head (SMALL_MESG_LIMIT_BYTES)
 *     max-message = 1048576    # most bytes of a body, both ways
 *     clock-type = 3           # number of the type of the clock's questions, or none
 *     types { 4 = "com.example.Talk" } # the record of each other type
 *   }
 * </pre>
 *
 * @param small a multiple of 4, 4 to {@value #MAX_SMALL}
 * @param maxMessage most bytes of a body, 1 to {@value #MAX_MAX_MESSAGE}
 * @param clockType empty: the clock is not asked
 * @param types the records of all other types
 */
public record VsockFrameworkSettings(
    int small, int maxMessage, OptionalInt clockType, MessageTypes types) {
  /** The highest bound of a message that is sent inside of its head. */
  public static final int MAX_SMALL = 64 * 1024;

  /** The highest bound of a message. */
  public static final int MAX_MAX_MESSAGE = 64 * 1024 * 1024;

  /** The default of {@link #small}, as in the original. */
  public static final int DEFAULT_SMALL = 20;

  /** The default of {@link #maxMessage}. */
  public static final int DEFAULT_MAX_MESSAGE = 1024 * 1024;

  /** The default of {@link #clockType}, as in the original's example. */
  public static final int DEFAULT_CLOCK_TYPE = 3;

  /**
   * @throws IllegalArgumentException if one is out of range
   */
  public VsockFrameworkSettings {
    if (small < Integer.BYTES || small > MAX_SMALL || small % Integer.BYTES != 0) {
      throw new IllegalArgumentException(
          "small is %d; allowed: multiples of 4 from 4 to %d bytes".formatted(small, MAX_SMALL));
    }
    if (maxMessage < 1 || maxMessage > MAX_MAX_MESSAGE) {
      throw new IllegalArgumentException(
          "max-message is %d; allowed: 1 to %d bytes".formatted(maxMessage, MAX_MAX_MESSAGE));
    }
    if (clockType.isPresent()) {
      int number = clockType.getAsInt();
      if (number < 0) {
        throw new IllegalArgumentException(
            "clock-type is %d; allowed: none, or 0 or more".formatted(number));
      }
      if (types.has(number)) {
        throw new IllegalArgumentException(
            "types.%d is the clock's; allowed: another number, or another clock-type"
                .formatted(number));
      }
    }
  }

  /** Makes settings with the defaults but for the types. */
  public static VsockFrameworkSettings of(MessageTypes types) {
    return new VsockFrameworkSettings(
        DEFAULT_SMALL, DEFAULT_MAX_MESSAGE, OptionalInt.of(DEFAULT_CLOCK_TYPE), types);
  }

  /**
   * Reads a module's block. Other keys of the block are left to the module.
   *
   * @param loader the class loader of the module that has the records, which is that of its class
   * @throws IllegalArgumentException if something is missing or not allowed; the text says what is
   */
  public static VsockFrameworkSettings read(Map<String, Object> block, ClassLoader loader) {
    Object clock = block.getOrDefault("clock-type", DEFAULT_CLOCK_TYPE);
    return new VsockFrameworkSettings(
        number("small", block.getOrDefault("small", DEFAULT_SMALL)),
        number("max-message", block.getOrDefault("max-message", DEFAULT_MAX_MESSAGE)),
        clock.equals("none") ? OptionalInt.empty() : OptionalInt.of(number("clock-type", clock)),
        MessageTypes.read(block.getOrDefault("types", Map.of()), loader));
  }

  private static int number(String key, Object value) {
    if (value instanceof Number number && number.doubleValue() == number.intValue()) {
      return number.intValue();
    }
    throw new IllegalArgumentException(key + " is " + value + "; allowed: a number");
  }
}
