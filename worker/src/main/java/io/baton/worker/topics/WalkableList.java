package io.baton.worker.topics;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All things of a kind, in the order in which they began. There may be a million, so whoever has
 * something to do with all of them {@linkplain Walk walks} through some at a time.
 */
@SuppressWarnings("ReferenceEquality") // A place in the list is meant.
final class WalkableList<E extends WalkableList.Node<E>> {
  /** What is in such a list. */
  abstract static class Node<E> {
    @Nullable E previous;
    @Nullable E next;
  }

  private @Nullable E first;
  private @Nullable E last;
  private final Set<Walk> walks = new HashSet<>();

  /** Adds what begins. */
  void add(E element) {
    element.previous = last;
    if (last == null) {
      first = element;
    } else {
      last.next = element;
    }
    last = element;
  }

  /** Removes what is there. */
  void remove(E element) {
    walks.forEach(each -> each.removed(element));
    E previous = element.previous;
    E next = element.next;
    if (previous == null) {
      first = next;
    } else {
      previous.next = next;
    }
    if (next == null) {
      last = previous;
    } else {
      next.previous = previous;
    }
  }

  /** Begins to walk through all that there are now. */
  Walk walk() {
    Walk walk = new Walk();
    walks.add(walk);
    return walk;
  }

  /**
   * The way through all that there were when it began, each once, but for those that have ended
   * before their turn.
   */
  final class Walk {
    /** The first one that was not visited; null at the end. */
    private @Nullable E next = first;

    private @Nullable E end = last;

    private Walk() {}

    /**
     * Visits some more, which the visit does not remove.
     *
     * @return whether that was all
     */
    boolean goOn(int atMost, Consumer<E> visit) {
      for (int i = 0; i < atMost && next != null; i++) {
        E each = next;
        next = isEnd(each) ? null : each.next;
        visit.accept(each);
      }
      if (next == null) {
        stop();
      }
      return next == null;
    }

    /** Ends before the end. */
    void stop() {
      walks.remove(this);
    }

    private boolean isEnd(E element) {
      return end == element;
    }

    private void removed(E element) {
      if (next == element) {
        next = isEnd(element) ? null : element.next;
      }
      if (isEnd(element)) {
        end = element.previous;
      }
    }
  }
}
