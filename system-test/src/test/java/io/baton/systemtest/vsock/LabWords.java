package io.baton.systemtest.vsock;

/** What the lab's client and service of Link say to each other. */
sealed interface LabWords {
  /** A question. */
  record Asked(String about) implements LabWords {}

  /**
   * Its answer.
   *
   * @param number of answers so far
   * @param worker its process
   */
  record Answered(int number, long worker, String text) implements LabWords {}
}
