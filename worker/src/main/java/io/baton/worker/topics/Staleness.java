package io.baton.worker.topics;

import io.baton.worker.topics.SubscriptionGraph.Topic;

/** The rules by which a worker ignores what others said before they knew better. */
class Staleness {
  /** Whether an answer is to an earlier wish for the topic, which had been taken back since. */
  boolean isOfEarlierWish(Topic topic, int epoch) {
    return topic.epoch != epoch;
  }

  /** Whether something was said about an earlier move of the session. */
  boolean isOfEarlierMove(int current, int move) {
    return current != move;
  }
}
