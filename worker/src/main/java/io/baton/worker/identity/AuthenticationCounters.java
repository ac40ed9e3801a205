package io.baton.worker.identity;

import io.baton.pipe.Load;
import io.baton.service.Authentication;

/** What the authenticators of a worker have decided. Event loop only. */
public final class AuthenticationCounters {
  private long begun;
  private long accepted;
  private long unauthenticated;
  private long forbidden;
  private long unavailable;
  private long limited;
  private long failed;
  private long timedOut;
  private long abandoned;

  /** A client waits for a decision. */
  void begin() {
    begun++;
  }

  /** It waits no more, and there was none. */
  void cancelled() {
    abandoned++;
  }

  /** It has one. */
  void end(Verdict verdict) {
    switch (verdict) {
      case Verdict.Decided(Authentication.Accepted _) -> accepted++;
      case Verdict.Decided(Authentication.Unauthenticated _) -> unauthenticated++;
      case Verdict.Decided(Authentication.Forbidden _) -> forbidden++;
      case Verdict.Decided(Authentication.Unavailable _), Verdict.Overloaded _ -> unavailable++;
      case Verdict.Failed _ -> failed++;
      case Verdict.TimedOut _ -> timedOut++;
    }
  }

  /** A client that was accepted has as many sessions as it may. */
  public void limited() {
    limited++;
  }

  /** Returns what has been counted. */
  public Load.Authentications counts() {
    return new Load.Authentications(
        begun,
        accepted,
        unauthenticated,
        forbidden,
        unavailable,
        limited,
        failed,
        timedOut,
        abandoned);
  }
}
