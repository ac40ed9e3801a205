package io.baton.worker;

import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Wraps tasks of our own for the event loop, which would keep their exceptions in a future that
 * nobody reads: their failure is our own inconsistency and ends the worker.
 */
record Guard(Consumer<Throwable> confused) implements UnaryOperator<Runnable> {

  @Override
  public Runnable apply(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (Throwable t) {
        confused.accept(t);
      }
    };
  }
}
