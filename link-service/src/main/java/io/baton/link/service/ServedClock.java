package io.baton.link.service;

import io.baton.link.LinkClock;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The clock of the other side as a service has it: empty until the codec shows the estimate, which
 * may be one that came with the session from another worker. Safe for any thread.
 */
public final class ServedClock implements LinkClock {
  private volatile @Nullable LinkClock shown;

  void show(LinkClock clock) {
    shown = clock;
  }

  @Override
  public OptionalLong offset() {
    LinkClock clock = shown;
    return clock == null ? OptionalLong.empty() : clock.offset();
  }

  @Override
  public OptionalLong bound() {
    LinkClock clock = shown;
    return clock == null ? OptionalLong.empty() : clock.bound();
  }

  @Override
  public double drift() {
    LinkClock clock = shown;
    return clock == null ? 0 : clock.drift();
  }

  @Override
  public long toPeer(long nanos) {
    LinkClock clock = shown;
    if (clock == null) {
      throw new IllegalStateException("no answer of the other side has arrived yet");
    }
    return clock.toPeer(nanos);
  }
}
