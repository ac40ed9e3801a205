package io.baton.worker.delivery;

import io.baton.service.Presence;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
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

  @Override
  public CompletionStage<Boolean> send(String topic, byte[] message) {
    TopicPublisher its = worker;
    return its == null ? CompletableFuture.completedFuture(false) : its.send(topic, message);
  }

  @Override
  public CompletionStage<Presence> present(String topic) {
    TopicPublisher its = worker;
    return its == null
        ? CompletableFuture.completedFuture(new Presence(List.of(), 0, 0))
        : its.present(topic);
  }
}
