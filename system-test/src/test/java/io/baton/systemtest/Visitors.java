package io.baton.systemtest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Load: clients that come, do one thing, and leave, again and again until this is closed. What goes
 * wrong is kept.
 */
final class Visitors implements AutoCloseable {
  /** Between two visits, so that the load is steady and not all that the machine can do. */
  private static final long PAUSE_NS = 5_000_000;

  /** One visit: connects, asks, is answered, leaves. */
  interface Visit {
    void make() throws IOException;
  }

  private final List<Thread> threads = new ArrayList<>();
  private final AtomicLong served = new AtomicLong();
  private final Queue<Exception> failures = new ConcurrentLinkedQueue<>();
  private volatile boolean enough;

  Visitors(int clients, Visit visit) {
    for (int i = 0; i < clients; i++) {
      threads.add(Thread.ofPlatform().name("visitor-", i).start(() -> run(visit)));
    }
  }

  private void run(Visit visit) {
    while (!enough) {
      try {
        visit.make();
        served.incrementAndGet();
      } catch (IOException | RuntimeException e) {
        failures.add(e);
      }
      LockSupport.parkNanos(PAUSE_NS);
    }
  }

  long served() {
    return served.get();
  }

  /** Waits until so many more were served. */
  void awaitMore(int visits) {
    long until = served() + visits;
    Wait.until(visits + " more visits", () -> served() >= until);
  }

  List<Exception> failures() {
    return List.copyOf(failures);
  }

  /** Ends them; what they are in the middle of they finish. */
  @Override
  public void close() {
    enough = true;
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while visitors finish", e);
      }
    }
  }
}
