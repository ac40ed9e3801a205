package io.baton.service.testkit;

import java.time.Duration;

/**
 * Something that is due.
 *
 * @param at in the test's time
 * @param number of its start, which decides between two that are due at once
 */
record Timer(Duration at, long number, Runnable task) implements Comparable<Timer> {

  @Override
  public int compareTo(Timer other) {
    int byTime = at.compareTo(other.at);
    return byTime != 0 ? byTime : Long.compare(number, other.number);
  }
}
