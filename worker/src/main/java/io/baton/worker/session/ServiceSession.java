package io.baton.worker.session;

import static java.util.Objects.requireNonNull;

import io.baton.codec.Flow;
import io.baton.codec.Protocol;
import io.baton.service.Cancellable;
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
import io.baton.service.SessionKey;
import io.baton.service.Subscriber;
import io.baton.service.Topics;
import io.baton.worker.delivery.ModuleTopics;
import io.baton.worker.identity.Identity;
import io.baton.worker.lane.Strand;
import io.baton.worker.module.OfModule;
import io.baton.worker.time.Clock;
import io.netty.channel.EventLoop;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The service's side of a session in one protocol: the callbacks, which run in the session's lane,
 * and all that a service may ask for. An upgrade makes another one on the same {@link
 * ClientSession}, which does what is the event loop's.
 *
 * <pre>
 *   no service ── opened() or resumed() ──► heard ◄── thaw, save() ──► SAVED: callbacks wait
 *        │                                    │
 *        └── refused or threw ──► (no closed())└── the session is over ──► closed(why)
 * </pre>
 *
 * <p>A session that goes to another worker is SAVED from the service's save until it has moved or
 * is thawed. What is sent meanwhile is written as always; what the client does not take of it moves
 * along. Whatever a service throws ends its own session and nothing else.
 */
