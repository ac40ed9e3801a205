package io.baton.worker.load;

import io.baton.log.RareLine;
import io.baton.worker.memory.ByteBudget;
import io.baton.worker.memory.MemoryPressure;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts what was done because memory is short, and says it in the log, rarely. */
public final class PressureReport implements MemoryPressure.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(PressureReport.class);

  private final WorkerCounters counters;
  private final ByteBudget budget;
  private final RareLine heldBack;
  private final RareLine refused;
  private final RareLine evicted;

  /**
   * @param nanos a monotonic clock
   */
  public PressureReport(WorkerCounters counters, ByteBudget budget, LongSupplier nanos) {
    this.counters = counters;
    this.budget = budget;
    this.heldBack = new RareLine(nanos);
    this.refused = new RareLine(nanos);
    this.evicted = new RareLine(nanos);
  }

  @Override
  public void heldBack() {
    counters.heldBack();
    say(heldBack, "connections that hold much are not read until memory is released: {}");
  }

  @Override
  public void refused() {
    counters.refusedForMemory();
    say(refused, "messages are refused before they arrive, with \"try again later\": {}");
  }

  @Override
  public void evicted() {
    counters.evicted();
    say(evicted, "connections that hold most are ended: {}");
  }

  private void say(RareLine line, String what) {
    long count = line.due();
    if (count > 0) {
      LOG.warn(
          "memory is short, connections hold {} of {} KiB (worker.memory-budget): " + what,
          budget.held() / 1024,
          budget.limit() / 1024,
          count);
    }
  }
}
