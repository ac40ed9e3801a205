package io.baton.link.client;

import java.io.Closeable;
import java.io.IOException;

/** The closing of what is not needed any more, where a failure changes nothing. */
final class QuietClose {
  private QuietClose() {}

  static void of(Closeable what) {
    try {
      what.close();
    } catch (IOException e) {
      // The descriptor is given back to the system in any case.
    }
  }
}
