package io.baton.service;

/** A received message that is still being worked on. Safe for any thread. */
public interface Hold extends AutoCloseable {

  /** The message is processed. Only the first call counts. */
  void release();

  @Override
  default void close() {
    release();
  }
}
