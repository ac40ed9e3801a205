package io.baton.worker.run;

import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Protocol;
import io.baton.codec.Saved;
import io.baton.config.Settings.Timeouts;
import io.baton.pipe.Message.Handoff;
import io.baton.service.CloseReason;
import io.baton.service.Peer;
import io.baton.service.SessionId;
import io.baton.worker.channel.OrderlyClose;
import io.baton.worker.channel.Unsent;
import io.baton.worker.failure.FailureReason;
import io.baton.worker.lane.Strand;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection, with the session that is on it: at first that of its listener's
 * protocol, after an upgrade another. Event loop only, except where a method says otherwise.
 */
final class Connection implements OpenSession, Adopted {
  private final Host host;
  private final Route<?, ?> route;
  private final Handoff facts;
  private final Channel channel;
  private final Outlet outlet;
  private final SessionWindow window;
  private final Patience patience;
  private final Mobility mobility;
  private final Strand strand;
  private @Nullable LiveSession<?, ?> session;
  private @Nullable Arrival arrival;

  /** Why it ends once nothing that was handed out before is unprocessed; see {@link #endInTurn}. */
  private @Nullable CloseReason closing;

  private boolean inputEnded;
  private boolean draining;

  /** A message of the service is being encoded. */
  private boolean writing;

  Connection(Host host, Route<?, ?> route, Handoff facts, Channel channel) {
    this.host = host;
    this.route = route;
    this.facts = facts;
    this.channel = channel;
    this.patience = new Patience(this);
    this.outlet = new Outlet(this);
    this.window = new SessionWindow(this, channel.config(), route.options().window());
    this.mobility = new Mobility(this);
    this.strand = host.lane(route.options().lane()).strand(window::changed);
  }

  /** Puts the first protocol onto the channel, which is not registered yet. */
  void begin() {
    install(route.protocol(), null);
    channel.pipeline().addLast(new SessionHandler(this));
  }

  /**
   * As {@link #begin}, with the protocol that was spoken where it comes from.
   *
   * @param returned it was here before, and no other worker would have it
   * @param resumed told once: null when the service is ready to go on with it, or for the operator
   *     why it cannot. Nothing is read or sent before the channel is registered
   * @throws IllegalArgumentException if the codec cannot go on with it
   */
  void begin(SavedSession saved, boolean returned, Consumer<@Nullable String> resumed) {
    install(route.protocol(saved.protocol()), saved.codec());
    channel.pipeline().addLast(new SessionHandler(this));
    arrival = new Arrival(saved);
    if (returned) {
      mobility.stay();
    }
    new Resumption(this, resumed).begin(saved);
  }

  private void install(Protocol<?, ?> protocol, @Nullable Saved saved) {
    LiveSession<?, ?> next = new LiveSession<>(this, protocol);
    session = next;
    window.limit(protocol.codec().window());
    next.flow(protocol.codec().install(CodecContext.of(channel.pipeline(), window, saved)));
  }

  // ---- what the connection does ----

  void active() {
    Arrival arrived = arrival;
    arrival = null;
    patience.begin();
    if (arrived == null) {
      host.tally().connectionTaken();
      host.sessions().opened(this);
      strand.submit(session()::open);
    } else {
      host.tally().connectionArrived();
      arrived.goOn(this); // before a drain, which may have a last word to it, hears of it
      host.sessions().opened(this);
    }
  }

  /** It will never be active: its session goes on elsewhere, or ends. */
  @Override
  public void abandon() {
    LiveSession<?, ?> over = session();
    over.ending(CloseReason.MOVED);
    Arrival arrived = arrival;
    if (arrived != null) {
      arrived.drop();
      strand.submit(() -> over.tellClosed(CloseReason.MOVED));
    }
    channel.unsafe().closeForcibly();
  }

  /** Another protocol from here on; its codec's handlers take the place of those that have left. */
  void become(Protocol<?, ?> next, ByteBuf unread) {
    LiveSession<?, ?> former = session();
    former.ending(CloseReason.UPGRADED);
    strand.submit(() -> former.tellClosed(CloseReason.UPGRADED));
    ChannelPipeline pipeline = channel.pipeline();
    pipeline.remove(SessionHandler.class);
    install(next, null);
    pipeline.addLast(new SessionHandler(this));
    patience.changed();
    strand.submit(session()::open);
    if (unread.isReadable()) {
      reread(unread);
    } else {
      unread.release();
    }
  }

  /** Gives the codec bytes that were read before it was there. */
  void reread(ByteBuf unread) {
    ChannelHandlerContext entrance = channel.pipeline().context(Entrance.INSTANCE);
    entrance.fireChannelRead(unread);
    entrance.fireChannelReadComplete();
  }

  /** Sends what was encoded, and counted, in the worker that the session comes from. */
  void resend(ByteBuf unsent) {
    if (channel.isOpen()) {
      host.tally().bytesOut(-unsent.readableBytes()); // it will be counted again right now
    }
    var _ = channel.pipeline().context(Entrance.INSTANCE).writeAndFlush(unsent);
  }

