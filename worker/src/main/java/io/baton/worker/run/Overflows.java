package io.baton.worker.run;

import io.baton.worker.load.Tally;
import io.baton.worker.time.RareLine;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The count and the log of sessions that are closed because their clients take too little of what
 * the service sends. The log says so at most once a minute. Event loop only.
 */
final class Overflows {
  private static final Logger LOG = LoggerFactory.getLogger(Overflows.class);

  private final Tally tally;
  private final RareLine line;

  /**
   * @param nanos a monotonic clock
   */
  Overflows(Tally tally, LongSupplier nanos) {
    this.tally = tally;
    this.line = new RareLine(nanos);
  }

  /** This one is about to be closed. */
  void report(Connection connection) {
    tally.overflowed();
    long sessions = line.due();
    if (sessions > 0) {
      LOG.warn(
          "listener {}: session {} of {} is closed: {} bytes wait for its client, max-pending is {};"
              + " sessions closed for that since this was last said: {}",
          connection.listener(),
          connection.id(),
          connection.peer(),
          connection.outlet().pending(),
          connection.maxPendingBytes(),
          sessions);
    }
  }
}
