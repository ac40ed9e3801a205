package io.baton.service.testkit;

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
import io.baton.service.Subscriber;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A session as far as it is in one worker; a move makes another. The lane is the thread that made
 * it: what other threads ask for waits in the inbox until that thread comes by.
 */
final class Incarnation<I, O> implements Session<O> {
  private final TestSession<I, O> test;
  private final Service<I, O> service;
  private final Peer peer;
  private final Thread lane = Thread.currentThread();
  private final Queue<Runnable> inbox = new ConcurrentLinkedQueue<>();
  private final PriorityQueue<Timer> timers = new PriorityQueue<>();
  private long timersStarted;
  private final Map<String, Long> refused = new LinkedHashMap<>();
  private boolean opened;
  private boolean inCallback;
  private @Nullable CloseReason inputEnded;
  private volatile boolean broken;
  private int unprocessed;
  private @Nullable Received receiving;
  private volatile @Nullable CloseReason ending;

  Incarnation(TestSession<I, O> test, Service<I, O> service, Peer peer) {
    this.test = test;
    this.service = service;
    this.peer = peer;
  }

  // ---- for the service ----

  @Override
  public SessionId id() {
    return test.id();
  }

  @Override
  public Peer peer() {
    return peer;
  }

  @Override
  public Optional<Principal> principal() {
    return test.principal();
  }

  @Override
  public Optional<RequestHead> handshake() {
    return test.handshake();
  }

  @Override
  public boolean send(O message) {
    if (ending != null || broken) {
      test.release(message);
      return false;
    }
    test.send(message, !(service instanceof Replaying<?>));
    return true;
  }

  @Override
  public boolean writable() {
    return ending == null && !broken && test.writable();
  }

  @Override
  public Hold hold() {
    Received message = receiving;
    if (message == null || !inLane()) {
      throw new IllegalStateException("hold() outside of received()");
    }
    message.hold();
    AtomicBoolean released = new AtomicBoolean();
    return () -> {
      if (released.compareAndSet(false, true)) {
        doInLane(() -> letGo(message));
      }
    };
  }

  @Override
  public Cancellable after(Duration delay, Runnable task) {
    AtomicBoolean cancelled = new AtomicBoolean();
    Runnable unlessCancelled =
        () -> {
          if (!cancelled.get()) {
            task.run();
          }
        };
    doInLane(() -> {
      if (ending == null && !cancelled.get()) {
        Duration wait = delay.isNegative() ? Duration.ZERO : delay;
        timers.add(new Timer(test.now().plus(wait), timersStarted++, unlessCancelled));
      }
    });
    return () -> {
      cancelled.set(true);
      doInLane(() -> timers.removeIf(timer -> timer.task().equals(unlessCancelled)));
    };
  }

  @Override
  public void subscribe(String topic) {
    requireSubscriber();
    subscribeTo(topic, null);
  }

  @Override
  public void subscribe(String topic, String about) {
    requireSubscriber();
    if (about.getBytes(StandardCharsets.UTF_8).length > Member.MAX_ABOUT_BYTES) {
      throw new IllegalArgumentException(
          "a session says at most %d bytes about itself".formatted(Member.MAX_ABOUT_BYTES));
    }
    subscribeTo(topic, about);
  }

  /** One topic too many ends the session, also if the service catches what is thrown. */
  private void subscribeTo(String topic, @Nullable String about) {
    if (ending != null) {
      return;
    }
    try {
      test.topics().subscribe(topic, test, about);
    } catch (IllegalStateException tooMany) {
      doInLane(() -> end(CloseReason.ERROR));
      throw tooMany;
    }
  }

  @Override
  public void addressable() {
    requireSubscriber();
    if (ending == null) {
      test.topics().addressable(test);
    }
  }

  private void requireSubscriber() {
    if (!(service instanceof Subscriber<?>)) {
      throw new IllegalStateException(
          service.getClass().getName() + " subscribes, but is no " + Subscriber.class.getName());
    }
  }

  @Override
  public void unsubscribe(String topic) {
    if (ending == null) {
      test.topics().unsubscribe(topic, test);
    }
  }

  @Override
  public void close(CloseReason why) {
    doInLane(() -> end(why));
  }

  // ---- for the test ----

  boolean open() {
    AtomicBoolean accepted = new AtomicBoolean();
    callback(() -> {
      opened = service.opened(this);
      accepted.set(opened);
    });
    if (!accepted.get()) {
      end(CloseReason.SERVICE);
    }
    return accepted.get();
  }

  void resume(byte[] saved) {
    callback(() -> {
      service.resumed(this, saved);
      opened = true;
    });
  }

  void receive(I message) {
    Received received = new Received(message);
    unprocessed++;
    callback(() -> {
      receiving = received;
      try {
        service.received(this, message);
      } finally {
        receiving = null;
        letGo(received);
      }
    });
  }

