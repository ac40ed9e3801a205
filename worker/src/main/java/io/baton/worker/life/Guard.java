package io.baton.worker.life;

import java.util.function.Consumer;

/**
 * Wraps tasks of our own for the event loop, which would keep their exceptions in a future that
 * nobody reads: their failure is our own inconsistency and ends the worker.
 */
public record Guard(Consumer<Throwable> confused) {

  public Runnable guarding(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (Throwable t) {
        confused.accept(t);
      }
    };
  }
}
