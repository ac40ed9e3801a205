package io.baton.config;

/** Durations and sizes as an operator writes them: in the largest unit that divides them. */
final class Units {

  private Units() {}

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
}
