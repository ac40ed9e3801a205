package io.baton.service;

/** Something that will happen unless it is cancelled. Safe for any thread. */
public interface Cancellable {

  /** Does nothing if it has run or was cancelled already. */
  void cancel();
}
