package io.baton.service.testkit;

import io.baton.service.Publication;
import io.baton.service.Subscriber;
import io.baton.service.Topics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The topics of a module, for the {@link TestSession}s that are {@linkplain TestSession#topics
 * given} them:
 *
 * <pre>{@code
 * var topics = new TestTopics();
 * var alice = TestSession.from(() -> new Room(topics)).topics(topics);
 * var bob = TestSession.from(() -> new Room(topics)).topics(topics);
 * alice.open();
 * bob.open();
 * alice.receive("hello");
 * bob.move();
 * assertThat(bob.sent()).containsExactly("hello");
 * }</pre>
 *
 * <p>What is published reaches each session at once, or when the callback that it is in has
 * returned; nothing is missed unless the test says so with {@link #lose}. Any thread; a session is
 * still called in its own.
 */
public final class TestTopics implements Topics {
  private final Map<String, Set<TestSession<?, ?>>> subscribers = new LinkedHashMap<>();
  private final List<Publication> published = new ArrayList<>();

  /** Makes topics that nobody has subscribed to. */
  public TestTopics() {}

  @Override
  public boolean publish(String topic, byte[] message) {
    Publication publication = new Publication(topic, message);
    synchronized (this) {
      published.add(publication);
    }
    subscribers(topic).forEach(session -> session.published(publication));
    return true;
  }

  /**
   * Tells those who have subscribed to a topic that publications do not reach them.
   *
   * @param count how many; {@link Subscriber#UNKNOWN} if nobody knows
   */
  public void lose(String topic, long count) {
    subscribers(topic).forEach(session -> session.missed(topic, count));
  }

  /** Returns all that was published, in order. */
  public synchronized List<Publication> published() {
    return List.copyOf(published);
  }

  /** Returns who has subscribed to a topic, in that order. */
  public synchronized List<TestSession<?, ?>> subscribers(String topic) {
    return List.copyOf(subscribers.getOrDefault(topic, Set.of()));
  }

  synchronized void subscribe(String topic, TestSession<?, ?> session) {
    subscribers.computeIfAbsent(Topics.requireName(topic), t -> new LinkedHashSet<>()).add(session);
  }

  synchronized void unsubscribe(String topic, TestSession<?, ?> session) {
    subscribers.getOrDefault(topic, Set.of()).remove(session);
  }

  /** The session has ended. */
  synchronized void leave(TestSession<?, ?> session) {
    subscribers.values().forEach(those -> those.remove(session));
  }
}
