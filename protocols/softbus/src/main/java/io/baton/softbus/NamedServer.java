package io.baton.softbus;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A server under its name.
 *
 * @param maxSessions the most sessions that a worker opens under the name. Sessions that move to
 *     the worker are served beyond it
 * @param open how many there are in this worker
 */
record NamedServer(
    Supplier<? extends SoftBusServer> factory,
    SoftBusPermission permission,
    int maxSessions,
    AtomicInteger open) {

  /** Takes a place for a new session; false if there is none. */
  boolean enter() {
    if (open.incrementAndGet() <= maxSessions) {
      return true;
    }
    open.decrementAndGet();
    return false;
  }
}
