package io.baton.worker.delivery;

import io.baton.service.Presence;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where modules publish, which start before the worker has its event loop: until then nobody can
 * have subscribed. Any thread.
 */
public final class LatePublisher implements TopicPublisher {
  private volatile @Nullable TopicPublisher worker;

  /** What modules have said before. */
  private final List<Consumer<TopicPublisher>> early = new ArrayList<>();

  /** The worker is up. */
  public void begin(TopicPublisher its) {
    synchronized (early) {
      early.forEach(each -> each.accept(its));
      early.clear();
      worker = its;
    }
  }

  @Override
  public <O> void relay(String topic, Class<O> out, Function<byte[], O> encode) {
    synchronized (early) {
      TopicPublisher its = worker;
      if (its != null) {
        its.relay(topic, out, encode);
      } else if (early.size() < Relays.MAX_RELAYS) {
        early.add(to -> to.relay(topic, out, encode));
      } else {
        throw Relays.tooMany();
      }
    }
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
