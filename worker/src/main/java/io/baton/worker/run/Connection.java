package io.baton.worker.run;

import io.baton.service.CloseReason;
import io.baton.service.Peer;
import io.baton.service.SessionId;
import io.baton.worker.channel.OrderlyClose;
import io.baton.worker.codec.Flow;
import io.baton.worker.codec.Protocol;
import io.baton.worker.lane.Strand;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection, with the session that is on it: at first that of its listener's
 * protocol, after an upgrade another. Event loop only, except where a method says otherwise.
 */
final class Connection implements OpenSession {
  private final Host host;
  private final Route<?, ?> route;
  private final SessionId id;
  private final Peer peer;
  private final Channel channel;
  private final Outlet outlet;
  private final SessionWindow window;
  private final Patience patience;
  private @Nullable Strand strand;
  private @Nullable LiveSession<?, ?> session;
  private boolean inputEnded;
  private boolean draining;

  Connection(Host host, Route<?, ?> route, SessionId id, Peer peer, Channel channel) {
    this.host = host;
    this.route = route;
    this.id = id;
    this.peer = peer;
    this.channel = channel;
    this.patience = new Patience(this, host.clock(), route.options().timeouts());
    this.outlet = new Outlet(channel, patience, this::tellWritable);
    this.window = new SessionWindow(this, channel.config(), route.options().window());
  }

  /** Puts the first protocol onto the channel, which is not registered yet. */
  void begin(Protocol<?, ?> protocol) {
    install(protocol);
    channel.pipeline().addLast(new SessionHandler(this));
  }

  private void install(Protocol<?, ?> protocol) {
    LiveSession<?, ?> next = new LiveSession<>(this, protocol);
    session = next;
    window.limit(protocol.codec().window());
    next.flow(protocol.codec().install(channel.pipeline(), window, null));
  }

  // ---- what the connection does ----

  void active() {
    strand = host.lane(route.options().lane()).strand(window::changed);
    host.tally().connectionTaken();
    host.sessions().opened(this);
    patience.begin();
    strand().submit(session()::open);
  }

  /** Another protocol from here on; its codec's handlers take the place of those that have left. */
  void become(Protocol<?, ?> next, ByteBuf unread) {
    LiveSession<?, ?> former = session();
    former.ending(CloseReason.UPGRADED);
    strand().submit(() -> former.tellClosed(CloseReason.UPGRADED));
    ChannelPipeline pipeline = channel.pipeline();
    pipeline.remove(SessionHandler.class);
    install(next);
    pipeline.addLast(new SessionHandler(this));
    patience.changed();
    strand().submit(session()::open);
    if (unread.isReadable()) {
      ChannelHandlerContext first = pipeline.context(host.traffic()); // they were counted there
      first.fireChannelRead(unread);
      first.fireChannelReadComplete();
    } else {
      unread.release();
    }
  }

  void receive(Object message) {
    long now = host.clock().nanos();
    patience.received(now);
    Delivery delivery = new Delivery(session(), message, Sizes.of(message), now);
    host.tally().messageReceived();
    window.entered(delivery.bytes());
    strand().submit(delivery);
    window.handedOut();
    if (!delivery.isProcessed()) {
      host.tally().messageHeld();
    } else if (draining) {
      endIfDone();
    }
  }

  /** A message is done with: the service has returned and let go of it. */
  void processed(Delivery delivery) {
    host.latencies().record(host.clock().nanos() - delivery.start());
    host.tally().messageProcessed();
    window.left(delivery.bytes());
    patience.changed();
  }

  /** Bytes came, or the end of them, and were dealt with. */
  void readComplete() {
    outlet.readComplete();
    patience.flushed(); // codecs answer by themselves, too
    patience.read();
  }

  void writabilityChanged() {
    outlet.wake();
    if (channel.isWritable()) {
      tellWritable();
      window.changed();
    }
  }

  private void tellWritable() {
    LiveSession<?, ?> to = session();
    if (to.ending() == null) {
      strand().submit(to::tellWritable);
    }
  }

  /** The client has sent its last; what it sent will be answered. */
  void inputEnded() {
    inputEnded = true;
    endIfDone();
  }

