package io.baton.worker.broker.nats;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Predicate;

/**
 * The subjects that are wanted, and which of them the connection has been told. There may be a
 * million, so a new connection is told some at a time, while others come and go. Event loop only.
 */
final class WantedSubjects {
  /** No connection has been told. */
  private static final int NONE = 0;

  /** The last connection that each was told to. Those that the present one lacks come first. */
  private final SequencedMap<String, Integer> subjects = new LinkedHashMap<>();

  private int connection = NONE;

  /** Adds a subject, of which the connection is to be told. */
  void add(String subject) {
    if (!subjects.containsKey(subject)) {
      subjects.putFirst(subject, NONE);
    }
  }

  /** Removes a subject; returns whether the connection has been told of it. */
  boolean remove(String subject) {
    Integer told = subjects.remove(subject);
    return told != null && told == connection && told != NONE;
  }

  /** There is another connection, which has been told nothing. */
  void connected() {
    connection++;
  }

  /**
   * Tells the connection of some more subjects.
   *
   * @param tell returns false if it cannot be told at present
   * @return whether it was told: then there may be more
   */
  boolean tellSome(int atMost, Predicate<String> tell) {
    for (int i = 0; i < atMost && !isAllTold(); i++) {
      String next = subjects.firstEntry().getKey();
      if (!tell.test(next)) {
        return false;
      }
      subjects.putLast(next, connection);
    }
    return true;
  }

  /** Whether the connection has been told of all. */
  boolean isAllTold() {
    Map.Entry<String, Integer> first = subjects.firstEntry();
    return first == null || (first.getValue() == connection);
  }
}
