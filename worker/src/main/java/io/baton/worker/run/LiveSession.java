package io.baton.worker.run;

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
import java.time.Duration;
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
 * <p>ENDING (a reason is set) is where nothing is received or sent any more and what was sent goes
 * out. Whatever the service throws ends its own session and nothing else.
 */
final class LiveSession<I, O> implements Session<O> {
  private final Connection connection;
  private final Protocol<I, O> protocol;
  private final Timers timers;
  private volatile @Nullable CloseReason ending;

  /** Event loop only. */
  private @Nullable Flow flow;

  // In the lane only.

  private @Nullable Service<I, O> service;
  private boolean opened;
  private @Nullable Delivery receiving;

  LiveSession(Connection connection, Protocol<I, O> protocol) {
    this.connection = connection;
    this.protocol = protocol;
    this.timers = new Timers(this, connection);
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
    if (ending != null) {
      ReferenceCountUtil.release(message);
      return false;
    }
    outlet.entrusted();
    connection
        .loop()
        .execute(() -> {
          outlet.arrived();
          sendNow(message);
        });
    return true;
  }

  private boolean sendNow(O message) {
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
    return timers.start(delay, task);
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
    if (to != null && opened && ending == null) {
      guarded(() -> to.writable(this));
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
    if (ending == null) {
      guarded(task);
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
    timers.cancelAll();
    return why;
  }

  @Nullable CloseReason ending() {
    return ending;
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

  Protocol<I, O> protocol() {
    return protocol;
  }

  Connection connection() {
    return connection;
  }
}
