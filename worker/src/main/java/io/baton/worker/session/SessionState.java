package io.baton.worker.session;

import io.baton.service.CloseReason;
import org.jspecify.annotations.Nullable;

/**
 * The stage of life of one session, and the reason for its end.
 *
 * <pre>
 *   DETACHED ◄── carrier attached, detached ──► OPEN ── end in turn ──► CLOSING
 *      │                                          │                        │ all processed,
 *      │                                          │                        │ or something else ends it
 *      └── abandoned ──────────► ENDING ◄── end ──┴────────────────────────┘
 *                                   └── carrier closed, or another protocol took over ──► ENDED
 * </pre>
 *
 * <table>
 *   <caption>What happens in each stage</caption>
 *   <tr><td>DETACHED</td><td>no carrier bears it: it is new, or arrives from another worker, or has
 *       lost its carrier; what its service sends is kept, and an end waits for a carrier
 *   <tr><td>OPEN</td><td>messages come and go
 *   <tr><td>CLOSING</td><td>nothing more is read or decoded; what was handed out is still received
 *       and answered
 *   <tr><td>ENDING</td><td>nothing more is sent, what was sent goes out; what was handed out is
 *       received, unless the service ended the session itself
 *   <tr><td>ENDED</td><td>the service has been told, or is about to be
 * </table>
 *
 * <p>Changed on the event loop, read by any thread.
 */
final class SessionState {

  enum Stage {
    DETACHED,
    OPEN,
    CLOSING,
    ENDING,
    ENDED
  }

  private volatile Stage stage;
  private volatile @Nullable CloseReason reason;

  SessionState(Stage stage) {
    this.stage = stage;
  }

  boolean isDetached() {
    return stage == Stage.DETACHED;
  }

  /** Whether what is read may be handed out. */
  boolean isOpen() {
    return stage == Stage.OPEN;
  }

  boolean isClosing() {
    return stage == Stage.CLOSING;
  }

  /** Whether nothing is sent any more. */
  boolean isOver() {
    Stage now = stage;
    return now == Stage.ENDING || now == Stage.ENDED;
  }

  /** Whether it still lives and nothing has decided to end it. */
  boolean goesOn() {
    return reason == null;
  }

  /** Returns the reason for the end, or null while there is none. */
  @Nullable CloseReason reason() {
    return reason;
  }

  /** Returns the reason that was there first, or this one if there was none. */
  CloseReason reasonOr(CloseReason why) {
    CloseReason first = reason;
    return first == null ? why : first;
  }

  /** A carrier bears it from now on. */
  void attach() {
    require(Stage.DETACHED);
    stage = Stage.OPEN;
  }

  /** No carrier bears it any more. */
  void detach() {
    require(Stage.OPEN);
    stage = Stage.DETACHED;
  }

  /** It is to end as soon as a carrier bears it; the first reason stands. */
  void endOnceAttached(CloseReason why) {
    require(Stage.DETACHED);
    reason = reasonOr(why);
  }

  /** It ends once nothing is unprocessed. */
  void close(CloseReason why) {
    require(Stage.OPEN);
    reason = why;
    stage = Stage.CLOSING;
  }

  /** It ends now. A reason to close it gives way to this one; a reason to end it stands. */
  CloseReason end(CloseReason why) {
    if (!isOver()) {
      reason = why;
      stage = Stage.ENDING;
    }
    return reasonOr(why);
  }

  /** Its carrier is closed. */
  void ended() {
    require(Stage.ENDING);
    stage = Stage.ENDED;
  }

  private void require(Stage expected) {
    if (stage != expected) {
      throw new IllegalStateException("a session that is " + stage + ", not " + expected);
    }
  }

  @Override
  public String toString() {
    CloseReason why = reason;
    return why == null ? stage.name() : stage + " for " + why;
  }
}
