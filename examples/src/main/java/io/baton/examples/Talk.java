package io.baton.examples;

/** What the clients of {@link Greeter} and the service say to each other. */
sealed interface Talk {

  /** A client says its name. */
  record Hello(String name) implements Talk {}

  /**
   * The answer.
   *
   * @param number of this greeting in its session, from 1
   * @param worker process id of the worker that greets
   */
  record Greeting(String text, int number, long worker) implements Talk {}
}