final class ServiceSession<I, O>
    implements Session<O>, InboundMessage.Receiver, SessionTimer.Owner {

  /** The event loop's side of the session, as the service's side sees it. */
  interface LoopSide extends OutboundQueue.Owner {
    SessionId id();

    Peer peer();

    /** Under which its client finds it again; null if it cannot. Any thread. */
    @Nullable SessionKey key();

    /** The proxy that the client came through, if it did. */
    @Nullable Peer via();

    List<X509Certificate> peerCertificates();

    /** What is known of the client. Any thread. */
    Identity identity();

    Strand strand();

    OutboundQueue queue();

    Clock clock();

    /**
     * Encodes and writes a message. Event loop only.
     *
     * @return false if it is not taken: it is still the caller's
     */
    boolean write(Object message);

    /** Says the protocol's first words, if this still is the session's. Event loop only. */
    void welcome(ServiceSession<?, ?> of);

    /** What is sent goes out again. Event loop only. */
    void unmute();

    /** A message is done with. Event loop only. */
    void processed(InboundMessage message);

    /** Ends the session, if this still is its protocol. Event loop only. */
    void end(ServiceSession<?, ?> of, CloseReason why);

    /** The service failed. Event loop only. */
    void fail(ServiceSession<?, ?> failed, Throwable cause);

    /** More waits for the client than may. Event loop only. */
    void overflow(ServiceSession<?, ?> of);

    /** The service has been told that the worker is about to end. Event loop only. */
    void toldDraining(ServiceSession<?, ?> told);

    /** The service cannot save. Event loop only. */
    void cannotSave(Throwable cause);

    /** Subscribes to a topic, if this still is the session's. Event loop only. */
    void subscribe(ServiceSession<?, ?> of, String topic, @Nullable String about);

    /** Ends a subscription, if this still is the session's. Event loop only. */
    void unsubscribe(ServiceSession<?, ?> of, String topic);
  }

  private final LoopSide session;
  private final Protocol<I, O> protocol;
  private final SessionState state;

  /** The service has saved: what it would do now is not in what it saved. */
  private volatile boolean saved;

  /** The service wants no more messages: it has closed the session, or thrown. */
  private volatile boolean silenced;

  private volatile int maxMessage = Integer.MAX_VALUE;

  // On the event loop only.

  private @Nullable Flow flow;

  /** The service was to be opened. */
  private boolean begun;

  /** It has been told, for what is under way, that the worker is about to end. */
  private boolean drainingTold;

  /** The same, and that callback has not returned. */
  private boolean hearsOfDraining;

  /** Timers that wait for their time; most sessions never have one. */
  private @Nullable Set<SessionTimer> timers;

  // In the lane only.

  private @Nullable Service<I, O> service;
  private boolean opened;

  /** For what is said of the service on the event loop. */
  private volatile @Nullable Class<?> serviceClass;

  private @Nullable InboundMessage receiving;

  /** Callbacks that came while saved; almost never any. */
  private @Nullable List<Runnable> waiting;

  ServiceSession(LoopSide session, Protocol<I, O> protocol, SessionState state) {
    this.session = session;
    this.protocol = protocol;
    this.state = state;
  }

  SessionState state() {
    return state;
  }

  Protocol<I, O> protocol() {
    return protocol;
  }

  // ---- for the service ----

  @Override
  public SessionId id() {
    return session.id();
  }

  @Override
  public Peer peer() {
    return session.peer();
  }

  @Override
  public Optional<SessionKey> key() {
    return Optional.ofNullable(session.key());
  }

  @Override
  public Optional<Peer> via() {
    return Optional.ofNullable(session.via());
  }

  @Override
  public List<X509Certificate> peerCertificates() {
    return session.peerCertificates();
  }

  @Override
  public Optional<Principal> principal() {
    return Optional.ofNullable(session.identity().principal());
  }

  @Override
  public Optional<RequestHead> handshake() {
    return Optional.ofNullable(session.identity().handshake());
  }

  @Override
  public boolean send(O message) {
    OutboundQueue queue = session.queue();
    EventLoop loop = session.loop();
    if (loop.inEventLoop() && queue.isEmpty()) {
      return write(message);
    }
    if (session.strand().mayBlock() && session.strand().isCurrent()) {
      queue.awaitRoom(state::isOver);
    }
    int bytes = MessageSize.pending(message);
    if (!queue.enter(bytes, state::isOver)) {
      ReferenceCountUtil.release(message);
      return false;
    }
    if (queue.exceedsPending(bytes)) {
      queue.withdraw(bytes);
      ReferenceCountUtil.release(message);
      onLoop(() -> session.overflow(this));
      return false;
    }
    loop.execute(() -> {
      queue.arrived(bytes);
      write(message);
    });
    return true;
  }

  private boolean write(O message) {
    if (state.isOver() || !session.write(message)) {
      ReferenceCountUtil.release(message);
      return false;
    }
    return true;
  }

  @Override
  public boolean writable() {
    if (saved) {
      session.queue().refuse(); // before another look: a thaw does the same the other way round
      if (saved) {
        return false;
      }
    }
    return !state.isOver() && session.queue().hasRoom();
  }

  @Override
  public int maxMessage() {
    return maxMessage;
  }

  @Override
  public Hold hold() {
    InboundMessage message = session.strand().isCurrent() ? receiving : null;
    if (message == null) {
      throw new IllegalStateException("hold() outside of received()");
    }
    return message.hold();
  }

  @Override
  public Cancellable after(Duration delay, Runnable task) {
    SessionTimer timer = new SessionTimer(this, task, session.clock().nanos() + delay.toNanos());
    onLoop(timer::begin);
    return timer;
  }

  @Override
  public void subscribe(String topic) {
    subscribeTo(topicPrefix() + Topics.requireName(topic), null);
  }

  @Override
  public void subscribe(String topic, String about) {
    int bytes = about.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > Member.MAX_ABOUT_BYTES) {
      throw new IllegalArgumentException(
          "a session says at most %d bytes about itself, this one %d"
              .formatted(Member.MAX_ABOUT_BYTES, bytes));
    }
    subscribeTo(topicPrefix() + Topics.requireName(topic), about);
  }

  @Override
  public void addressable() {
    subscribeTo(ModuleTopics.session(topicPrefix(), id()), null);
    principal().ifPresent(user -> subscribeTo(ModuleTopics.user(topicPrefix(), user.name()), null));
  }

  private void subscribeTo(String name, @Nullable String about) {
    Class<?> its = serviceClass;
    if (!is(Subscriber.class)) {
      throw new IllegalStateException(
          "%s subscribes, but is no %s"
              .formatted(its == null ? "a service" : its.getName(), Subscriber.class.getName()));
    }
    onLoop(() -> session.subscribe(this, name, about));
  }

  @Override
  public void unsubscribe(String topic) {
    String name = topicPrefix() + topic;
    onLoop(() -> session.unsubscribe(this, name));
  }

  /** What the names of its topics in the worker begin with. */
  private String topicPrefix() {
    return protocol.service() instanceof OfModule of ? ModuleTopics.prefix(of.module()) : "";
  }

  @Override
  public void close(CloseReason why) {
    silence();
    behindSends(() -> session.end(this, why));
  }

  /** On the event loop, behind what other threads have sent and is still on its way there. */
  private void behindSends(Runnable end) {
    OutboundQueue queue = session.queue();
    EventLoop loop = session.loop();
    if (loop.inEventLoop() && queue.isEmpty()) {
      end.run();
      return;
    }
    boolean counted = queue.enter(0, state::isOver);
    loop.execute(() -> {
      if (counted) {
        queue.arrived(0);
      }
      end.run();
    });
  }

  // ---- the lane's part ----

  /** Has the service opened, unless it was to be before. On the event loop. */
  void openOnce() {
    if (!begun) {
      begun = true;
      session.strand().submit(this::open);
    }
  }

  /** Opens the service. */
  void open() {
    if (!state.isOver() && service == null) {
      begin();
    } // else it ended before the lane came to it; a message of it, if there is any, will begin it
  }

  private void begin() {
    if (silenced) {
      return;
    }
    guarded(() -> {
      Service<I, O> made = make();
      if (protocol.codec().welcomes()) {
        behindSends(() -> session.welcome(this)); // before anybody can send
      }
      opened = made.opened(this);
      if (!opened) {
        close(CloseReason.SERVICE);
      }
    });
  }

  private Service<I, O> make() {
    Service<I, O> made = protocol.service().get();
    service = made;
    serviceClass = made.getClass();
    return made;
  }

  @Override
  public void deliver(InboundMessage message) {
    if (service == null) {
      begin();
    }
    Service<I, O> to = service;
    if (silenced || to == null || !opened) {
      return;
    }
    receiving = message;
    // A codec that hands out something else fails here, as its own mistake.
    guarded(() -> to.received(this, protocol.codec().in().cast(message.content())));
    receiving = null;
  }

  void tellWritable() {
    tell(Service.class, (Service<I, O> to) -> to.writable(this));
  }

  /** Whether the service can wait for its client. On the event loop. */
  boolean isResumable() {
    return is(Resumable.class);
  }

  /** Whether nothing is kept for its client, because the service itself does. On the event loop. */
  boolean replays() {
    return is(Replaying.class);
  }

  private boolean is(Class<?> capability) {
    Class<?> its = serviceClass;
    return its != null && capability.isAssignableFrom(its);
  }

  void tellAway() {
    tell(Resumable.class, (Resumable<O> to) -> to.away(this));
  }

  void tellBack(OptionalLong last) {
    tell(
        Resumable.class,
        (Resumable<O> to) -> {
          behindSends(session::unmute);
          to.back(this, last);
        });
  }

  /** Calls the service if it has this capability and wants to hear more. In the lane. */
  private <C> void tell(Class<? super C> capability, Consumer<C> callback) {
    if (opened && capability.isInstance(service)) {
      @SuppressWarnings("unchecked") // it is a service of this session, whose messages are I and O
      C to = (C) service;
      call(() -> callback.accept(to));
    }
  }

  /**
   * Tells the service that the worker is about to end, if it wants to know and has not been told
   * for what is under way. On the event loop.
   *
   * @return whether it is hearing of it now, for which the codec's goodbye has to wait
   */
  boolean tellDraining() {
    if (!drainingTold && is(Draining.class)) {
      drainingTold = true;
      hearsOfDraining = true;
      session
          .strand()
          .submit(() -> {
            tell(Draining.class, (Draining<O> to) -> to.draining(this));
            behindSends(() -> {
              hearsOfDraining = false;
              session.toldDraining(this);
            });
          });
    }
    return hearsOfDraining;
  }

  // ---- topics ----

  /** Does something in the lane, behind all that was submitted before. */
  void inLane(Runnable task) {
    session.strand().submit(task);
  }

  /** Whether this is the name, in the worker, of a topic of the service's module. Any thread. */
  boolean isTopicOfModule(String name) {
    return name.startsWith(topicPrefix());
  }

  /**
   * Returns the class of the messages as which publications may be sent to it; null if its service
   * has to know of each, because it keeps them for its client. On the event loop.
   */
  @Nullable Class<?> relayed() {
    return replays() ? null : protocol.codec().out();
  }

  /**
   * Whether its client takes what is relayed. That has nothing to do with the service: it may have
   * saved, and messages of it may be on their way. On the event loop.
   */
  boolean takesRelayed() {
    if (!session.isWritable()) {
      session.output().flush();
    }
    return !state.isOver() && session.isWritable();
  }

  /** Sends a publication as a message, before what is on its way. On the event loop. */
  boolean sendRelayed(Object message) {
    return write(protocol.codec().out().cast(message));
  }

  /** A message was published. In the lane. */
  void tellPublished(String name, byte[] message) {
    String topic = topic(name);
    tell(
        Subscriber.class,
        (Subscriber<O> to) -> {
          if (ModuleTopics.isDirect(topic)) {
            to.sent(this, message);
          } else {
            to.published(this, new Publication(topic, message));
          }
        });
  }

  /** Publications do not reach the service. In the lane. */
  void tellMissed(String name, long count) {
    String topic = topic(name);
    String told = ModuleTopics.isDirect(topic) ? "" : topic;
    tell(Subscriber.class, (Subscriber<O> to) -> to.missed(this, told, count));
  }

  private String topic(String name) {
    return name.substring(topicPrefix().length());
  }

  /** Whether the service is just hearing that the worker is about to end. On the event loop. */
  boolean hearsOfDraining() {
    return hearsOfDraining;
  }

  /** Nothing is under way any more; of what comes next it may be told. On the event loop. */
  void rests() {
    drainingTold = false;
  }

  void tellClosed(CloseReason why) {
    Service<I, O> to = service;
    if (to != null && opened) {
      opened = false;
      guarded(() -> to.closed(this, why));
    }
  }

  @Override
  public void callLater(Runnable task) {
    session.strand().submit(() -> call(task));
  }

  private void call(Runnable callback) {
    if (state.isOver() || silenced) {
      return;
    }
    if (saved) {
      if (waiting == null) {
        waiting = new ArrayList<>(1);
      }
      waiting.add(callback);
    } else {
      guarded(callback);
    }
  }

  /** Runs a piece of the service: flushes after it, and ends the session if it throws. */
  private void guarded(Runnable callback) {
    SessionOutput batch = session.loop().inEventLoop() ? session.output() : null;
    if (batch != null) {
      batch.beginBatch();
    }
    try {
      OfModule.enter(protocol.service());
      callback.run();
    } catch (Throwable t) {
      silence();
      behindSends(() -> session.fail(this, t));
    } finally {
      if (batch != null) {
        batch.endBatch();
      }
    }
  }

  // ---- save and resume ----

  /**
   * Makes the service of a session that comes from another worker.
   *
   * @param done told on the event loop: null, or why the service cannot go on with it
   */
  void resume(ByteBuffer saved, Consumer<@Nullable Throwable> done) {
    session
        .strand()
        .submit(() -> {
          Throwable failure = resumed(saved);
          onLoop(() -> done.accept(failure));
        });
  }

  private @Nullable Throwable resumed(ByteBuffer saved) {
    try {
      Service<I, O> made = make();
      byte[] bytes = new byte[saved.remaining()];
      saved.duplicate().get(bytes);
      OfModule.enter(protocol.service());
      made.resumed(this, bytes);
      opened = true;
      return null;
    } catch (Throwable t) {
      return t;
    }
  }

  /**
   * Has the service save, behind all that it has been given. One of the two is told, on the event
   * loop.
   *
   * @param cannot there is nothing to save, or the service threw; the session is as it was
   */
  void save(Consumer<byte[]> done, Runnable cannot) {
    session
        .strand()
        .submit(() -> {
          byte[] bytes = saved();
          // Only the loop knows what has become of the move.
          onLoop(bytes == null ? cannot : () -> done.accept(bytes));
        });
  }

  private byte @Nullable [] saved() {
    if (service == null && protocol.codec().seeks()) {
      begin(); // its client has not said yet what it wants
    }
    Service<I, O> of = service;
    if (of == null || !opened || state.isOver()) {
      return null;
    }
    saved = true;
    try {
      OfModule.enter(protocol.service());
      return requireNonNull(of.save(this), "save() returned null");
    } catch (Throwable t) {
      onLoop(() -> session.cannotSave(t));
      return null;
    }
  }

  /** Lets callbacks run again, and runs those that waited. In the lane. */
  void thaw() {
    saved = false;
    List<Runnable> those = waiting;
    waiting = null;
    if (those != null) {
      those.forEach(this::call);
    }
    onLoop(session.queue()::tellRoom);
  }

  /** The class of the service that saves or goes on here; null if there is none. Any thread. */
  @Nullable Class<?> serviceClass() {
    return serviceClass;
  }

  // ---- the event loop's part ----

  /** From now on the service hears nothing but its end. Any thread. */
  void silence() {
    silenced = true;
  }

  /** The session ends, and its timers with it; the first reason is returned. */
  CloseReason end(CloseReason why) {
    boolean first = !state.isOver();
    CloseReason stands = state.end(why);
    if (first) {
      stopTimers();
    }
    return stands;
  }

  private void stopTimers() {
    Set<SessionTimer> all = timers;
    timers = null;
    if (all != null) {
      all.forEach(SessionTimer::stop);
    }
  }

  @Override
  public boolean keep(SessionTimer timer) {
    if (state.isOver()) {
      return false;
    }
    if (timers == null) {
      timers = new HashSet<>();
    }
    timers.add(timer);
    return true;
  }

  @Override
  public void forget(SessionTimer timer) {
    if (timers != null) {
      timers.remove(timer);
    }
  }

  @Override
  public Clock clock() {
    return session.clock();
  }

  @Override
  public void processed(InboundMessage message) {
    session.processed(message);
  }

  @Override
  public void failed(IllegalReferenceCountException cause) {
    session.fail(this, cause);
  }

  void flow(Flow installed) {
    flow = installed;
    maxMessage = installed.maxMessage();
  }

  Flow flow() {
    Flow installed = flow;
    if (installed == null) {
      throw new IllegalStateException("the codec is not installed yet");
    }
    return installed;
  }

  /** Returns where the conversation is: a route of http, or the protocol after one. */
  String at() {
    Flow installed = flow;
    String its = installed == null ? "" : installed.route();
    return its.isEmpty() ? protocol.name() : its;
  }

  /** Returns what the client wants now, for the log; empty if that is not known. */
  String current() {
    Flow installed = flow;
    return installed == null ? "" : installed.current();
  }

  // ---- any thread ----

  @Override
  public EventLoop loop() {
    return session.loop();
  }

  @Override
  public boolean expectsSends() {
    return !session.queue().isEmpty();
  }

  @Override
  public void onLoop(Runnable action) {
    EventLoop loop = session.loop();
    if (loop.inEventLoop()) {
      action.run();
    } else {
      loop.execute(action);
    }
  }
}
