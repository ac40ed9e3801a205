package io.baton.worker.delivery;

import io.baton.worker.topics.Publication;
import io.baton.worker.topics.SessionFacts;

/** A session that has subscribed to topics. Event loop only. */
public interface TopicSession {
  /** Calls the service with a publication; {@link WorkerTopics#handled} is due then. */
  void published(Publication publication);

  /** Tells the service of a loss; {@link WorkerTopics#handledMissed} is due then. */
  void missed(String topic, long count);

  /** Returns what others may see of it. */
  SessionFacts facts();
}
