package io.baton.manager.admin;

import io.baton.pipe.SessionRef;
import java.util.concurrent.TimeoutException;

/** The way to one session, wherever it is. */
public interface SessionSource {
  /**
   * Returns how the session is now. Blocks until the workers have answered or their time is over.
   *
   * @throws TimeoutException if the manager's thread does not answer
   */
  SessionAnswer session(SessionRef session) throws TimeoutException, InterruptedException;
}
