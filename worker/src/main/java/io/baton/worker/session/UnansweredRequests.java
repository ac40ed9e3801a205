package io.baton.worker.session;

import io.baton.log.RareLine;
import io.baton.worker.load.WorkerCounters;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The count and the log of requests that no service has answered in its time. The log says so at
 * most once a minute. Event loop only.
 */
final class UnansweredRequests {
  private static final Logger LOG = LoggerFactory.getLogger(UnansweredRequests.class);

  private final WorkerCounters counters;
  private final RareLine line;

  /**
   * @param nanos a monotonic clock
   */
  UnansweredRequests(WorkerCounters counters, LongSupplier nanos) {
    this.counters = counters;
    this.line = new RareLine(nanos);
  }

  /**
   * This session is about to be closed.
   *
   * @param current what the client wanted, by its codec's word
   * @param ms for how long it has waited
   */
  void report(Route<?, ?> route, LoggedSession session, String current, long ms) {
    counters.unanswered();
    long requests = line.due();
    if (requests > 0) {
      LOG.warn(
          "listener {}: {} is closed: {} ms after {} its service has not answered;"
              + " requests without an answer since this was last said: {}",
          route.listener(),
          session,
          ms,
          current,
          requests);
    }
  }
}
