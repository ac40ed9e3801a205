package io.baton.worker.run;

/** An open session as a drain sees it. Event loop only. */
public interface OpenSession {

  /** Ends at a point where no message is lost, as its codec has it. */
  void goodbye();

  /** Ends now if nothing is under way. */
  void endIfIdle();

  /** Ends now, whatever is under way. */
  void abort();
}
