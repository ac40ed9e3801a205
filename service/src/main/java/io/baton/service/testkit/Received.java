package io.baton.service.testkit;

/** A received message and who still works on it: {@code received} itself, and its holds. */
final class Received {
  private final Object message;
  private int open = 1;

  Received(Object message) {
    this.message = message;
  }

  Object message() {
    return message;
  }

  void hold() {
    open++;
  }

  /** Returns true if that was the last. */
  boolean letGo() {
    return --open == 0;
  }
}