  void inputEnded(CloseReason why) {
    if (inputEnded == null) {
      inputEnded = why;
    }
    settle();
  }

  void broken(List<I> sentBefore) {
    broken = true;
    for (I message : sentBefore) {
      if (ending == null) {
        receive(message);
      } else {
        test.release(message); // the service has closed the session itself
      }
    }
    end(CloseReason.CLIENT);
    settle();
  }

  boolean isResumable() {
    return service instanceof Resumable<?>;
  }

  void away() {
    resumable(its -> its.away(this));
  }

  void back(OptionalLong last) {
    resumable(its -> its.back(this, last));
  }

  private void resumable(Consumer<Resumable<O>> callback) {
    if (service instanceof Resumable<?> its) {
      @SuppressWarnings("unchecked") // it is a service whose messages are O
      Resumable<O> to = (Resumable<O>) its;
      callback(() -> callback.accept(to));
    }
  }

  void draining() {
    if (service instanceof Draining<?> its) {
      @SuppressWarnings("unchecked") // it is a service whose messages are O
      Draining<O> to = (Draining<O>) its;
      callback(() -> to.draining(this));
    }
  }

  void published(Publication publication) {
    later(() -> {
      Optional<O> relayed =
          service instanceof Replaying<?> ? Optional.empty() : test.relayed(publication);
      if (relayed.isEmpty()) {
        subscriber(its -> its.published(this, publication));
      } else if (writable()) {
        tellRefused();
        send(relayed.get());
      } else {
        refused.merge(publication.topic(), 1L, Long::sum);
      }
    });
  }

  private void tellRefused() {
    Map<String, Long> those = Map.copyOf(refused);
    refused.clear();
    those.forEach(this::missed);
  }

  void sentTo(byte[] message) {
    later(() -> subscriber(its -> its.sent(this, message)));
  }

  void missed(String topic, long count) {
    later(() -> subscriber(its -> its.missed(this, topic, count)));
  }

  private void subscriber(Consumer<Subscriber<O>> callback) {
    if (ending == null && service instanceof Subscriber<?> its) {
      @SuppressWarnings("unchecked") // it is a service whose messages are O
      Subscriber<O> to = (Subscriber<O>) its;
      callback(() -> callback.accept(to));
    }
  }

  /** Calls the service as soon as no callback of it runs. */
  private void later(Runnable call) {
    if (inLane() && !inCallback) {
      call.run();
    } else {
      inbox.add(call);
    }
  }

  void becameWritable() {
    tellRefused();
    callback(() -> service.writable(this));
  }

  byte[] save() {
    tellRefused();
    byte[][] saved = {Service.NOTHING};
    callback(() -> saved[0] = service.save(this));
    return saved[0];
  }

  /** The next timer that is due by then; null if there is none. */
  @Nullable Timer due(Duration until) {
    Timer first = timers.peek();
    return first == null || first.at().compareTo(until) > 0 ? null : timers.remove();
  }

  void run(Timer timer) {
    callback(timer.task());
  }

  int unprocessed() {
    return unprocessed;
  }

  int timers() {
    return timers.size();
  }

  @Nullable CloseReason ending() {
    return ending;
  }

  /** Does what other threads have asked for. */
  void catchUp() {
    if (!inLane()) {
      throw new IllegalStateException("a TestSession is for the thread that made it: " + lane);
    }
    if (inCallback) {
      throw new IllegalStateException("called from a callback: they come one after the other");
    }
    settle();
  }

  // ---- the lane ----

  private boolean inLane() {
    return lane.equals(Thread.currentThread());
  }

  private void doInLane(Runnable action) {
    if (!inLane()) {
      inbox.add(action);
      return;
    }
    action.run();
    if (!inCallback) {
      settle();
    }
  }

  private void callback(Runnable callback) {
    try {
      guarded(callback);
    } catch (Throwable t) {
      end(CloseReason.ERROR);
      try {
        settle();
      } catch (Throwable another) {
        t.addSuppressed(another);
      }
      throw t;
    }
    settle();
  }

  private void guarded(Runnable callback) {
    inCallback = true;
    try {
      callback.run();
    } finally {
      inCallback = false;
    }
  }

  /** After each callback: what was asked for meanwhile, and the end, if it has come to that. */
  private void settle() {
    for (Runnable action = inbox.poll(); action != null; action = inbox.poll()) {
      action.run();
    }
    CloseReason last = inputEnded;
    if (last != null && unprocessed == 0) {
      end(last);
    }
    CloseReason why = ending;
    if (why != null && opened) {
      opened = false;
      guarded(() -> service.closed(this, why));
    }
  }

  private void letGo(Received message) {
    if (message.letGo()) {
      unprocessed--;
      test.release(message.message());
    }
  }

  /** The first reason stands. */
  private void end(CloseReason why) {
    if (ending == null) {
      ending = why;
      timers.clear();
      test.over(why);
    }
  }
}