  /** The kernel has no more input, though what came before may still wait for the window. */
  boolean isInputShutdown() {
    return channel instanceof DuplexChannel duplex && duplex.isInputShutdown();
  }

  boolean isInputEnded() {
    return inputEnded;
  }

  /** Nothing more is with the service, perhaps: what has waited for that may come. */
  void endIfDone() {
    if (!window.quiet() || ending() != null) {
      return;
    }
    if (inputEnded) {
      end(CloseReason.CLIENT);
      return;
    }
    if (draining) {
      drain();
    }
    patience.changed(); // it may be the client's turn now
  }

  private void drain() {
    withFlow(Flow::drain);
    patience.sent();
  }

  /** Calls a codec; what it throws is its own mistake and ends its session only. */
  private void withFlow(Consumer<Flow> call) {
    try {
      call.accept(session().flow());
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  /** What waited for the window may be handed out. */
  void resume() {
    withFlow(Flow::resume);
  }

  /** The connection broke: nothing more can go out. A client may end it so; that is no error. */
  void broke() {
    abort(CloseReason.CLIENT);
  }

  void closed() {
    LiveSession<?, ?> over = session();
    CloseReason why = over.ending(CloseReason.CLIENT);
    patience.end();
    outlet.wake();
    strand()
        .submit(() -> {
          over.tellClosed(why);
          onLoop(this::gone);
        });
  }

  private void gone() {
    host.tally().connectionClosed();
    host.sessions().closed(this);
  }

  // ---- its end ----

  /** The service, or the codec, failed. */
  void fail(LiveSession<?, ?> failed, Throwable cause) {
    if (failed.ending() == null) {
      host.tally().error();
    }
    host.faults().report(this, cause);
    end(failed, CloseReason.ERROR);
  }

  void fail(Throwable cause) {
    fail(session(), cause);
  }

  /** Ends the session if it still is this connection's. */
  void end(LiveSession<?, ?> of, CloseReason why) {
    if (of.equals(session)) {
      end(why);
    }
  }

  /** Ends the session once what was sent is out. The first reason stands. */
  void end(CloseReason why) {
    LiveSession<?, ?> ended = session();
    if (ended.ending() != null) {
      return;
    }
    ended.ending(why);
    patience.end();
    outlet.wake();
    try {
      ended.flow().goodbye(why);
    } catch (RuntimeException e) {
      host.faults().report(this, e); // no last words, then
    }
    OrderlyClose.begin(channel);
  }

  @Override
  public void goodbye() {
    draining = true;
    if (ending() == null) {
      drain();
    }
  }

  @Override
  public void endIfIdle() {
    if (ending() == null
        && session().protocol().codec().clientsTurn()
        && session().flow().phase() == Flow.Phase.IDLE) {
      end(CloseReason.SHUTDOWN);
    }
  }

  @Override
  public void abort() {
    channel.flush();
    abort(CloseReason.SHUTDOWN);
  }

  /** Ends the session without waiting for what was sent to go out. */
  void abort(CloseReason why) {
    session().ending(why);
    var _ = channel.close();
  }

  // ---- for its parts ----

  void write(Object message) {
    host.tally().messageSent();
    outlet.write(message);
    patience.sent();
  }

  /** Any thread: at once if this is the event loop's, else soon. */
  void onLoop(Runnable action) {
    if (loop().inEventLoop()) {
      action.run();
    } else {
      loop().execute(action);
    }
  }

  /** Any thread, once the connection is registered. */
  EventLoop loop() {
    return channel.eventLoop();
  }

  Channel channel() {
    return channel;
  }

  Host host() {
    return host;
  }

  String listener() {
    return route.listener();
  }

  SessionId id() {
    return id;
  }

  Peer peer() {
    return peer;
  }

  Outlet outlet() {
    return outlet;
  }

  SessionWindow window() {
    return window;
  }

  Strand strand() {
    Strand made = strand;
    if (made == null) {
      throw new IllegalStateException("the connection is not active yet");
    }
    return made;
  }

  LiveSession<?, ?> session() {
    LiveSession<?, ?> on = session;
    if (on == null) {
      throw new IllegalStateException("no protocol is installed yet");
    }
    return on;
  }

  @Nullable CloseReason ending() {
    return session().ending();
  }
}
