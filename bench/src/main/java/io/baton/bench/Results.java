package io.baton.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * {@code bench/RESULTS.md}: each benchmark writes its own section, between two comments, and leaves
 * the rest, which people write, as it is.
 */
final class Results {
  private Results() {}

  static void replace(Path file, String name, String section) throws IOException {
    String text = Files.exists(file) ? Files.readString(file) : "";
    Files.writeString(file, replaced(text, name, section));
  }

  /** The text with that section instead of its former one, or at its end. */
  static String replaced(String text, String name, String section) {
    String begin = "<!-- " + name + ": written by bench/run -->\n";
    String end = "<!-- end of " + name + " -->\n";
    int from = text.indexOf(begin);
    int to = text.indexOf(end);
    String whole = begin + section + end;
    if (from < 0 || to < from) {
      return text.isEmpty() ? whole : text.stripTrailing() + "\n\n" + whole;
    }
    return text.substring(0, from) + whole + text.substring(to + end.length());
  }
}
