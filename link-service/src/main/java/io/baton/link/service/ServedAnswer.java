package io.baton.link.service;

import io.baton.link.Answer;
import io.baton.link.Ending;
import org.jspecify.annotations.Nullable;

/** The answer to one question of the other side. Safe for any thread. */
final class ServedAnswer<O> implements Answer<O> {
  /** The session of a question. */
  interface Owner<O> {
    /**
     * Encodes an answer.
     *
     * @throws IllegalArgumentException if it is too long, or contains what its type forbids
     */
    LinkOutput encoded(long ask, O message);

    /** Sends; returns false if the session has ended. */
    boolean output(LinkOutput output);

    /** Learns that a question is answered. */
    void answered(long ask);
  }

  private enum State {
    OPEN,
    ANSWERED,
    CANCELLED
  }

  private final Owner<O> session;
  private final long ask;
  private State state = State.OPEN;
  private @Nullable Runnable onCancel;

  ServedAnswer(Owner<O> session, long ask) {
    this.session = session;
    this.ask = ask;
  }

  @Override
  public boolean reply(O message) {
    LinkOutput reply = session.encoded(ask, message); // throws before it is answered
    return answers() && session.output(reply);
  }

  @Override
  public boolean fail(int code, String text) {
    if (code < 1 || code > Ending.MAX_CODE) {
      throw new IllegalArgumentException("a code is from 1 to 65535, not " + code);
    }
    return answers() && session.output(new LinkOutput.Failed(ask, code, text));
  }

  private boolean answers() {
    synchronized (this) {
      if (state != State.OPEN) {
        return false;
      }
      state = State.ANSWERED;
    }
    session.answered(ask);
    return true;
  }

  @Override
  public synchronized boolean isCancelled() {
    return state == State.CANCELLED;
  }

  @Override
  public void onCancel(Runnable then) {
    synchronized (this) {
      if (state != State.CANCELLED) {
        onCancel = then;
        return;
      }
    }
    then.run();
  }

  /** Nobody waits for it any more. In the session's lane. */
  void cancel() {
    Runnable then;
    synchronized (this) {
      if (state != State.OPEN) {
        return;
      }
      state = State.CANCELLED;
      then = onCancel;
    }
    if (then != null) {
      then.run();
    }
  }
}
