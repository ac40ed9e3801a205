package io.baton.worker.run;

import static java.util.Objects.requireNonNull;

import io.baton.service.Cancellable;
import io.baton.service.CloseReason;
import io.baton.service.Hold;
import io.baton.service.Peer;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.service.SessionId;
import io.baton.worker.codec.Flow;
import io.baton.worker.codec.Protocol;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
 * is SAVED in between: from the service's save until it has moved, or is thawed, its callbacks wait
 * and nothing is sent.
 *
 * <p>ENDING (a reason is set) is where nothing is received or sent any more and what was sent goes
 * out. Whatever the service throws ends its own session and nothing else.
 */
final class LiveSession<I, O> implements Session<O> {
  private final Connection connection;
  private final Protocol<I, O> protocol;
  private volatile @Nullable CloseReason ending;

  /** The service has saved: what it would send now is not in what it saved. */
  private volatile boolean saved;

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
      return sendNow(message);
    }
    if (connection.strand().mayBlock() && connection.strand().isCurrent()) {
      outlet.awaitRoom(() -> ending != null);
    }
    outlet.entrusted(); // before the look: whoever saves looks the other way round
    if (ending != null || saved) {
      outlet.withdrawn();
      ReferenceCountUtil.release(message);
      return false;
    }
    connection
        .loop()
        .execute(() -> {
          outlet.arrived();
          write(message);
        });
    return true;
  }

  private boolean sendNow(O message) {
    if (saved) {
      ReferenceCountUtil.release(message);
      return false;
    }
    return write(message);
  }

  private boolean write(O message) {
    if (ending != null) {
      ReferenceCountUtil.release(message);
      return false;
    }
    connection.write(message);
    return true;
  }

  @Override
  public boolean writable() {
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
    // After what other threads have sent, and is still on its way to the loop.
    if (connection.loop().inEventLoop() && !connection.outlet().isExpecting()) {
      connection.end(this, why);
    } else {
      connection.loop().execute(() -> connection.end(this, why));
    }
  }

  // ---- the lane's part ----

  void open() {
    if (ending != null) {
      return; // before the lane came to it
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
    Service<I, O> to = service;
    if (ending != null || to == null || !opened) {
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
    if (ending != null) {
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
      connection.onLoop(() -> connection.fail(this, t));
    } finally {
      if (here) {
        connection.outlet().exit();
      }
    }
  }

  // ---- the event loop's part ----

  /**
   * Nothing is received or sent from now on.
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
