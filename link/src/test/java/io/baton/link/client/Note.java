package io.baton.link.client;

/** What the tests of the client send. */
public sealed interface Note {
  /** A numbered text. */
  record Numbered(int number, String text) implements Note {}

  /** Returns a note with this number. */
  static Note of(int number) {
    return new Numbered(number, "text " + number);
  }
}
