package io.baton.worker.delivery;

import io.baton.service.Presence;
import io.baton.worker.topics.PresentMembers;
import io.baton.worker.topics.Publication;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Where modules publish once the worker is up: from the event loop at once, from other threads as
 * soon as it comes to that. Any thread.
 */
final class LoopPublisher implements TopicPublisher {
  /** How long a virtual thread waits for room in the inbox. */
  private static final long WAIT_MS = 100;

  private static final byte[] NOTHING = {};

  /** What is done in the event loop, which calls it. */
  interface Routing {
    /** Publishes; returns false if it is known that somebody will not get it. */
    boolean route(String topic, byte[] message);

    /** The same for a topic of a session or a user; false if it is known that nobody gets it. */
    boolean send(String topic, byte[] message);

    /** Asks who has subscribed to a topic. */
    void askPresent(String topic, Consumer<PresentMembers> answer);
  }

  private final EventLoop loop;
  private final LoopInbox inbox;
  private final Relays relays;
  private final Routing routing;
  private final PresenceAnswers answers = new PresenceAnswers();

  LoopPublisher(EventLoop loop, UnaryOperator<Runnable> guard, Relays relays, Routing routing) {
    this.loop = loop;
    this.inbox = new LoopInbox(loop, guard);
    this.relays = relays;
    this.routing = routing;
  }

  @Override
  public boolean publish(String topic, byte[] message) {
    if (loop.inEventLoop()) {
      return routing.route(topic, message);
    }
    return later(
        topic,
        message,
        () -> {
          var _ = routing.route(topic, message);
        });
  }

  @Override
  public CompletionStage<Boolean> send(String topic, byte[] message) {
    if (loop.inEventLoop()) {
      return CompletableFuture.completedStage(routing.send(topic, message));
    }
    CompletableFuture<Boolean> sent = new CompletableFuture<>();
    if (!later(topic, message, () -> complete(sent, routing.send(topic, message)))) {
      sent.complete(false);
    }
    return sent.minimalCompletionStage();
  }

  /** Does something with a message in the event loop, unless too much waits there. */
  private boolean later(String topic, byte[] message, Runnable action) {
    int cost = Publication.OVERHEAD_BYTES + topic.length() + message.length;
    long waitMs = Thread.currentThread().isVirtual() ? WAIT_MS : 0;
    return inbox.put(cost, waitMs, action) == LoopInbox.Answer.TAKEN;
  }

  /** What depends on it may block. */
  private static <T> void complete(CompletableFuture<T> stage, T value) {
    Thread.startVirtualThread(() -> stage.complete(value));
  }

  @Override
  public <O> void relay(String topic, Class<O> out, Function<byte[], O> encode) {
    relays.put(topic, out, encode);
  }

  @Override
  public CompletionStage<Presence> present(String topic) {
    CompletableFuture<Presence> answer = new CompletableFuture<>();
    boolean isAsked =
        later(
            topic,
            NOTHING,
            () -> routing.askPresent(topic, found -> complete(answer, answers.of(found))));
    if (!isAsked) {
      answer.complete(new Presence(List.of(), 0, 1)); // much waits there, or the worker has ended
    }
    return answer.minimalCompletionStage();
  }
}
