package io.baton.worker.topics;

import io.baton.worker.topics.SubscriptionGraph.Topic;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Removes what the topics keep of workers that are gone, from some topics at a time: at once if
 * there are few. Workers that go meanwhile have their turn after that.
 */
final class TopicCleanup {
  private final WalkableList<Topic> topics;
  private final ObjLongConsumer<Topic> removal;
  private final LongConsumer whenDone;
  private final Set<Long> waiting = new LinkedHashSet<>();

  /** Those whose turn it is. */
  private List<Long> current = List.of();

  private WalkableList<Topic>.@Nullable Walk walk;

  /**
   * A cleanup with nothing to do.
   *
   * @param removal removes what a topic has of a worker
   * @param whenDone is called with a worker of which no topic has anything any more
   */
  TopicCleanup(WalkableList<Topic> topics, ObjLongConsumer<Topic> removal, LongConsumer whenDone) {
    this.topics = topics;
    this.removal = removal;
    this.whenDone = whenDone;
  }

  /** Has a worker removed from all topics that there are now. */
  void add(long worker) {
    waiting.add(worker);
    if (walk == null) {
      goOn();
    }
  }

  /** Goes on with some more topics. */
  void goOn() {
    if (walk == null) {
      if (waiting.isEmpty()) {
        return;
      }
      current = List.copyOf(waiting);
      waiting.clear();
      walk = topics.walk();
    }
    int atMost = Math.max(1, TopicLimits.CLEANED_AT_A_TIME / current.size());
    boolean isAll =
        walk.goOn(atMost, topic -> current.forEach(each -> removal.accept(topic, each)));
    if (isAll) {
      walk = null;
      List<Long> done = current;
      current = List.of();
      done.forEach(whenDone::accept);
    }
  }

  /** Whether some topics may still have something of workers that were added. */
  boolean isBusy() {
    return walk != null || !waiting.isEmpty();
  }
}
