package io.baton.service;

/** The outcome of an ask that got no answer. */
public final class AskException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Longest text of a responder's exception, in characters; the rest is cut off. */
  public static final int MAX_TEXT = 500;

  /** Why there is no answer. */
  public enum Reason {
    /** No worker offers the name, or this one has not started yet; nobody was asked. */
    NOBODY,
    /**
     * Nobody has answered in time; the question may have been answered all the same, or may yet.
     */
    TIMEOUT,
    /**
     * The worker that was asked has died, or its link is closed or has begun anew, or the
     * connection to the broker is lost by which it is asked, or this worker ends; the question may
     * have been answered all the same.
     */
    GONE,
    /**
     * Too many questions are under way here or at who was asked, or the link between the two is
     * full, or memory is short; the question was not answered.
     */
    OVERLOADED,
    /** The responder has thrown an exception, or its answer is too long. */
    FAILED
  }

  private final Reason reason;

  /**
   * @param text for the log
   */
  public AskException(Reason reason, String text) {
    super(reason + ": " + text);
    this.reason = reason;
  }

  /** Returns why there is no answer. */
  public Reason reason() {
    return reason;
  }
}
