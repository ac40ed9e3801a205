package io.baton.worker.run;

import static java.util.Objects.requireNonNull;

import io.baton.codec.Flow;
import io.baton.codec.Protocol;
import io.baton.service.Cancellable;
import io.baton.service.CloseReason;
import io.baton.service.Hold;
import io.baton.service.Peer;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.service.SessionId;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One session: its service and what that service may ask for. The connection below it does what is
 * the event loop's; here the lane's part is, the callbacks.
 *
 * <pre>
 *   NEW ──opened()──► OPEN ──end(why)──► ENDING ──connection closed──► closed(why)
 *    └── refused, or the service's factory or opened() threw ──► ENDING ──► (no closed())
 * </pre>
 *
 * <p>A session that came from another worker is resumed instead of opened. One that goes to another
 * is SAVED in between: from the service's save until it has moved, or is thawed, its callbacks
 * wait. What is sent meanwhile is written here as ever; what the client does not take of it moves
 * along.
 *
 * <p>ENDING (a reason is set) is where nothing is sent any more and what was sent goes out. What
 * was handed out before is still received, unless the service is the one that ended the session.
 * Whatever it throws ends its own session and nothing else.
 */
final class LiveSession<I, O> implements Session<O> {
  /** How often who sends looks whether a session that is being given away has moved. */
  private static final long LOOK_NANOS = 20_000;

  private final Connection connection;
  private final Protocol<I, O> protocol;
  private volatile @Nullable CloseReason ending;

  /** The service has saved: what it would do now is not in what it saved. */
  private volatile boolean saved;

  /** The service wants no more messages: it has closed the session, or thrown. */
  private volatile boolean silenced;

  /** The session is being given away, in this turn of the event loop: what is sent now waits. */
  private volatile boolean sealed;

  // On the event loop only.

  private @Nullable Flow flow;

  /** Those that wait for their time; most sessions never have one. */
  private @Nullable Set<Timer> timers;

  // In the lane only.

  private @Nullable Service<I, O> service;
  private boolean opened;

  /** For what is said of it on the event loop. */
  private volatile @Nullable Class<?> serviceClass;

  private @Nullable Delivery receiving;

  /** Callbacks that came while saved; almost never any. */
  private @Nullable List<Runnable> waiting;

  LiveSession(Connection connection, Protocol<I, O> protocol) {
    this.connection = connection;
    this.protocol = protocol;
  }

  // ---- for the service ----

  @Override
  public SessionId id() {
    return connection.id();
  }

  @Override
  public Peer peer() {
    return connection.peer();
  }

  @Override
  public boolean send(O message) {
    Outlet outlet = connection.outlet();
    if (connection.loop().inEventLoop() && !outlet.isExpecting()) {
      return write(message);
    }
    if (connection.strand().mayBlock() && connection.strand().isCurrent()) {
      outlet.awaitRoom(() -> ending != null);
    }
    int bytes = Outlet.sizeOf(message);
    if (!entrust(bytes)) {
      ReferenceCountUtil.release(message);
      return false;
    }
    if (outlet.overflows(bytes)) {
      outlet.withdrawn(bytes);
      ReferenceCountUtil.release(message);
      connection.onLoop(() -> connection.overflow(this));
      return false;
    }
    connection
        .loop()
        .execute(() -> {
          connection.outlet().arrived(bytes);
          write(message);
        });
    return true;
  }

  /**
   * Whether something may still be handed to the event loop; then the session does not move before
   * it is there. That is counted before the look, and whoever gives the session away looks the
   * other way round, so one of the two sees the other. The turn in which it is given is waited for:
   * only its end tells whether the session is still here.
   */
  private boolean entrust(int bytes) {
    Outlet outlet = connection.outlet();
    outlet.entrusted(bytes);
    while (ending == null) {
      if (!sealed || connection.loop().inEventLoop()) {
        return true; // the loop itself has nothing to say in that turn
      }
      outlet.withdrawn(bytes);
      LockSupport.parkNanos(LOOK_NANOS);
      outlet.entrusted(bytes);
    }
    outlet.withdrawn(bytes);
    return false;
  }

  private boolean write(O message) {
    if (ending != null || !connection.write(message)) {
      ReferenceCountUtil.release(message);
      return false;
    }
    return true;
  }

  @Override
  public boolean writable() {
    if (saved) {
      connection.outlet().refuse(); // before another look: a thaw does the same the other way round
      if (saved) {
        return false;
      }
    }
    return ending == null && connection.outlet().hasRoom();
  }

  @Override
  public Hold hold() {
    Delivery message = connection.strand().isCurrent() ? receiving : null;
    if (message == null) {
      throw new IllegalStateException("hold() outside of received()");
    }
    return message.hold();
  }

  @Override
  public Cancellable after(Duration delay, Runnable task) {
    Timer timer = new Timer(this, task, connection.host().clock().nanos() + delay.toNanos());
    connection.onLoop(timer::begin);
    return timer;
  }

  @Override
  public void close(CloseReason why) {
    silence();
    behindSends(() -> connection.end(this, why));
  }

  /** On the event loop, after what other threads have sent, and is still on its way there. */
  private void behindSends(Runnable end) {
    if (connection.loop().inEventLoop() && !connection.outlet().isExpecting()) {
      end.run();
      return;
    }
    boolean counted = entrust(0);
    connection
        .loop()
        .execute(() -> {
          if (counted) {
            connection.outlet().arrived(0);
          }
          end.run();
        });
  }

