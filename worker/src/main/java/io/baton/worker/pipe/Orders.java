package io.baton.worker.pipe;

import io.baton.pipe.Message.AllowMigrations;
import io.baton.pipe.SavedForm;
import io.baton.pipe.SessionDescription;
import io.baton.service.SessionKey;
import org.jspecify.annotations.Nullable;

/** What comes through the pipe besides clients. Called on the event loop. */
public interface Orders {

  /** The manager wants this worker to end within the time; handoffs are refused from now on. */
  void drain(int timeoutMs);

  /** Connections may be given back. */
  void allowMigrations(AllowMigrations allowed);

  /** What all workers read of saved sessions, from now on. */
  void readable(SavedForm form);

  /** Returns the session with this key as it is now; null if it is not here. */
  @Nullable SessionDescription describe(SessionKey key);

  /** The pipe, which was full, takes more. */
  void roomAgain();

  /** The manager is gone: nobody supervises us any more. The pipe is closed. */
  void managerGone();

  /** The pipe cannot be trusted any more, or we cannot: the worker has to end. */
  void confused(Throwable why);
}
