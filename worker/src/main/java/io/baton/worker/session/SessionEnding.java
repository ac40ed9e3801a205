package io.baton.worker.session;

import io.baton.codec.Flow;
import io.baton.service.CloseReason;
import io.baton.worker.migration.MigrationGate;
import io.netty.channel.EventLoop;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The end of one session, and what brings it about: the client's last byte, a drain, a failure, a
 * limit, or somebody's word. The first reason stands.
 *
 * <pre>
 *   endInTurn ────► when nothing handed out is unprocessed ──► end
 *   endBehindSends ► when what other threads sent has arrived ─► end
 *   end ──────────► the codec's goodbye, then closed once what was sent is out
 *   cut, overflow ► the codec's goodbye, and closed at once
 *   abort ────────► closed at once
 * </pre>
 *
 * <p>It has no state of its own, and is made when it is needed. Event loop only.
 *
 * @param session that may end
 */
record SessionEnding(Subject session) {

  /** The session, as its end sees it. */
  interface Subject {
    WorkerContext context();

    Route<?, ?> route();

    LoggedSession logged();

    EventLoop loop();

    ServiceSession<?, ?> service();

    /** What bears the session, or is about to; null if nothing does. */
    @Nullable Carrier carrierOrNull();

    /** The same; throws if nothing does. */
    Carrier carrier();

    /** The session's further connections. */
    Companions companions();

    /** Reads the client, or stops it, on all connections. */
    void read(boolean on);

    /** Null if the session never was to move. */
    @Nullable MigrationGate gate();

    SessionWindow window();

    ConnectionTimeouts timeouts();

    OutboundQueue queue();

    /** The client has sent its last. */
    boolean isInputEnded();

    void inputEnded();

    /** A drain has begun. */
    boolean isDraining();

    void draining();

    /** Ends without a carrier, and without one to come. */
    void endDetached();
  }

  private SessionState state() {
    return session.service().state();
  }

  // ---- what will end it ----

  /** The client has sent its last; what it sent will be answered. */
  void inputEnded() {
    session.inputEnded();
    settle();
    session.timeouts().turnChanged();
  }

  /** A drain has begun: the codec ends the session where no message is lost. */
  void drains() {
    session.draining();
    if (state().isOpen() && !(mayHearOfDrain() && session.service().tellDraining())) {
      drain();
    }
  }

  /** A client that may ask, and has not, is owed nothing. */
  private boolean mayHearOfDrain() {
    return !session.window().quiet() || !session.service().protocol().codec().clientsTurn();
  }

  /** The session is to move, and could not for a while: what holds it up may end early. */
  void holdsUp() {
    if (state().isOpen() && !session.window().quiet()) {
      var _ = session.service().tellDraining();
    }
  }

  /** The service has been told of the drain, or of what may come before it. */
  void toldDraining(ServiceSession<?, ?> told) {
    if (told.equals(session.service()) && session.isDraining() && state().isOpen()) {
      drain();
    }
  }

  /** Nothing more is with the service, perhaps: what has waited for that may come. */
  void settle() {
    if (!session.window().quiet() || state().isOver() || state().isDetached()) {
      return;
    }
    CloseReason last =
        session.isInputEnded() ? state().reasonOr(CloseReason.CLIENT) : state().reason();
    MigrationGate gate = session.gate();
    if (last != null) {
      endBehindSends(last);
    } else if ((gate == null || !gate.check()) && mayDrain()) {
      drain();
    }
  }

  private boolean mayDrain() {
    return session.isDraining() && !session.service().hearsOfDraining();
  }

  private void drain() {
    withFlow(Flow::drain);
    session.timeouts().sent();
  }

  /** Calls a codec; what it throws is its own mistake and ends its session only. */
  void withFlow(Consumer<Flow> call) {
    try {
      call.accept(session.service().flow());
    } catch (RuntimeException e) {
      failInTurn(e);
    }
  }

  /** Asks a codec, as {@link #withFlow}; one that throws has said no. */
  boolean asksFlow(Predicate<Flow> question) {
    AtomicBoolean answer = new AtomicBoolean();
    withFlow(flow -> answer.set(question.test(flow)));
    return answer.get();
  }

  // ---- failures and limits ----

  /** A service, or a codec that writes, has failed. */
  void fail(ServiceSession<?, ?> failed, Throwable cause) {
    if (cause instanceof OutOfMemoryError error) {
      session.context().exhaustion().failed(error);
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
      session.context().counters().error();
    }
    log(cause);
  }

  private void log(Throwable cause) {
    String current = session.service().current();
    session.context().errors().endsWith(session.route(), session.logged(), current, cause);
  }

