package io.baton.softbus.wire;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The authentication keys of a device by their indexes. A file of them has a line {@code INDEX KEY}
 * for each, the key in 32 hexadecimal digits; empty lines, and those that begin with {@code #}, are
 * skipped. Immutable. Neither its printed form nor an error text shows a key.
 */
public final class AuthenticationKeys {
  /** The most keys. */
  public static final int MAX = 65_536;

  private static final int MAX_FILE_BYTES = MAX * 64;
  private static final Pattern LINE = Pattern.compile("(\\d{1,10})[ \t]+([0-9A-Fa-f]{32})");

  private final Map<Long, AuthenticationKey> keys;

  private AuthenticationKeys(Map<Long, AuthenticationKey> keys) {
    this.keys = Map.copyOf(keys);
  }

  /**
   * Makes a set of keys.
   *
   * @throws IllegalArgumentException if two have the same index
   */
  public static AuthenticationKeys of(AuthenticationKey... keys) {
    Map<Long, AuthenticationKey> all = new TreeMap<>();
    for (AuthenticationKey each : keys) {
      if (all.put(each.index(), each) != null) {
        throw new IllegalArgumentException("there are two of " + each);
      }
    }
    return new AuthenticationKeys(all);
  }

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException if it cannot be read or has a mistake; names file and line
   */
  public static AuthenticationKeys read(Path file) {
    try {
      if (Files.size(file) > MAX_FILE_BYTES) {
        throw new IllegalArgumentException(
            "%s is larger than the %d bytes allowed".formatted(file, MAX_FILE_BYTES));
      }
      return parse(file.toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw new IllegalArgumentException("the keys in " + file + " cannot be read: " + e, e);
    }
  }

  /**
   * Reads the text of a file.
   *
   * @param source what error texts call it
   * @throws IllegalArgumentException if it has a mistake; names source and line
   */
  static AuthenticationKeys parse(String source, String text) {
    Map<Long, AuthenticationKey> all = new TreeMap<>();
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      String content = line.strip();
      if (content.isEmpty() || content.startsWith("#")) {
        continue;
      }
      AuthenticationKey key = key(source + ":" + number, content);
      if (all.put(key.index(), key) != null) {
        throw new IllegalArgumentException(
            "%s:%d: there are two of %s".formatted(source, number, key));
      }
      if (all.size() > MAX) {
        throw new IllegalArgumentException(
            "%s:%d: more than the %d keys allowed".formatted(source, number, MAX));
      }
    }
    return new AuthenticationKeys(all);
  }

  private static AuthenticationKey key(String place, String content) {
    Matcher line = LINE.matcher(content);
    if (!line.matches() || Long.parseLong(line.group(1)) > AuthenticationKey.MAX_INDEX) {
      throw new IllegalArgumentException(
          "%s is no key; allowed: an index from 0 to %d, a space, and 32 hexadecimal digits"
              .formatted(place, AuthenticationKey.MAX_INDEX));
    }
    byte[] bytes = HexFormat.of().parseHex(line.group(2));
    return new AuthenticationKey(Long.parseLong(line.group(1)), GcmKey.ofAuthentication(bytes));
  }

  /** Returns the key of this index; empty if there is none. */
  public Optional<AuthenticationKey> get(long index) {
    return Optional.ofNullable(keys.get(index));
  }

  /** Returns how many there are. */
  public int size() {
    return keys.size();
  }

  @Override
  public String toString() {
    return keys.size() + " authentication keys";
  }
}