  // ---- the lane's part ----

  void open() {
    if (ending == null) {
      begin();
    } // else it has gone before the lane came to it; what it had said, if anything, will begin it
  }

  private void begin() {
    if (silenced) {
      return;
    }
    guarded(() -> {
      Service<I, O> made = protocol.service().get();
      service = made;
      opened = made.opened(this);
      if (!opened) {
        close(CloseReason.SERVICE);
      }
    });
  }

  void deliver(Delivery delivery) {
    if (service == null) {
      begin();
    }
    Service<I, O> to = service;
    if (silenced || to == null || !opened) {
      return;
    }
    receiving = delivery;
    // A codec that hands out something else fails here, as its own mistake.
    guarded(() -> to.received(this, protocol.codec().in().cast(delivery.message())));
    receiving = null;
  }

  void tellWritable() {
    Service<I, O> to = service;
    if (to != null && opened) {
      call(() -> to.writable(this));
    }
  }

  void tellClosed(CloseReason why) {
    Service<I, O> to = service;
    if (to != null && opened) {
      opened = false;
      guarded(() -> to.closed(this, why));
    }
  }

  void runTask(Runnable task) {
    call(task);
  }

  private void call(Runnable callback) {
    if (ending != null || silenced) {
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

  /**
   * Makes the service of a session that comes from another worker.
   *
   * @param done told on the event loop: null, or why the service cannot go on with it
   */
  void resume(ByteBuffer state, Consumer<@Nullable Throwable> done) {
    connection
        .strand()
        .submit(() -> {
          Throwable failure = resumed(state);
          connection.onLoop(() -> done.accept(failure));
        });
  }

  private @Nullable Throwable resumed(ByteBuffer state) {
    try {
      Service<I, O> made = protocol.service().get();
      service = made;
      serviceClass = made.getClass();
      byte[] bytes = new byte[state.remaining()];
      state.duplicate().get(bytes);
      made.resumed(this, bytes);
      opened = true;
      return null;
    } catch (Throwable t) {
      return t;
    }
  }

  /**
   * Has the service save, after all that it has been given.
   *
   * @param done told on the event loop, as one of the two is
   * @param cannot there is nothing to save, or the service threw; the session is as it was
   */
  void save(Consumer<byte[]> done, Runnable cannot) {
    connection
        .strand()
        .submit(() -> {
          byte[] bytes = saved();
          connection.onLoop(
              bytes == null
                  ? cannot
                  : () -> done.accept(bytes)); // only the loop knows what became of the move
        });
  }

  private byte @Nullable [] saved() {
    Service<I, O> of = service;
    if (of == null || !opened || ending != null) {
      return null;
    }
    saved = true;
    serviceClass = of.getClass();
    try {
      return requireNonNull(of.save(this), "save() returned null");
    } catch (Throwable t) {
      connection.onLoop(() -> connection.cannotSave(t));
      return null;
    }
  }

  /** In the lane: callbacks may run again, and those that waited do. */
  void thaw() {
    saved = false;
    List<Runnable> those = waiting;
    waiting = null;
    if (those != null) {
      those.forEach(this::call);
    }
    connection.onLoop(connection.outlet()::tellRoom);
  }

  /** Runs a piece of the service: flushes after it, and ends the session if it throws. */
  private void guarded(Runnable callback) {
    boolean here = connection.loop().inEventLoop();
    if (here) {
      connection.outlet().enter();
    }
    try {
      callback.run();
    } catch (Throwable t) {
      silence();
      behindSends(() -> connection.fail(this, t));
    } finally {
      if (here) {
        connection.outlet().exit();
      }
    }
  }

  // ---- the event loop's part ----

  /** Any thread: no message, timer or the like comes to the service any more, but its end. */
  void silence() {
    silenced = true;
  }

  /**
   * Holds back, for this turn, what other threads send, or lets it go on.
   *
   * @return false if something of theirs is on its way: then it is not held back
   */
  boolean seal(boolean seals) {
    sealed = seals;
    if (seals && connection.outlet().isExpecting()) {
      sealed = false;
    }
    return sealed == seals;
  }

  /**
   * Nothing is sent from now on.
   *
   * @return why: the first reason stands
   */
  CloseReason ending(CloseReason why) {
    CloseReason first = ending;
    if (first != null) {
      return first;
    }
    ending = why;
    Set<Timer> all = timers;
    timers = null;
    if (all != null) {
      all.forEach(Timer::stop);
    }
    return why;
  }

  @Nullable CloseReason ending() {
    return ending;
  }

  void remember(Timer waiting) {
    if (timers == null) {
      timers = new HashSet<>();
    }
    timers.add(waiting);
  }

  void forget(Timer waiting) {
    if (timers != null) {
      timers.remove(waiting);
    }
  }

  void flow(Flow installed) {
    flow = installed;
  }

  Flow flow() {
    Flow installed = flow;
    if (installed == null) {
      throw new IllegalStateException("the codec is not installed yet");
    }
    return installed;
  }

  /** Of the service that saves or goes on here; null if none was made. */
  @Nullable Class<?> serviceClass() {
    return serviceClass;
  }

  Protocol<I, O> protocol() {
    return protocol;
  }

  Connection connection() {
    return connection;
  }
}
