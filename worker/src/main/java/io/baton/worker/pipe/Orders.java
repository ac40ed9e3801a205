package io.baton.worker.pipe;

import io.baton.pipe.Message.AllowMigrations;
import io.baton.pipe.Message.DescribeSession;
import io.baton.pipe.Message.ListSessions;
import io.baton.pipe.Message.SessionsListed;
import io.baton.pipe.SavedForm;
import io.baton.pipe.SessionDescription;
import org.jspecify.annotations.Nullable;

/** What comes through the pipe besides clients. Called on the event loop. */
public interface Orders {

  /** The manager wants this worker to end within the time; handoffs are refused from now on. */
  void drain(int timeoutMs);

  /** Connections may be given back. */
  void allowMigrations(AllowMigrations allowed);

  /** What all workers read of saved sessions, from now on. */
  void readable(SavedForm form);

  /** Returns the session as it is now, and ends it if so asked; null if it is not here. */
  @Nullable SessionDescription describe(DescribeSession question);

  /** Returns the sessions that are asked for, as many as an answer may hold. */
  SessionsListed list(ListSessions question);

  /** The pipe, which was full, takes more. */
  void roomAgain();

  /** The manager is gone: nobody supervises us any more. The pipe is closed. */
  void managerGone();

  /** The pipe cannot be trusted any more, or we cannot: the worker has to end. */
  void confused(Throwable why);
}
