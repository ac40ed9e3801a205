package io.baton.worker.load;

import io.baton.worker.channel.Meter;
import io.baton.worker.memory.ByteBudget;

/** Counts what goes through the channels, and books what waits in them. */
public record ChannelMeter(WorkerCounters counters, ByteBudget budget) implements Meter {
  @Override
  public void bytesIn(int bytes) {
    counters.bytesIn(bytes);
  }

  @Override
  public void bytesOut(int bytes) {
    counters.bytesOut(bytes);
  }

  @Override
  public void unsent(long change) {
    budget.add(change);
  }
}
