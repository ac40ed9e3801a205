package io.baton.worker.run;

import io.baton.service.Cancellable;
import io.baton.service.CloseReason;
import io.baton.service.Hold;
import io.baton.service.Peer;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.service.SessionId;
import io.baton.worker.channel.OrderlyClose;
import io.baton.worker.codec.Flow;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One session in the loop lane: calls its service, one callback after the other, on the event loop.
 *
 * <pre>
 *   NEW ──opened()──► OPEN ──end(why)──► ENDING ──connection closed──► closed(why)
 *    └── refused, or the service's factory or opened() threw ──► ENDING ──► (no closed())
 * </pre>
 *
 * <p>ENDING (a reason is set) is where nothing is received or sent any more and what was sent goes
 * out. Whatever the service throws ends its own session and nothing else. What other threads may
 * call says so; all else is the event loop's.
 */
final class LoopSession<I, O> implements Session<O>, OpenSession {
  private final Lane lane;
  private final Route<I, O> route;
  private final SessionId id;
  private final Peer peer;
  private final Channel channel;
  private final Outlet outlet;
  private final SessionWindow window;
  private final Flow flow;
  private final Timers timers;
  private @Nullable Service<I, O> service;
  private boolean opened;
  private boolean inputEnded;
  private boolean receiving;
  private @Nullable HeldMessage held;
  private volatile @Nullable CloseReason ending;

  LoopSession(Lane lane, Route<I, O> route, SessionId id, Peer peer, Channel channel) {
    this.lane = lane;
    this.route = route;
    this.id = id;
    this.peer = peer;
    this.channel = channel;
    this.outlet = new Outlet(channel);
    this.window = new SessionWindow(this, channel.config(), route.protocol().codec().window());
    this.timers = new Timers(this);
    this.flow = route.protocol().codec().install(channel.pipeline(), window, null);
  }

  // ---- for the service, from any thread ----

  @Override
  public SessionId id() {
    return id;
  }

  @Override
  public Peer peer() {
    return peer;
  }

  @Override
  public boolean send(O message) {
    if (ending != null) {
      ReferenceCountUtil.release(message);
      return false;
    }
    if (!loop().inEventLoop()) {
      loop().execute(() -> send(message));
      return true;
    }
    lane.tally().messageSent();
    outlet.write(message);
    return true;
  }

  @Override
  public boolean writable() {
    return ending == null && channel.isWritable();
  }

  @Override
  public Hold hold() {
    if (!receiving || !loop().inEventLoop()) {
      throw new IllegalStateException("hold() outside of received()");
    }
    HeldMessage message = held;
    if (message == null) {
      message = new HeldMessage(this);
      held = message;
    }
    return message.hold();
  }

  @Override
  public Cancellable after(Duration delay, Runnable task) {
    return timers.start(delay, task);
  }

  @Override
  public void close(CloseReason why) {
    if (loop().inEventLoop()) {
      end(why);
    } else {
      loop().execute(() -> end(why));
    }
  }

  // ---- what the connection does ----

  void open() {
    lane.tally().connectionTaken();
    lane.sessions().opened(this);
    guarded(() -> {
      Service<I, O> made = route.protocol().service().get();
      service = made;
      opened = made.opened(this);
      if (!opened) {
        end(CloseReason.SERVICE);
      }
    });
  }

  void receive(Object message) {
    Service<I, O> to = service;
    if (ending != null || to == null) {
      ReferenceCountUtil.release(message);
      return;
    }
    long start = System.nanoTime();
    lane.tally().messageReceived();
    window.entered();
    receiving = true;
    Throwable failure = null;
    try {
      // A codec that hands out something else fails here, as its own mistake.
      to.received(this, route.protocol().codec().in().cast(message));
    } catch (Throwable t) {
      failure = t;
    }
    receiving = false;
    HeldMessage hold = held;
    held = null;
    if (hold == null) {
      processed(message, start);
    } else {
      hold.returned(message, start);
      lane.tally().messageHeld();
    }
    window.handedOut();
    if (failure != null) {
      fail(failure);
    }
  }

  /** A message is done with: the service has returned and let go of it. */
  void processed(Object message, long start) {
    ReferenceCountUtil.release(message);
    lane.latencies().record(System.nanoTime() - start);
    lane.tally().messageProcessed();
    window.left();
  }

  void writabilityChanged() {
    Service<I, O> to = service;
    if (channel.isWritable()) {
      if (to != null && opened && ending == null) {
        guarded(() -> to.writable(this));
      }
      window.changed();
    }
  }

  /** The client has sent its last; what it sent will be answered. */
  void inputEnded() {
    inputEnded = true;
    endIfDone();
  }

  void endIfDone() {
    if (inputEnded && window.quiet()) {
      end(CloseReason.CLIENT);
    }
  }

  /** The connection broke: nothing more can go out. A client may end it so; that is no error. */
  void broke() {
    if (ending == null) {
      ending = CloseReason.CLIENT;
    }
    var _ = channel.close();
  }

  void closed() {
    CloseReason why = ending == null ? CloseReason.CLIENT : ending;
    ending = why;
    timers.cancelAll();
    Service<I, O> to = service;
    if (to != null && opened) {
      opened = false;
      guarded(() -> to.closed(this, why));
    }
    lane.tally().connectionClosed();
    lane.sessions().closed(this);
  }

  // ---- its end ----

  /** The service, or the codec, failed. */
  void fail(Throwable cause) {
    if (ending == null) {
      lane.tally().error();
    }
    lane.faults().report(this, cause);
    end(CloseReason.ERROR);
  }

  /** Ends the session once what was sent is out. The first reason stands. */
  void end(CloseReason why) {
    if (ending != null) {
      return;
    }
    ending = why;
    timers.cancelAll();
    if (why == CloseReason.ERROR) {
      flow.goodbye(why);
    }
    OrderlyClose.begin(channel);
  }

  @Override
  public void goodbye() {
    if (ending == null) {
      flow.drain();
    }
  }

  @Override
  public void endIfIdle() {
    if (ending == null
        && route.protocol().codec().clientsTurn()
        && flow.phase() == Flow.Phase.IDLE) {
      end(CloseReason.SHUTDOWN);
    }
  }

  @Override
  public void abort() {
    if (ending == null) {
      ending = CloseReason.SHUTDOWN;
    }
    channel.flush();
    var _ = channel.close();
  }

  // ---- for its parts ----

  /** Runs a piece of the service: flushes after it, and ends the session if it throws. */
  void guarded(Runnable callback) {
    outlet.enter();
    try {
      callback.run();
    } catch (Throwable t) {
      fail(t);
    } finally {
      outlet.exit();
    }
  }

  EventLoop loop() {
    return channel.eventLoop();
  }

  Route<I, O> route() {
    return route;
  }

  Outlet outlet() {
    return outlet;
  }

  Flow flow() {
    return flow;
  }

  @Nullable CloseReason ending() {
    return ending;
  }
}
