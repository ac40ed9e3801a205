package io.baton.manager.history;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The last elements that were added, at most a fixed number of them. Thread safe. */
final class Ring<T> {
  private final int most;
  private final Deque<T> elements = new ArrayDeque<>();

  Ring(int most) {
    this.most = most;
  }

  /** Adds one; the oldest is forgotten if there are too many. */
  synchronized void add(T element) {
    if (elements.size() == most) {
      elements.removeFirst();
    }
    elements.addLast(element);
  }

  /** Returns a copy of all, the oldest first. */
  synchronized List<T> all() {
    return List.copyOf(elements);
  }
}
