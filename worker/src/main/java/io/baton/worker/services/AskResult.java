package io.baton.worker.services;

import io.baton.service.AskException.Reason;

/** The outcome of an ask. */
public sealed interface AskResult {

  /** There is an answer. */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  record Answered(byte[] content) implements AskResult {}

  /**
   * There is none.
   *
   * @param text about it
   */
  record Unanswered(Reason reason, String text) implements AskResult {}
}
