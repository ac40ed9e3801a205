package io.baton.softbus;

import io.baton.softbus.wire.AuthenticationKeys;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/**
 * The settings of a bus, which a module reads from its block in the configuration:
 *
 * <pre>
 *   baton.modules.NAME {
 *     keys = "/etc/baton/softbus.keys"  # file of authentication keys, see AuthenticationKeys
 *     device-id = "baton"               # what replies call this device
 *     max-data = 4096                   # most bytes of data in a frame, both ways
 *   }
 * </pre>
 *
 * @param keys the authentication keys
 * @param deviceId 1 to {@value #MAX_DEVICE_ID_BYTES} bytes of UTF-8
 * @param maxData most bytes of data in a frame, 1 to {@value #MAX_MAX_DATA}
 */
public record SoftBusSettings(AuthenticationKeys keys, String deviceId, int maxData) {
  /** Most bytes of a device's id, as in the original. */
  public static final int MAX_DEVICE_ID_BYTES = 95;

  /** The highest bound of a frame's data. */
  public static final int MAX_MAX_DATA = 1024 * 1024;

  /** The default bound of a frame's data, more than the original sends. */
  public static final int DEFAULT_MAX_DATA = 4096;

  private static final String DEFAULT_DEVICE_ID = "baton";

  /**
   * @throws IllegalArgumentException if one is out of range
   */
  public SoftBusSettings {
    int length = deviceId.getBytes(StandardCharsets.UTF_8).length;
    if (length < 1 || length > MAX_DEVICE_ID_BYTES) {
      throw new IllegalArgumentException(
          "device-id has %d bytes; allowed: 1 to %d".formatted(length, MAX_DEVICE_ID_BYTES));
    }
    if (maxData < 1 || maxData > MAX_MAX_DATA) {
      throw new IllegalArgumentException(
          "max-data is %d; allowed: 1 to %d bytes".formatted(maxData, MAX_MAX_DATA));
    }
  }

  /** Makes settings with the defaults but for the keys. */
  public static SoftBusSettings of(AuthenticationKeys keys) {
    return new SoftBusSettings(keys, DEFAULT_DEVICE_ID, DEFAULT_MAX_DATA);
  }

  /**
   * Reads a module's block, and the file of keys that it names. Other keys of the block are left to
   * the module.
   *
   * @throws IllegalArgumentException if something is missing or not allowed; the text says what is
   */
  public static SoftBusSettings read(Map<String, Object> block) {
    if (!(block.get("keys") instanceof String file) || !Path.of(file).isAbsolute()) {
      throw new IllegalArgumentException(
          "keys is %s; allowed: the absolute path of a file of authentication keys"
              .formatted(block.get("keys")));
    }
    return new SoftBusSettings(
        AuthenticationKeys.read(Path.of(file)),
        text(block.getOrDefault("device-id", DEFAULT_DEVICE_ID)),
        number(block.getOrDefault("max-data", DEFAULT_MAX_DATA)));
  }

  private static String text(Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw new IllegalArgumentException("device-id is " + value + "; allowed: a text");
  }

  private static int number(Object value) {
    if (value instanceof Number number && number.doubleValue() == number.intValue()) {
      return number.intValue();
    }
    throw new IllegalArgumentException("max-data is " + value + "; allowed: a number of bytes");
  }
}
