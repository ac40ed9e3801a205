package io.baton.service.testkit;

import io.baton.service.Member;
import io.baton.service.Presence;
import io.baton.service.Principal;
import io.baton.service.Publication;
import io.baton.service.Session;
import io.baton.service.SessionId;
import io.baton.service.Subscriber;
import io.baton.service.Topics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

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
 * returned; nothing is missed unless the test says so with {@link #lose}. Who is present, and
 * whether a message was sent, is known at once. A publication that is relayed is encoded for each
 * session that {@linkplain TestSession#sends sends} such messages. The sessions have the ids 1, 2,
 * ... in the order in which they are given the topics. Any thread; a session is still called in its
 * own.
 */
public final class TestTopics implements Topics {
  /** What each subscriber says about itself. */
  private final Map<String, Map<TestSession<?, ?>, String>> subscribers = new LinkedHashMap<>();

  /** Those that are addressable, and as whom. */
  private final Map<TestSession<?, ?>, Optional<String>> addressable = new LinkedHashMap<>();

  /** What a topic's publications are encoded as, by the class of the messages. */
  private final Map<String, Map<Class<?>, Function<byte[], ?>>> relays = new HashMap<>();

  private final List<Publication> published = new ArrayList<>();
  private long sessions;
  private int silent;
  private boolean behind;

  /** Makes topics that nobody has subscribed to. */
  public TestTopics() {}

  @Override
  public boolean publish(String topic, byte[] message) {
    Publication publication = new Publication(topic, message);
    boolean all;
    synchronized (this) {
      published.add(publication);
      all = !behind;
    }
    subscribers(topic).forEach(session -> session.published(publication));
    return all;
  }

  @Override
  public synchronized <O> void relay(String topic, Class<O> out, Function<byte[], O> encode) {
    relays.computeIfAbsent(Topics.requireName(topic), t -> new HashMap<>()).put(out, encode);
  }

  /**
   * Returns a publication as a message, if it is relayed to sessions that send such ones.
   *
   * @param out class of the messages; null if the test has not said it
   */
  synchronized <O> Optional<O> relayed(Publication publication, @Nullable Class<O> out) {
    Map<Class<?>, Function<byte[], ?>> encoders =
        relays.getOrDefault(publication.topic(), Map.of());
    if (encoders.isEmpty()) {
      return Optional.empty();
    }
    if (out == null) {
      throw new IllegalStateException(
          "the topic %s is relayed to sessions that send messages of %s: what this one sends is to be said with TestSession.sends"
              .formatted(publication.topic(), names(encoders.keySet())));
    }
    Function<byte[], ?> encode = encoders.get(out);
    return encode == null
        ? Optional.empty()
        : Optional.of(out.cast(encode.apply(publication.message())));
  }

  private static String names(Set<Class<?>> classes) {
    return classes.stream().map(Class::getName).sorted().collect(Collectors.joining(" or "));
  }

  @Override
  public synchronized CompletionStage<Presence> present(String topic) {
    List<Member> members = new ArrayList<>();
    subscribers
        .getOrDefault(Topics.requireName(topic), Map.of())
        .forEach((session, about) -> members.add(session.member(about)));
    return CompletableFuture.completedStage(new Presence(members, 0, silent));
  }

  /** Says how many workers do not answer from now on, when a service asks who is present. */
  public synchronized void silent(int workers) {
    silent = workers;
  }

  /**
   * Says whether another worker is behind from now on: then {@link #publish} returns false, though
   * all sessions of this test get what is published. Those that are not to get it are told so with
   * {@link #lose}.
   */
  public synchronized void behind(boolean is) {
    behind = is;
  }

  @Override
  public CompletionStage<Boolean> send(SessionId to, byte[] message) {
    return send((session, user) -> session.id().equals(to), message);
  }

  @Override
  public CompletionStage<Boolean> send(Principal to, byte[] message) {
    return send((session, user) -> user.equals(Optional.of(to.name())), message);
  }

  private CompletionStage<Boolean> send(
      BiPredicate<TestSession<?, ?>, Optional<String>> to, byte[] message) {
    byte[] checked = Publication.requireLength(message);
    List<TestSession<?, ?>> all = new ArrayList<>();
    synchronized (this) {
      addressable.forEach((session, user) -> {
        if (to.test(session, user)) {
          all.add(session);
        }
      });
    }
    all.forEach(session -> session.sentTo(checked));
    return CompletableFuture.completedStage(!all.isEmpty());
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
    return List.copyOf(subscribers.getOrDefault(topic, Map.of()).keySet());
  }

  /** Returns the id of one session more. */
  synchronized SessionId nextId() {
    return new SessionId(++sessions);
  }

  /**
   * @param about null: as before
   * @throws IllegalStateException if the session has as many topics as it may have
   */
  synchronized void subscribe(String topic, TestSession<?, ?> session, @Nullable String about) {
    Map<TestSession<?, ?>, String> those =
        subscribers.computeIfAbsent(Topics.requireName(topic), t -> new LinkedHashMap<>());
    if (!those.containsKey(session) && topics(session) >= Session.MAX_TOPICS) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT, "a session may subscribe to %,d topics at most", Session.MAX_TOPICS));
    }
    those.putIfAbsent(session, "");
    if (about != null) {
      those.put(session, about);
    }
  }

  private long topics(TestSession<?, ?> session) {
    return subscribers.values().stream().filter(those -> those.containsKey(session)).count();
  }

  synchronized void unsubscribe(String topic, TestSession<?, ?> session) {
    subscribers.getOrDefault(topic, Map.of()).remove(session);
  }

  synchronized void addressable(TestSession<?, ?> session) {
    addressable.put(session, session.principal().map(Principal::name));
  }

  /** The session has ended. */
  synchronized void leave(TestSession<?, ?> session) {
    subscribers.values().forEach(those -> those.remove(session));
    addressable.remove(session);
  }
}
