package io.baton.worker.services;

import io.baton.service.AskException.Reason;
import java.util.EnumMap;
import java.util.Map;

/** What a {@link ServiceRouter} has done so far. Read on its thread. */
public final class ServiceCounters {
  long answered;
  long responses;
  private final Map<Reason, Long> unanswered = new EnumMap<>(Reason.class);

  ServiceCounters() {}

  void count(Reason reason) {
    unanswered.merge(reason, 1L, Long::sum);
  }

  /** Returns asks of this worker that got an answer. */
  public long answered() {
    return answered;
  }

  /** Returns asks of this worker that got none for this reason. */
  public long unanswered(Reason reason) {
    return unanswered.getOrDefault(reason, 0L);
  }

  /** Returns questions that services of this worker are done with. */
  public long responses() {
    return responses;
  }
}
