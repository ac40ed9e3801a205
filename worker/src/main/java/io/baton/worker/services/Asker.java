package io.baton.worker.services;

/** Who asks. */
@FunctionalInterface
public interface Asker {

  /** The ask has ended, once. Does not call the router before the router has returned. */
  void ended(AskResult result);
}
