package io.baton.service.testkit;

import io.baton.service.CloseReason;
import io.baton.service.Draining;
import io.baton.service.Hold;
import io.baton.service.Member;
import io.baton.service.Peer;
import io.baton.service.Principal;
import io.baton.service.Publication;
import io.baton.service.Replaying;
import io.baton.service.RequestHead;
import io.baton.service.Resumable;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.service.SessionId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One session of a service, with the test as its client, its network and its clock:
 *
 * <pre>{@code
 * var test = TestSession.of(new EchoLineService());
 * test.open();
 * test.receive("hello");
 * assertThat(test.sent()).containsExactly("hello");
 * }</pre>
 *
 * <p>What {@link Service}, {@link Session} and {@link Hold} promise holds here too: callbacks come
 * one after the other, {@link Service#closed} last and once, timers end with the session. What only
 * a worker has is not here: no codec checks or converts a message, and however many are {@linkplain
 * #unprocessed unprocessed}, the test may send more.
 *
 * <p><b>Time</b> stands still until {@link #advance}.
 *
 * <p><b>Errors.</b> If a callback throws, the session ends as it would in a worker, {@code
 * closed(ERROR)} included, and the same exception then comes out of the method that led to the
 * callback. So a test notices, and a test of errors says {@code assertThatThrownBy(() ->
 * test.receive("x"))}. What a session cannot do, such as receive after its end, is the test's
 * mistake: {@link IllegalStateException}.
 *
 * <p><b>Threading.</b> All callbacks run in the thread that made this object, and that thread calls
 * its methods. A service with threads of its own may use its {@link Session} from them as ever:
 * what that leads to happens when the test calls next.
 *
 * @param <I> what the service receives
 * @param <O> what it sends
 */
public final class TestSession<I, O> {
  /** A task that starts itself again without a delay would go on for ever. */
  private static final int MAX_TIMERS_AT_ONCE = 10_000;

  private final Supplier<? extends Service<I, O>> factory;
  private final boolean fresh;
  private final List<O> sent = Collections.synchronizedList(new ArrayList<>());
  private Peer peer = new Peer.Unix(1, 0);
  private @Nullable Principal principal;
  private @Nullable RequestHead handshake;
  private TestTopics topics = new TestTopics();
  private SessionId id = topics.nextId();
  private @Nullable Class<O> sends;
  private volatile Consumer<Object> release = message -> {};
  private volatile boolean writable = true;

  /** What waits for the client; null while it is there. */
  private @Nullable List<O> kept;

  private Duration now = Duration.ZERO;
  private @Nullable Incarnation<I, O> incarnation;

  private TestSession(Supplier<? extends Service<I, O>> factory, boolean fresh) {
    this.factory = factory;
    this.fresh = fresh;
  }

  /** A session of this service. It cannot {@link #move}: for that, see {@link #from}. */
  public static <I, O> TestSession<I, O> of(Service<I, O> service) {
    return new TestSession<>(() -> service, false);
  }

  /** A session whose service comes from here, as from a module's factory: once, and per move. */
  public static <I, O> TestSession<I, O> from(Supplier<? extends Service<I, O>> factory) {
    return new TestSession<>(factory, true);
  }

  // ---- before it opens ----

  /** Who the client is; without this, some process on this machine. */
  public TestSession<I, O> peer(Peer client) {
    peer = client;
    return this;
  }

  /**
   * Who the client is, by the word of an authenticator; without this, nobody. May be called again
   * before each request of HTTP, whose principal it is then. Goes along when the session moves.
   */
  public TestSession<I, O> principal(Principal known) {
    principal = known;
    return this;
  }

  /** The request that has opened the session; without this, none. Goes along, too. */
  public TestSession<I, O> handshake(RequestHead request) {
    handshake = request;
    return this;
  }

  /** The topics that the service subscribes to; without this, those of this session alone. */
  public TestSession<I, O> topics(TestTopics of) {
    topics = of;
    id = of.nextId();
    return this;
  }

  /**
   * The class of the messages that the session's codec sends, such as {@code WebSocketFrame}: only
   * what is {@linkplain io.baton.service.Topics#relay relayed} as messages of exactly this class is
   * sent without a callback. Needed if a topic of the service is relayed.
   */
  public TestSession<I, O> sends(Class<O> out) {
    sends = out;
    return this;
  }

  /**
   * What releases messages, for those that are counted, such as Netty's buffers: {@code
   * onRelease(ReferenceCountUtil::release)}. Called where a worker would: with a received message
   * that is processed, and with a message sent too late. What {@link #sent} returns is the test's
   * to release.
   */
  public TestSession<I, O> onRelease(Consumer<Object> releaser) {
    release = releaser;
    return this;
  }

  // ---- its beginning ----

  /**
   * The client connects.
   *
   * @return what {@link Service#opened} returned; on false the session has ended
   */
  public boolean open() {
    return begin().open();
  }

  /**
   * The session comes from another worker, maybe one with another version of the service.
   *
   * @param saved what {@link Service#save} returned there
   */
  public void resume(byte[] saved) {
    begin().resume(saved);
  }

  private Incarnation<I, O> begin() {
    if (incarnation != null) {
      throw new IllegalStateException("a session begins once; make another TestSession");
    }
    return incarnate();
  }

  private Incarnation<I, O> incarnate() {
    Incarnation<I, O> next = new Incarnation<>(this, factory.get(), peer);
    incarnation = next;
    return next;
  }

  // ---- what its client does ----

  /** The client sends a message. */
  public void receive(I message) {
    present("receive").receive(message);
  }

  /**
   * The client sends no more. What it sent is still answered: the session ends, with {@link
   * CloseReason#CLIENT}, once nothing is {@linkplain #unprocessed unprocessed}.
   */
  public void clientEnds() {
    clientEnds(CloseReason.CLIENT);
  }

  /**
   * As {@link #clientEnds()}, for another reason: {@link CloseReason#PROTOCOL} is what a client
   * gets that breaks its protocol. What it sent before is answered all the same.
   */
  public void clientEnds(CloseReason why) {
    present("end").inputEnded(why);
  }

  /**
   * The connection breaks. What the client had sent before, these messages, is still received, but
   * {@link Session#send} says no from now on; then the session ends with {@link
   * CloseReason#CLIENT}.
   */
  public void clientBreaks(List<I> sentBefore) {
    present("break").broken(List.copyOf(sentBefore));
  }

  /**
   * The client loses its connection, and the session waits for it, as that of a {@link Resumable}
   * service does on a listener with {@code awaits-return}. What is sent meanwhile is not in {@link
   * #sent} before the client is back, and never if the service is {@link Replaying}. The session
   * can {@link #move}; that the wait is over is {@code end(CloseReason.CLIENT)}.
   */
  public void goAway() {
    Incarnation<I, O> session = alive("lose its client");
    synchronized (sent) {
      if (kept != null) {
        throw new IllegalStateException("the client is away already");
      }
      if (!session.isResumable()) {
        throw new IllegalStateException(
            "a session waits for its client only if its service is Resumable; without that it ends:"
                + " clientBreaks()");
      }
      kept = new ArrayList<>();
    }
    session.away();
  }

  /** The client is back, over another connection, and does not say what it has seen. */
  public void comeBack() {
    comeBack(OptionalLong.empty());
  }

  /**
   * The client is back, over another connection.
   *
   * @param last number of the last message that it has seen
   */
  public void comeBack(long last) {
    comeBack(OptionalLong.of(last));
  }

  private void comeBack(OptionalLong last) {
    Incarnation<I, O> session = alive("get its client back");
    synchronized (sent) {
      List<O> waiting = kept;
      if (waiting == null) {
        throw new IllegalStateException("the client is not away");
      }
      kept = null;
      sent.addAll(waiting);
    }
    session.back(last);
  }

  /**
   * How ready the client is for more: false as if more waited for it than the high-water mark
   * allows. From false to true calls {@link Service#writable}.
   */
  public void setWritable(boolean ready) {
    Incarnation<I, O> session = alive("become writable or not");
    boolean before = writable;
    writable = ready;
    if (ready && !before) {
      session.becameWritable();
    }
  }

  // ---- what its worker does ----

  /** Lets time pass: runs the timers that are due by then, in their order. */
  public void advance(Duration time) {
    if (time.isNegative()) {
      throw new IllegalArgumentException("time goes forward only, not by " + time);
    }
    Incarnation<I, O> session = begun();
    Duration until = now.plus(time);
    int atOnce = 0;
    for (Timer due = session.due(until); due != null; due = session.due(until)) {
      atOnce = due.at().equals(now) ? atOnce + 1 : 0;
      if (atOnce > MAX_TIMERS_AT_ONCE) {
        throw new IllegalStateException(
            "more than %d timers are due at once, at %s: does a task start itself without a delay?"
                .formatted(MAX_TIMERS_AT_ONCE, now));
      }
      now = due.at();
      session.run(due);
    }
    now = until;
  }

  /**
   * The session's worker is about to end, and the session could not move: a {@link Draining}
   * service is told, any other notices nothing. The session stays as it is; what a drain does next
   * is {@code end(CloseReason.SHUTDOWN)}.
   */
  public void drain() {
    alive("hear of a drain").draining();
  }

  /** The worker ends the session, as for {@link CloseReason#TIMEOUT}. */
  public void end(CloseReason why) {
    begun().close(why);
  }

  /**
   * What the service saves. The session stays, as when a move comes to nothing.
   *
   * @throws IllegalStateException while a message is unprocessed: no worker saves then
   */
  public byte[] save() {
    Incarnation<I, O> session = alive("save");
    if (session.unprocessed() > 0) {
      throw new IllegalStateException(
          "a session is not saved while messages are unprocessed, here "
              + session.unprocessed()
              + ": release their holds");
    }
    return session.save();
  }

  /**
   * The session goes on in another worker: {@link Service#save}, {@code closed(MOVED)}, then {@link
   * Service#resumed} of a fresh service. Timers stay behind, and so does the old {@link Session}.
   *
   * @return what was saved
   * @throws IllegalStateException while a message is unprocessed
   */
  public byte[] move() {
    if (!fresh) {
      throw new IllegalStateException(
          "another worker has a service of its own: make this with TestSession.from(a factory)");
    }
    byte[] saved = save();
    alive("move").close(CloseReason.MOVED);
    incarnate().resume(saved.clone());
    return saved;
  }

  // ---- how it is ----

  /** All that was sent, in order. For any thread. */
  public List<O> sent() {
    synchronized (sent) {
      return List.copyOf(sent);
    }
  }

  /** What was sent since the last time this was asked; {@link #sent} forgets it. */
  public List<O> takeSent() {
    synchronized (sent) {
      List<O> taken = List.copyOf(sent);
      sent.clear();
      return taken;
    }
  }

  /** Messages that the service has not returned from or still holds. */
  public int unprocessed() {
    return begun().unprocessed();
  }

  /** Timers that wait for their time. */
  public int timers() {
    return begun().timers();
  }

  /** Why the session has ended; empty while it has not. */
  public Optional<CloseReason> ended() {
    return Optional.ofNullable(begun().ending());
  }

  /** The service's view, as the service of this moment was given it. */
  public Session<O> session() {
    return begun();
  }

  // ---- for its incarnations ----

  Optional<Principal> principal() {
    return Optional.ofNullable(principal);
  }

  Optional<RequestHead> handshake() {
    return Optional.ofNullable(handshake);
  }

  SessionId id() {
    return id;
  }

  Member member(String about) {
    synchronized (sent) {
      return new Member(id, principal().map(Principal::name), about, kept != null);
    }
  }

  TestTopics topics() {
    return topics;
  }

  /** Returns a publication as a message that is sent without a callback, if it is one. */
  Optional<O> relayed(Publication publication) {
    return topics.relayed(publication, sends);
  }

  void published(Publication publication) {
    tellSubscriber(its -> its.published(publication));
  }

  void sentTo(byte[] message) {
    tellSubscriber(its -> its.sentTo(message));
  }

  void missed(String topic, long count) {
    tellSubscriber(its -> its.missed(topic, count));
  }

  private void tellSubscriber(Consumer<Incarnation<I, O>> callback) {
    Incarnation<I, O> present = incarnation;
    if (present != null) {
      callback.accept(present);
    }
  }

  /** It has ended; a session that has moved has not. */
  void over(CloseReason why) {
    if (why != CloseReason.MOVED) {
      topics.leave(this);
    }
  }

  Duration now() {
    return now;
  }

  boolean writable() {
    return writable;
  }

  void release(Object message) {
    release.accept(message);
  }

  void send(O message, boolean keeps) {
    synchronized (sent) {
      List<O> to = kept == null ? sent : kept;
      if (kept == null || keeps) {
        to.add(Objects.requireNonNull(message, "a message to send"));
      } else {
        release(message);
      }
    }
  }

  private Incarnation<I, O> begun() {
    Incarnation<I, O> session = incarnation;
    if (session == null) {
      throw new IllegalStateException("the session has not begun: call open() or resume() first");
    }
    session.catchUp();
    return session;
  }

  private Incarnation<I, O> present(String what) {
    Incarnation<I, O> session = alive(what);
    synchronized (sent) {
      if (kept != null) {
        throw new IllegalStateException("the client is away and cannot " + what);
      }
    }
    return session;
  }

  private Incarnation<I, O> alive(String what) {
    Incarnation<I, O> session = begun();
    if (session.ending() != null) {
      throw new IllegalStateException(
          "the session has ended (%s) and cannot %s".formatted(session.ending(), what));
    }
    return session;
  }
}
