package io.baton.worker.session;

import io.baton.log.RareLine;
import io.baton.worker.load.WorkerCounters;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The count and the log of sessions that are closed because their clients take too little of what
 * the service sends. The log says so at most once a minute. Event loop only.
 */
final class Overflows {
  private static final Logger LOG = LoggerFactory.getLogger(Overflows.class);

  private final WorkerCounters counters;
  private final RareLine line;

  /**
   * @param nanos a monotonic clock
   */
  Overflows(WorkerCounters counters, LongSupplier nanos) {
    this.counters = counters;
    this.line = new RareLine(nanos);
  }

  /** This session is about to be closed. */
  void report(Route<?, ?> route, LoggedSession session, long pending) {
    counters.overflowed();
    long sessions = line.due();
    if (sessions > 0) {
      LOG.warn(
          "listener {}: {} is closed: {} bytes wait for its client, max-pending is {};"
              + " sessions closed for that since this was last said: {}",
          route.listener(),
          session,
          pending,
          route.options().session().output().maxPendingBytes(),
          sessions);
    }
  }
}
