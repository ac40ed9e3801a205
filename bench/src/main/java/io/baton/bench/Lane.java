package io.baton.bench;

import java.util.Locale;

/** Where Baton runs services; the first one is what a listener has that does not say. */
enum Lane {
  LOOP,
  RING,
  VIRTUAL;

  /** As in the configuration. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