  /**
   * More than max-pending waits for the client: it is told so, and does not get what it does not
   * take at once.
   */
  void overflow(ServiceSession<?, ?> of) {
    if (!of.equals(session.service()) || state().isOver()) {
      return;
    }
    if (state().isDetached()) {
      end(CloseReason.LIMIT);
    } else {
      long pending = session.queue().pending() + session.companions().pending();
      session.context().overflows().report(session.route(), session.logged(), pending);
      cut(CloseReason.LIMIT);
    }
  }

  // ---- the end ----

  /**
   * Ends the session in its turn, as everything that ends it while its input is read must: behind
   * the messages that were handed out before, in whatever lane they wait, and behind their answers.
   * From now on nothing is decoded or read, and the session stays here. The end takes effect, with
   * the codec's goodbye, when nothing handed out is unprocessed; at once, if that is so already, or
   * if something else ends the session before. The first reason stands.
   */
  void endInTurn(CloseReason why) {
    if (state().isDetached()) {
      end(why);
    } else if (state().isOpen()) {
      state().close(why);
      MigrationGate gate = session.gate();
      if (gate != null) {
        gate.stop();
      }
      settle();
      if (!state().isOver()) {
        session.read(false);
        discard();
        session.timeouts().turnChanged();
      }
    }
  }

  /** Behind what other threads have sent, which is still on its way to the loop. */
  void endBehindSends(CloseReason why) {
    if (session.queue().isEmpty()) {
      end(why);
    } else {
      ServiceSession<?, ?> ended = session.service();
      session.loop().execute(() -> end(ended, why));
    }
  }

  /** Ends the session, if this still is its protocol. */
  void end(ServiceSession<?, ?> of, CloseReason why) {
    if (of.equals(session.service())) {
      end(why);
    }
  }

  /** Ends the session once what was sent is out; the first reason to end it stands. */
  void end(CloseReason why) {
    if (state().isDetached()) {
      state().endOnceAttached(why);
      return;
    }
    if (state().isOver()) {
      return;
    }
    boolean clientLeft = why == CloseReason.CLIENT || state().reason() == CloseReason.CLIENT;
    var _ = session.service().end(why);
    stop();
    sayGoodbye(why);
    discard();
    session.carrier().closeInOrder(clientLeft);
    session.companions().forEach(each -> each.end(why));
  }

  /** Nothing goes on any more: no time runs, nobody waits for room, nothing moves. */
  private void stop() {
    session.timeouts().end();
    session.queue().wake();
    MigrationGate gate = session.gate();
    if (gate != null) {
      gate.ended();
    }
  }

  private void tellEnded(CloseReason why) {
    try {
      session.service().flow().ended(why);
    } catch (RuntimeException e) {
      log(e);
    }
  }

  /** Closing may take its time, for which what was not decoded is not kept. */
  private void discard() {
    try {
      session.service().flow().discard();
    } catch (RuntimeException e) {
      log(e);
    }
    session.companions().forEach(Companion::discard);
  }

  /** The connection broke: nothing more can go out on it. */
  void lost(CloseReason why) {
    session.companions().forEach(each -> each.end(why));
    abort(why);
  }

  /**
   * Ends the session without waiting for what was sent to go out: at once, unless its next carrier
   * is on the way.
   */
  void abort(CloseReason why) {
    if (!state().isDetached()) {
      var _ = session.service().end(why);
      session.companions().forEach(Companion::close);
      session.carrier().close();
    } else if (session.carrierOrNull() != null) {
      end(why);
    } else {
      var _ = session.service().end(why);
      session.endDetached();
    }
  }

  /**
   * Ends the session with the codec's goodbye, as far as the kernel takes that and what was sent
   * before at once.
   */
  void cut(CloseReason why) {
    if (!state().isDetached() && !state().isOver()) {
      var _ = session.service().end(why);
      stop();
      sayGoodbye(why);
      session.carrier().flush();
      session.companions().forEach(each -> each.sayGoodbye(why));
    }
    abort(why);
  }

  private void sayGoodbye(CloseReason why) {
    try {
      session.service().flow().goodbye(why);
    } catch (RuntimeException e) {
      log(e); // no last words, then
    }
  }

  /** The carrier is closed: the session has ended, for this reason. */
  CloseReason closed() {
    CloseReason why = session.service().end(state().reasonOr(CloseReason.CLIENT));
    state().ended();
    stop();
    session.companions().forEach(each -> each.end(why));
    tellEnded(why);
    session.window().ended();
    return why;
  }
}
