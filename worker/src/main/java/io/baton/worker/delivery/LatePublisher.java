package io.baton.worker.delivery;

import org.jspecify.annotations.Nullable;

/**
 * Where modules publish, which start before the worker has its event loop: until then nobody can
 * have subscribed. Any thread.
 */
public final class LatePublisher implements TopicPublisher {
  private volatile @Nullable TopicPublisher worker;

  /** The worker is up. */
  public void begin(TopicPublisher its) {
    worker = its;
  }

  @Override
  public boolean publish(String topic, byte[] message) {
    TopicPublisher its = worker;
    return its != null && its.publish(topic, message);
  }
}
