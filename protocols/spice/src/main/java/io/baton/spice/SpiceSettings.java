package io.baton.spice;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The settings of a server of SPICE.
 *
 * @param password what clients have to know; empty if all may connect
 * @param name what the server is called in the client's window; may be empty
 * @param ping the time between two questions whether the client is still there
 */
public record SpiceSettings(Optional<String> password, String name, Duration ping) {
  /** The most bytes of a password in UTF-8, as RSA of 1,024 bits encrypts them. */
  public static final int MAX_PASSWORD = 60;

  /** The most bytes of a name in UTF-8. */
  public static final int MAX_NAME = 256;

  private static final Duration PING = Duration.ofSeconds(25);

  /** Anyone may connect. */
  public static final SpiceSettings DEFAULT = new SpiceSettings(Optional.empty(), "", PING);

  /**
   * @throws IllegalArgumentException if the password or the name is too long, or the password is
   *     empty
   */
  public SpiceSettings {
    password.ifPresent(text -> {
      if (text.isEmpty() || bytes(text) > MAX_PASSWORD) {
        throw new IllegalArgumentException(
            "a password has 1 to %d bytes, this one has %d".formatted(MAX_PASSWORD, bytes(text)));
      }
    });
    if (bytes(name) > MAX_NAME) {
      throw new IllegalArgumentException(
          "a name has at most %d bytes, this one has %d".formatted(MAX_NAME, bytes(name)));
    }
    if (!ping.isPositive()) {
      throw new IllegalArgumentException("the time between two pings is more than 0, not " + ping);
    }
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /**
   * Reads them from a module's block of the configuration, whose keys are {@code password} and
   * {@code name}.
   *
   * @throws IllegalArgumentException if there is another key, or a value is not allowed
   */
  public static SpiceSettings of(Map<String, Object> block) {
    TreeSet<String> unknown = new TreeSet<>(block.keySet());
    unknown.remove("password");
    unknown.remove("name");
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException("unknown keys " + unknown + "; allowed: name, password");
    }
    return new SpiceSettings(text(block, "password"), text(block, "name").orElse(""), PING);
  }

  private static Optional<String> text(Map<String, Object> block, String key) {
    Object value = block.get(key);
    if (value != null && !(value instanceof String)) {
      throw new IllegalArgumentException(key + " is " + value + "; allowed: a text");
    }
    return Optional.ofNullable((String) value);
  }

  /** The password is not shown. */
  @Override
  public String toString() {
    return "SpiceSettings[name=%s, %s]"
        .formatted(name, password.isPresent() ? "with a password" : "without a password");
  }
}
