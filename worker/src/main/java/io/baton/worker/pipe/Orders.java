package io.baton.worker.pipe;

import io.baton.pipe.Message.AllowMigrations;
import io.baton.pipe.Message.DescribeSession;
import io.baton.pipe.Message.ListSessions;
import io.baton.pipe.Message.SessionsListed;
import io.baton.pipe.Neighbour;
import io.baton.pipe.SavedForm;
import io.baton.pipe.SessionDescription;
import io.baton.posix.Fd;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What comes through the pipe besides clients. Called on the event loop. */
public interface Orders {

  /** The manager wants this worker to end within the time; handoffs are refused from now on. */
  void drain(int timeoutMs);

  /** The same; clients that may come back are to go on at another machine. */
  void redirect(int timeoutMs);

  /**
   * Links to other workers; this worker has {@linkplain io.baton.pipe.Message.Joined joined}.
   *
   * @param links one for each neighbour, in the same order, this worker's from now on; fewer if
   *     there was no room for the last ones' descriptors
   * @param complete whether all that had joined before this worker have been named by now
   */
  void neighbours(List<Neighbour> neighbours, List<Fd> links, boolean complete);

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
