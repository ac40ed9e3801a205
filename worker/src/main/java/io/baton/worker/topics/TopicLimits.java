package io.baton.worker.topics;

/** The bounds of all that topics hold, besides the worker's memory. */
final class TopicLimits {
  /** Most topics of a session. */
  static final int SESSION_TOPICS = 1_000;

  /** Most subscriptions of a worker. */
  static final int SUBSCRIPTIONS = 1_000_000;

  /** Most publications that wait for a session's service. */
  static final int WAITING = 256;

  /** From so few on, a session that had too many gets publications again. */
  static final int WAITING_RELAXED = WAITING / 2;

  /** Most publications that are kept for a session that moves, or held while it catches up. */
  static final int KEPT = 1_000;

  /** Most bytes of them. */
  static final int KEPT_BYTES = 1024 * 1024;

  /** Most that wait for a session after its move: all that was kept for it, besides the usual. */
  static final int WAITING_AFTER_MOVE = WAITING + KEPT;

  /**
   * How long what is kept waits for the session's next worker. That may just have begun to run, and
   * its service has {@code resume-timeout}, before a session comes back.
   */
  static final long CLAIM_MS = 10_000;

  /** How long a session may take to catch up: its former worker may have much else to do. */
  static final long CATCH_UP_MS = 5_000;

  /** How long a session has its former worker forward what comes from other machines. */
  static final long SETTLE_MS = 250;

  /** Ticks come more often; a worker that sees none for longer was stopped itself. */
  static final long MAX_STEP_MS = 250;

  /** How long publications are forwarded, if the other worker does not say that it has enough. */
  static final long FORWARD_MS = 2 * CATCH_UP_MS;

  /** How long a topic's numbers go on at least after nobody wants it any more. */
  static final long NUMBERS_MS = 10_000;

  /** Most topics that a newcomer is told of at a time: any link has room for so many. */
  static final int INTRODUCED_AT_A_TIME = 256;

  /** Most topics that one turn of the event loop goes through for other reasons. */
  static final int CLEANED_AT_A_TIME = 32_768;

  /** Most members of a topic that are named. */
  static final int MEMBERS = 4_096;

  /** Most topics whose members are asked for at a time, or were just now. */
  static final int QUESTIONS = 4_096;

  /** Most that wait for the members of any topic. */
  static final int ASKERS = 10_000;

  /** How long an answer of other workers is waited for; found out by a tick. */
  static final long ANSWER_MS = 400;

  /** How long a topic whose members other machines have told rests until they are asked again. */
  static final long REST_MS = 200;

  /** How long after a connection to other machines there may be some that have said nothing. */
  static final long GREETED_MS = 100;

  /** How long a worker names a session that has left it. */
  static final long LEFT_MS = 2_000;

  /** How long the next worker has to contradict that: it may know the session for longer. */
  static final long ARRIVED_MS = 2 * LEFT_MS;

  private TopicLimits() {}
}