  void receive(Object message) {
    if (closing != null || ending() != null) {
      ReferenceCountUtil.release(message); // of a codec that hands out more behind its own end
      return;
    }
    long now = host.clock().nanos();
    patience.received(now);
    Delivery delivery = new Delivery(session(), message, Sizes.of(message), now);
    host.tally().messageReceived();
    window.entered(delivery.bytes());
    strand.submit(delivery);
    window.handedOut();
    if (!delivery.isProcessed()) {
      host.tally().messageHeld();
    } else if (draining || closing != null) {
      endIfDone();
    }
  }

  /** A message is done with: the service has returned and let go of it. */
  void processed(Delivery delivery) {
    long now = host.clock().nanos();
    host.latencies().record(now - delivery.start());
    host.tally().messageProcessed();
    window.left(delivery.bytes());
    patience.processed(now);
  }

  /** Bytes came, or the end of them, and were dealt with. */
  void readComplete() {
    boolean handedOut = outlet.isReading();
    outlet.readComplete();
    patience.flushed(); // codecs answer by themselves, too
    patience.read(handedOut);
  }

  void writabilityChanged() {
    outlet.wake();
    if (channel.isWritable()) {
      tellWritable();
      window.changed();
    }
  }

  /** There is room again for what the service sends. */
  void tellWritable() {
    LiveSession<?, ?> to = session();
    if (to.ending() == null) {
      strand.submit(to::tellWritable);
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
    CloseReason last = inputEnded && closing == null ? CloseReason.CLIENT : closing;
    if (last != null) {
      endBehindSends(last);
      return;
    }
    if (mobility.check()) {
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
      failInTurn(e);
    }
  }

  /** What waited for the window may be handed out. */
  void resume() {
    withFlow(Flow::resume);
  }

  /**
   * The connection broke: nothing more can go out. A client may end it so; that is no error. What
   * it had sent before is still received, because it may matter; what is said to that is not sent.
   */
  void broke() {
    abort(closingOr(CloseReason.CLIENT));
  }

  void closed() {
    LiveSession<?, ?> over = session();
    CloseReason why = over.ending(closingOr(CloseReason.CLIENT));
    patience.end();
    outlet.wake();
    mobility.ended();
    window.holds(0); // whatever a codec may have forgotten
    host.memory().ended(this);
    strand.submit(() -> {
      over.tellClosed(why);
      onLoop(this::gone);
    });
  }

  private void gone() {
    if (hasMoved()) {
      host.tally().connectionLeft();
    } else {
      host.tally().connectionClosed();
    }
    host.sessions().closed(this);
  }

  // ---- its way to another worker ----

  @Override
  public boolean mayMove() {
    return ending() == null && closing == null && mobility.mayMove();
  }

  @Override
  public boolean isQuiet() {
    return window.quiet();
  }

  @Override
  public long lastActive() {
    return patience.lastActive();
  }

  @Override
  public Migration freeze(Migration.Owner owner) {
    window.freeze();
    return mobility.begin(owner);
  }

  /** It goes on here. */
  void thaw() {
    mobility.over();
    strand.submit(session()::thaw);
    window.thaw();
    patience.changed();
  }

  /** It is another worker's now: our copy is closed, which no client notices. */
  void moved() {
    abort(CloseReason.MOVED);
  }

  @Override
  public boolean hasMoved() {
    return ending() == CloseReason.MOVED;
  }

  @Override
  public boolean brokeProtocol() {
    CloseReason why = ending();
    return (why == null ? closing : why) == CloseReason.PROTOCOL;
  }

  @Override
  public String kind() {
    return route.listener() + "/" + session().protocol().name();
  }

  @Override
  public HoldUp holdUp() {
    return new HoldUp(route.listener(), mobility.whyNot(), patience.lastActive());
  }

  /** The service threw when it was to save, which is one error however often it is asked again. */
  void cannotSave(Throwable cause) {
    if (mobility.unsaved(FailureReason.of(cause, session().serviceClass()))) {
      host.tally().error();
      host.faults().cannotSave(this, cause);
    }
  }

  // ---- its end ----

  /** The service, or the codec, failed. */
  void fail(LiveSession<?, ?> failed, Throwable cause) {
    if (cause instanceof OutOfMemoryError error) {
      host.exhaustion().failed(error);
    }
    if (failed.ending() == null) {
      host.tally().error();
    }
    host.faults().report(this, cause);
    end(failed, CloseReason.ERROR);
  }

  void fail(Throwable cause) {
    fail(session(), cause);
  }

  /** The codec failed while it read: its own mistake, and no message's before it. */
  void failInTurn(Throwable cause) {
    if (ending() == null) {
      host.tally().error();
    }
    host.faults().report(this, cause);
    endInTurn(CloseReason.ERROR);
  }

  /**
   * Ends the session in its turn, as everything that ends it while its input is read must: behind
   * the messages that were handed out before, in whatever lane they wait, and behind their answers.
   * From now on nothing is decoded or read, and the session stays here. The end takes effect, with
   * the codec's goodbye, when nothing handed out is unprocessed; at once, if that is so already, or
   * if something else ends the session before. The first reason stands.
   */
  void endInTurn(CloseReason why) {
    if (arrival != null) {
      end(why);
      return;
    }
    if (closing != null || ending() != null) {
      return;
    }
    closing = why;
    mobility.stop();
    endIfDone();
    if (ending() == null) {
      window.close();
      discard(session().flow());
      patience.changed();
    }
  }

  /** Behind what other threads have sent, which is still on its way to the loop. */
  private void endBehindSends(CloseReason why) {
    LiveSession<?, ?> ended = session();
    if (outlet.isExpecting()) {
      loop().execute(() -> end(ended, why));
    } else {
      end(why);
    }
  }

  /** The time is up in which a client, or what it sent before its end, had to be done. */
  void timedOut() {
    endBehindSends(closingOr(CloseReason.TIMEOUT));
  }

  /** Whether it only waits for what was handed out before its end. */
  boolean isClosing() {
    return closing != null;
  }

  private CloseReason closingOr(CloseReason why) {
    CloseReason first = closing;
    return first == null ? why : first;
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
    Arrival arriving = arrival;
    if (arriving != null) {
      arriving.close(why);
      return;
    }
    if (ended.ending() != null) {
      return;
    }
    ended.ending(why);
    mobility.ended();
    patience.end();
    outlet.wake();
    try {
      ended.flow().goodbye(why);
    } catch (RuntimeException e) {
      host.faults().report(this, e); // no last words, then
    }
    discard(ended.flow());
    boolean clientLeft = why == CloseReason.CLIENT || closing == CloseReason.CLIENT;
    OrderlyClose.begin(channel, clientLeft);
  }

  /** Closing may take its time, for which what was not decoded is not kept. */
  private void discard(Flow flow) {
    try {
      flow.discard();
    } catch (RuntimeException e) {
      host.faults().report(this, e);
    }
  }

  // ---- what it holds ----

  @Override
  public long held() {
    return window.held() + Unsent.bytes(channel);
  }

  @Override
  public long releasable() {
    return window.input() + Unsent.bytes(channel);
  }

  @Override
  public void holdBack() {
    window.holdBack();
  }

  @Override
  public void readOn() {
    window.proceed();
  }

  /** Whom it is that holds output, that does not take it: words would only be more of it. */
  @Override
  public void evict() {
    if (ending() != null || Unsent.bytes(channel) > window.input()) {
      abort(CloseReason.LIMIT);
    } else {
      endInTurn(CloseReason.LIMIT);
    }
  }

  @Override
  public void goodbye() {
    draining = true;
    if (ending() == null && closing == null) {
      drain();
    }
  }

  @Override
  public void endIfIdle() {
    if (ending() == null
        && session().protocol().codec().clientsTurn()
        && session().flow().phase() == Flow.Phase.IDLE) {
      endInTurn(CloseReason.SHUTDOWN);
    }
  }

  @Override
  public void abort() {
    channel.flush();
    session().silence();
    abort(CloseReason.SHUTDOWN);
  }

  /** Ends the session without waiting for what was sent to go out. */
  void abort(CloseReason why) {
    session().ending(why);
    var _ = channel.close();
  }

  // ---- for its parts ----

  /**
   * Writes a message.
   *
   * @return false if it is not written because the client takes too little, which ends the session
   */
  boolean write(Object message) {
    Arrival arriving = arrival;
    if (arriving != null) {
      return arriving.send(message, maxPendingBytes());
    }
    if (outlet.isFull()) {
      overflow(session());
      return false;
    }
    host.tally().messageSent();
    boolean nested = writing;
    writing = true;
    outlet.write(message);
    writing = nested;
    patience.sent();
    return true;
  }

  boolean isWriting() {
    return writing;
  }

  /** More than max-pending waits for the client: what it does not take it will not get. */
  void overflow(LiveSession<?, ?> of) {
    if (of.equals(session) && of.ending() == null) {
      host.overflows().report(this);
      abort(CloseReason.LIMIT);
    }
  }

  /** Any thread. */
  int maxPendingBytes() {
    return route.options().maxPendingBytes();
  }

  /** Any thread: at once if this is the event loop's, else soon. */
  void onLoop(Runnable action) {
    if (loop().inEventLoop()) {
      action.run();
    } else {
      loop().execute(action);
    }
  }

  /** Any thread. */
  EventLoop loop() {
    return host.loop();
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
    return new SessionId(facts.id());
  }

  Peer peer() {
    return facts.peer();
  }

  Handoff facts() {
    return facts;
  }

  Timeouts timeouts() {
    return route.options().timeouts();
  }

  Outlet outlet() {
    return outlet;
  }

  Patience patience() {
    return patience;
  }

  SessionWindow window() {
    return window;
  }

  Strand strand() {
    return strand;
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
