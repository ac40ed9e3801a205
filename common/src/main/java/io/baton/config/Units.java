package io.baton.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;

/** Durations and sizes, read as HOCON has them and said in the largest unit that divides them. */
final class Units {
  private static final String ANY = "v";

  private Units() {}

  /**
   * Reads a duration; without a unit it is in milliseconds.
   *
   * @throws com.typesafe.config.ConfigException if it is none
   */
  static long parseMillis(String text) {
    return config(text).getDuration(ANY).toMillis();
  }

  /**
   * Reads a size; without a unit it is in bytes.
   *
   * @throws com.typesafe.config.ConfigException if it is none
   */
  static long parseBytes(String text) {
    return config(text).getBytes(ANY);
  }

  static String durations(long min, long max) {
    return "a duration from " + millis(min) + " to " + millis(max);
  }

  static String sizes(long min, long max) {
    return "a size from " + bytes(min) + " to " + bytes(max);
  }

  static String millis(long ms) {
    if (ms == 0 || ms % 1000 != 0) {
      return ms + "ms";
    }
    long seconds = ms / 1000;
    if (seconds % 86_400 == 0) {
      return seconds / 86_400 + "d";
    }
    if (seconds % 3600 == 0) {
      return seconds / 3600 + "h";
    }
    return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
  }

  static String bytes(long n) {
    String units = "kmg";
    int unit = -1;
    while (n != 0 && n % 1024 == 0 && unit < units.length() - 1) {
      n /= 1024;
      unit++;
    }
    return unit < 0 ? Long.toString(n) : n + units.substring(unit, unit + 1);
  }

  private static Config config(String text) {
    return ConfigValueFactory.fromAnyRef(text).atKey(ANY);
  }
}
