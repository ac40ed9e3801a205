package io.baton.systemtest;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Pictures in the format PPM (P6, 255 steps). */
final class Ppm {
  private static final Pattern HEAD = Pattern.compile("P6\\s+(\\d+)\\s+(\\d+)\\s+255\\s");

  private Ppm() {}

  /** Returns the pixels, row by row, red in the third byte. */
  static int[] read(byte[] file) {
    String head = new String(file, 0, Math.min(64, file.length), StandardCharsets.ISO_8859_1);
    Matcher matcher = HEAD.matcher(head);
    if (!matcher.lookingAt()) {
      throw new IllegalArgumentException("not a PPM: " + head);
    }
    int[] pixels = new int[Integer.parseInt(matcher.group(1)) * Integer.parseInt(matcher.group(2))];
    int at = matcher.end();
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = ((file[at++] & 0xFF) << 16) | ((file[at++] & 0xFF) << 8) | (file[at++] & 0xFF);
    }
    return pixels;
  }
}
