package io.baton.manager.text;

import java.util.List;

/** Lists of names for people, of which there may be thousands. */
public final class Names {
  private static final int SHOWN = 5;

  private Names() {}

  /** {@code a, b, c}; of more than five the first five: {@code a, b, c, d, e and 1,995 more}. */
  public static String firstOf(List<String> names) {
    int more = names.size() - SHOWN;
    return more <= 0
        ? String.join(", ", names)
        : String.join(", ", names.subList(0, SHOWN)) + " and " + Units.count(more) + " more";
  }
}
