package io.baton.worker.topics;

import io.baton.worker.topics.SubscriptionGraph.Topic;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All topics, in the order in which they began. There may be a million, so whoever has something to
 * do with all of them {@linkplain Walk walks} through some at a time.
 */
final class TopicList {
  private @Nullable Topic first;
  private @Nullable Topic last;
  private final Set<Walk> walks = new HashSet<>();

  /** Adds a topic that begins. */
  void add(Topic topic) {
    topic.previous = last;
    if (last == null) {
      first = topic;
    } else {
      last.next = topic;
    }
    last = topic;
  }

  /** Removes a topic that is there. */
  void remove(Topic topic) {
    walks.forEach(each -> each.removed(topic));
    Topic previous = topic.previous;
    Topic next = topic.next;
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

  /** Begins to walk through the topics that there are now. */
  Walk walk() {
    Walk walk = new Walk();
    walks.add(walk);
    return walk;
  }

  /**
   * The way through all topics that there were when it began, each once, but for those that have
   * ended before their turn.
   */
  final class Walk {
    /** The first one that was not visited; null at the end. */
    private @Nullable Topic next = first;

    private @Nullable Topic end = last;

    private Walk() {}

    /**
     * Visits some more topics, which the visit does not remove.
     *
     * @return whether that was all
     */
    boolean goOn(int atMost, Consumer<Topic> visit) {
      for (int i = 0; i < atMost && next != null; i++) {
        Topic each = next;
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

    private boolean isEnd(Topic topic) {
      return end == topic;
    }

    private void removed(Topic topic) {
      if (next == topic) {
        next = isEnd(topic) ? null : topic.next;
      }
      if (isEnd(topic)) {
        end = topic.previous;
      }
    }
  }
}
