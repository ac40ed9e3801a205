package io.baton.worker.identity;

import io.baton.log.RareLine;
import io.baton.service.Authenticator;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The log of decisions that do not come: at most a line a minute of each kind. Event loop only. */
final class AuthenticationComplaints {
  private static final Logger LOG = LoggerFactory.getLogger(AuthenticationComplaints.class);

  private final RareLine late;
  private final RareLine crowded;

  /**
   * @param nanos a monotonic clock
   */
  AuthenticationComplaints(LongSupplier nanos) {
    late = new RareLine(nanos);
    crowded = new RareLine(nanos);
  }

  void timedOut(String authenticator) {
    long times = late.due();
    if (times > 0) {
      LOG.warn(
          "the authenticator {} has not decided on a client within authenticate-timeout: its thread"
              + " is interrupted, and the client gets a 503, {} times since this was last said",
          authenticator,
          times);
    }
  }

  void overloaded(String authenticator) {
    long times = crowded.due();
    if (times > 0) {
      LOG.warn(
          "the authenticator {} has {} calls running and {} clients waiting: one more gets a 503,"
              + " {} times since this was last said",
          authenticator,
          Authenticator.MAX_RUNNING,
          Authenticator.MAX_WAITING,
          times);
    }
  }
}
