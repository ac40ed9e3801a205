package io.baton.worker.codec.websocket;

import io.baton.log.RareLine;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * WebSockets that pages of other origins wanted to open, in all routes of a worker: counted, and
 * told to the operator, who may have forgotten one. Event loop only.
 */
public final class DeniedOrigins {
  private static final int MAX_SHOWN = 100;
  private static final Logger LOG = LoggerFactory.getLogger(DeniedOrigins.class);

  private final RareLine line;
  private long count;

  /**
   * @param nanos a monotonic clock
   */
  public DeniedOrigins(LongSupplier nanos) {
    line = new RareLine(nanos);
  }

  /** Returns how many there were. */
  public long count() {
    return count;
  }

  void add(String route, String origin, String host) {
    count++;
    long times = line.due();
    if (times > 0) {
      LOG.warn(
          "route {}: a page of {} may not open a WebSocket at {}, {} times since this was last said;"
              + " the key origins of a route lists pages that may",
          route,
          printable(origin),
          printable(host),
          times);
    }
  }

  /** A client wrote it. */
  private static String printable(String text) {
    String ascii = text.replaceAll("[^!-~]", "?");
    return ascii.length() > MAX_SHOWN ? ascii.substring(0, MAX_SHOWN) + "..." : ascii;
  }
}
