package io.baton.manager.text;

import java.util.Locale;

/** Numbers for people: at most four digits and a unit. */
public final class Units {
  private Units() {}

  /** With thousands separated: {@code 12,345}. */
  public static String count(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }

  /** Of something whose plural ends with s: {@code 1 worker}, {@code 1,532 connections}. */
  public static String count(long n, String one) {
    return count(n) + " " + one + (n == 1 ? "" : "s");
  }

  /** {@code 512 B}, {@code 3.4 KiB}, {@code 120 MiB}. */
  public static String bytes(long n) {
    String[] units = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    double value = n;
    int unit = 0;
    while (value >= 1_000 && unit < units.length - 1) {
      value /= 1_024;
      unit++;
    }
    return short4(value, unit == 0) + " " + units[unit];
  }

  /** {@code 250 ms}, {@code 4.2 s}, {@code 3 min 20 s}, {@code 5 h 3 min}, {@code 12 d 4 h}. */
  public static String duration(long ms) {
    long s = ms / 1_000;
    if (ms < 1_000) {
      return ms + " ms";
    }
    if (s < 60) {
      return short4(ms / 1_000.0, s >= 10) + " s";
    }
    if (s < 3_600) {
      return s / 60 + " min " + s % 60 + " s";
    }
    return s < 86_400
        ? s / 3_600 + " h " + s / 60 % 60 + " min"
        : s / 86_400 + " d " + s / 3_600 % 24 + " h";
  }

  /** {@code 850 ns}, {@code 12.3 µs}, {@code 4.5 ms}, {@code 2.0 s}. */
  public static String nanos(long n) {
    if (n < 1_000) {
      return n + " ns";
    }
    return n < 1_000_000
        ? short4(n / 1e3, false) + " µs"
        : n < 1_000_000_000 ? short4(n / 1e6, false) + " ms" : short4(n / 1e9, false) + " s";
  }

  private static String short4(double value, boolean whole) {
    return String.format(Locale.ROOT, whole || value >= 100 ? "%.0f" : "%.1f", value);
  }
}
