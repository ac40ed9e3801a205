package io.baton.worker.session;

import io.baton.codec.Flow;
import io.baton.codec.Protocol;
import io.baton.codec.Saved;
import io.baton.pipe.Message.Handoff;
import io.baton.service.CloseReason;
import io.baton.service.Peer;
import io.baton.service.SessionId;
import io.baton.worker.failure.FailureReason;
import io.baton.worker.lane.Strand;
import io.baton.worker.migration.MigrationGate;
import io.baton.worker.session.ConnectionTimeouts.Turn;
import io.baton.worker.session.SessionState.Stage;
import io.baton.worker.time.Clock;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.EventLoop;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The parts of one session, what passes between them, and the rules by which the session goes on
 * and ends. It has at most one {@link Carrier}, and speaks one protocol at a time. Its stages are
 * those of {@link SessionState}.
 *
 * <p>Event loop only, except where a method of an interface says otherwise.
 */
final class SessionLifecycle
    implements OutboundWriter.Listener,
        SessionWindow.Owner,
        ConnectionTimeouts.Owner,
        ServiceSession.LoopSide {
  private final WorkerContext context;
  private final Route<?, ?> route;
  private final Handoff facts;
  private final PipelineTail.Events events;
  private final Strand strand;
  private final SessionWindow window;
  private final ConnectionTimeouts timeouts;
  private final OutboundQueue queue;
  private @Nullable ServiceSession<?, ?> service;
  private @Nullable Carrier carrier;

  /** The carrier's writer, or what keeps messages until there is one. */
  private volatile SessionOutput output;

  /** Null until the session is first to move. */
  private @Nullable MigrationGate gate;

  private boolean inputEnded;
  private boolean draining;

  /** What the session has brought to its carrier is being written. */
  private boolean attaching;

  /** A message of the service is being encoded. */
  private boolean writing;

  /**
   * @param events of its carriers go there
   */
  SessionLifecycle(
      WorkerContext context, Route<?, ?> route, Handoff facts, PipelineTail.Events events) {
    this.context = context;
    this.route = route;
    this.facts = facts;
    this.events = events;
    this.queue = new OutboundQueue(this);
    this.output = new KeptOutput(maxPendingBytes());
    this.window = new SessionWindow(this, context.memory(), route.options().session().window());
    this.timeouts =
        new ConnectionTimeouts(this, route.options().session().timeouts(), context.clock());
    this.strand = context.lane(route.options().session().lane()).strand(window::changed);
  }

  // ---- carriers and protocols ----

  /** Speaks a protocol from now on, in its first stage or, after an upgrade, in the second. */
  void speak(Protocol<?, ?> protocol, @Nullable Saved saved, Carrier on, Stage stage) {
    service = new ServiceSession<>(this, protocol, new SessionState(stage));
    window.limit(protocol.codec().window());
    timeouts.clientSpeaks(protocol.codec().clientsTurn());
    equip(on, saved);
  }

  /** Fits a carrier with the codec of the protocol that is spoken; it does not bear us yet. */
  void equip(Carrier next, @Nullable Saved saved) {
    carrier = next;
    service().flow(next.install(service().protocol().codec(), window, saved, events));
  }

  /**
   * The carrier bears the session from now on. What it brings along goes out and comes in first,
   * then what the service sent meanwhile, then its end, if the service wanted one. The service
   * hears of room behind all of that: what it sends then must not overtake anything.
   */
  void attach() {
    SessionOutput former = output;
    CloseReason waiting = state().reason();
    output = carrier().writer();
    state().attach();
    timeouts.begin();
    attaching = true;
    carrier().resendUnsent(context.counters());
    if (former instanceof KeptOutput kept) {
      kept.moveTo(message -> !state().isOver() && write(message));
    }
    attaching = false;
    if (waiting != null) {
      end(waiting);
    } else if (!state().isOver()) {
      goOn();
    }
  }

  private void goOn() {
    if (window.isHeldBack()) {
      read(false);
    }
    queue.tellRoom();
    carrier().rereadUnread();
    if (draining) {
      settle();
    }
  }

  /** No carrier bears the session any more; what the service sends is kept. */
  Carrier detach() {
    Carrier former = carrier();
    former.writer().flush();
    if (!former.writer().isWritable()) {
      queue.refuse(); // that carrier tells nobody any more
    }
    output = new KeptOutput(maxPendingBytes());
    queue.wake();
    state().detach();
    timeouts.pause();
    former.strip();
    inputEnded = false;
    carrier = null;
    return former;
  }

  /** Another protocol from here on; its codec's handlers take the place of those that have left. */
  void become(Protocol<?, ?> next, ByteBuf unread) {
    ServiceSession<?, ?> former = service();
    var _ = former.end(CloseReason.UPGRADED);
    strand.submit(() -> former.tellClosed(CloseReason.UPGRADED));
    carrier().removeTail();
    speak(next, null, carrier(), Stage.OPEN);
    timeouts.turnChanged();
    strand.submit(service()::open);
    if (unread.isReadable()) {
      carrier().reread(unread);
    } else {
      unread.release();
    }
  }

  // ---- messages: each is counted where it enters and where it leaves ----

  void receive(Object content) {
    long now = clock().nanos();
    InboundMessage message = new InboundMessage(service(), content, now);
    context.counters().messageReceived();
    timeouts.received(now);
    window.entered(message.bytes());
    strand.submit(message);
    window.handedOut();
    if (!message.isProcessed()) {
      context.counters().messageHeld();
    } else if (draining || state().isClosing()) {
      settle();
    }
  }

  @Override
  public void processed(InboundMessage message) {
    long now = clock().nanos();
    context.latencies().record(now - message.start());
    context.counters().messageProcessed();
    window.left(message.bytes());
    timeouts.processed(now);
  }

  @Override
  public boolean write(Object message) {
    if (state().isDetached()) {
      boolean kept = state().goesOn() && output.write(message);
      if (!kept) {
        end(CloseReason.LIMIT);
      }
      return kept;
    }
    if (queue.isOverfull()) {
      overflow(service());
      return false;
    }
    context.counters().messageSent();
    boolean nested = writing;
    writing = true;
    boolean written = output.write(message);
    writing = nested;
    timeouts.sent();
    return written;
  }

  boolean isWriting() {
    return writing;
  }

  /** The carrier's output has crossed the high-water mark upwards, or the low one downwards. */
  void writabilityChanged() {
    queue.wake();
    if (!output.isWritable()) {
      return;
    }
    if (attaching) {
      queue.refuse();
    } else {
      roomAgain();
      window.changed();
      turnChanged();
    }
  }

  // ---- the window ----

  @Override
  public boolean laneHasRoom() {
    return strand.hasRoom();
  }

  @Override
  public void read(boolean on) {
    Carrier from = carrier;
    if (from != null) {
      from.read(on);
    }
  }

  @Override
  public void resumeCodec() {
    withFlow(Flow::resume);
  }

  @Override
  public void readComplete() {
    OutboundWriter writer = carrier().writer();
    boolean handedOut = writer.isReading();
    writer.readComplete();
    timeouts.flushed(); // codecs answer by themselves, too
    timeouts.read(handedOut);
  }

  /** The client has sent its last; what it sent will be answered. */
  void inputEnded() {
    inputEnded = true;
    settle();
    timeouts.turnChanged();
  }

  /** A drain has begun: the codec ends the session where no message is lost. */
  void drains() {
    draining = true;
    if (state().isOpen()) {
      drain();
    }
  }

  /** Nothing more is with the service, perhaps: what has waited for that may come. */
  @Override
  public void settle() {
    if (!window.quiet() || state().isOver() || state().isDetached()) {
      return;
    }
    CloseReason last = inputEnded ? state().reasonOr(CloseReason.CLIENT) : state().reason();
    if (last != null) {
      endBehindSends(last);
    } else if ((gate == null || !gate.check()) && draining) {
      drain();
    }
  }

  private void drain() {
    withFlow(Flow::drain);
    timeouts.sent();
  }

  /** Calls a codec; what it throws is its own mistake and ends its session only. */
  private void withFlow(Consumer<Flow> call) {
    try {
      call.accept(service().flow());
    } catch (RuntimeException e) {
      failInTurn(e);
    }
  }

  // ---- time ----

  @Override
  public Turn turn() {
    if (window.isFrozen() || state().isDetached()) {
      return Turn.NOBODY;
    }
    if (state().isClosing()) {
      return Turn.CLOSING;
    }
    if (inputEnded) {
      return Turn.LAST_ANSWERS;
    }
    return window.quiet() && !window.isHeldBack() ? Turn.CLIENT : Turn.SERVICE;
  }

  @Override
  public Flow.Phase phase() {
    return service().flow().phase();
  }

  @Override
  public boolean isReading() {
    Carrier from = carrier;
    return from != null && from.writer().isReading();
  }

  @Override
  public @Nullable ChannelOutboundBuffer unsentBuffer() {
    Carrier from = carrier;
    return from == null ? null : from.unsentBuffer();
  }

  @Override
  public void flushed() {
    timeouts.flushed();
  }

  @Override
  public void turnChanged() {
    timeouts.turnChanged();
  }

  @Override
  public void timedOut() {
    endBehindSends(state().reasonOr(CloseReason.TIMEOUT));
  }

  @Override
  public void writeTimedOut() {
    abort(CloseReason.TIMEOUT);
  }

  @Override
  public void codecFailed(RuntimeException cause) {
    fail(service(), cause);
  }

  // ---- the end ----

  @Override
  public void fail(ServiceSession<?, ?> failed, Throwable cause) {
    if (cause instanceof OutOfMemoryError error) {
      context.exhaustion().failed(error);
    }
    report(failed.state(), cause);
    end(failed, CloseReason.ERROR);
  }

  /** The codec failed while it read: its own mistake, and no message's before it. */
  void failInTurn(Throwable cause) {
    report(state(), cause);
    endInTurn(CloseReason.ERROR);
  }

  private void report(SessionState failed, Throwable cause) {
    if (!failed.isOver()) {
      context.counters().error();
    }
    context.errors().endsWith(route, facts, cause);
  }

  @Override
  public void cannotSave(Throwable cause) {
    MigrationGate moving = gate;
    if (moving != null && moving.unsaved(FailureReason.of(cause, service().serviceClass()))) {
      context.counters().error(); // once, however often it is asked again
      context.errors().cannotSave(route, facts, cause);
    }
  }

  /**
   * Ends the session in its turn, as everything that ends it while its input is read must: behind
   * the messages that were handed out before, in whatever lane they wait, and behind their answers.
   * From now on nothing is decoded or read, and the session stays here. The end takes effect, with
   * the codec's goodbye, when nothing handed out is unprocessed; at once, if that is so already, or
   * if something else ends the session before. The first reason stands.
   */
  @Override
  public void endInTurn(CloseReason why) {
    if (state().isDetached()) {
      end(why);
    } else if (state().isOpen()) {
      state().close(why);
      if (gate != null) {
        gate.stop();
      }
      settle();
      if (!state().isOver()) {
        read(false);
        discard();
        timeouts.turnChanged();
      }
    }
  }

  /** Behind what other threads have sent, which is still on its way to the loop. */
  private void endBehindSends(CloseReason why) {
    if (queue.isEmpty()) {
      end(why);
    } else {
      ServiceSession<?, ?> ended = service();
      loop().execute(() -> end(ended, why));
    }
  }

  @Override
  public void end(ServiceSession<?, ?> of, CloseReason why) {
    if (of.equals(service)) {
      end(why);
    }
  }

  /** Ends the session once what was sent is out; the first reason to end it stands. */
  @Override
  public void end(CloseReason why) {
    if (state().isDetached()) {
      state().endOnceAttached(why);
      return;
    }
    if (state().isOver()) {
      return;
    }
    boolean clientLeft = why == CloseReason.CLIENT || state().reason() == CloseReason.CLIENT;
    var _ = service().end(why);
    stop();
    try {
      service().flow().goodbye(why);
    } catch (RuntimeException e) {
      context.errors().endsWith(route, facts, e); // no last words, then
    }
    discard();
    carrier().closeInOrder(clientLeft);
  }

  /** Nothing goes on any more: no time runs, nobody waits for room, nothing moves. */
  private void stop() {
    timeouts.end();
    queue.wake();
    if (gate != null) {
      gate.ended();
    }
  }

  /** Closing may take its time, for which what was not decoded is not kept. */
  private void discard() {
    try {
      service().flow().discard();
    } catch (RuntimeException e) {
      context.errors().endsWith(route, facts, e);
    }
  }

  /** More than max-pending waits for the client: what it does not take it will not get. */
  @Override
  public void overflow(ServiceSession<?, ?> of) {
    if (!of.equals(service) || state().isOver()) {
      return;
    }
    if (state().isDetached()) {
      end(CloseReason.LIMIT);
    } else {
      context.overflows().report(route, facts, queue.pending());
      abort(CloseReason.LIMIT);
    }
  }

  /**
   * Ends the session without waiting for what was sent to go out: at once, unless its next carrier
   * is on the way.
   */
  @Override
  public void abort(CloseReason why) {
    if (!state().isDetached()) {
      var _ = service().end(why);
      carrier().close();
    } else if (carrier != null) {
      end(why);
    } else {
      var _ = service().end(why);
      dropKept();
      events.closed();
    }
  }

  /** No carrier will come for what was kept. */
  void dropKept() {
    if (output instanceof KeptOutput kept) {
      kept.drop();
    }
  }

  /** The carrier is closed: the session has ended, for this reason. */
  CloseReason closed() {
    CloseReason why = service().end(state().reasonOr(CloseReason.CLIENT));
    state().ended();
    stop();
    window.ended();
    return why;
  }

  // ---- parts and facts ----

  WorkerContext context() {
    return context;
  }

  Route<?, ?> route() {
    return route;
  }

  Handoff facts() {
    return facts;
  }

  SessionWindow window() {
    return window;
  }

  ConnectionTimeouts timeouts() {
    return timeouts;
  }

  @Nullable MigrationGate gate() {
    return gate;
  }

  void gate(MigrationGate made) {
    gate = made;
  }

  Carrier carrier() {
    Carrier bears = carrier;
    if (bears == null) {
      throw new IllegalStateException("no carrier bears the session");
    }
    return bears;
  }

  ServiceSession<?, ?> service() {
    ServiceSession<?, ?> speaks = service;
    if (speaks == null) {
      throw new IllegalStateException("no protocol is spoken yet");
    }
    return speaks;
  }

  @Override
  public SessionState state() {
    return service().state();
  }

  @Override
  public SessionOutput output() {
    return output;
  }

  @Override
  public OutboundQueue queue() {
    return queue;
  }

  @Override
  public void roomAgain() {
    ServiceSession<?, ?> to = service();
    if (!to.state().isOver()) {
      strand.submit(to::tellWritable);
    }
  }

  @Override
  public int maxPendingBytes() {
    return route.options().session().output().maxPendingBytes();
  }

  @Override
  public Strand strand() {
    return strand;
  }

  @Override
  public EventLoop loop() {
    return context.loop();
  }

  @Override
  public Clock clock() {
    return context.clock();
  }

  @Override
  public SessionId id() {
    return new SessionId(facts.id());
  }

  @Override
  public Peer peer() {
    return facts.peer();
  }
}
