package io.baton.worker.memory;

import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Notices that the memory outside of the heap is used up: when an allocation has failed, or a
 * little earlier. Connections cannot have done that, because the {@link ByteBudget} bounds them; a
 * service that never releases its buffers can. There is no way back from it, so it is told once.
 * Event loop only.
 */
public final class Exhaustion {
  /** This much of the direct memory is as good as all of it, in percent. */
  static final int FULL_PERCENT = 95;

  private final LongSupplier used;
  private final long limit;
  private final ByteBudget budget;
  private final Consumer<String> told;
  private boolean over;

  /**
   * @param used direct memory, in bytes
   * @param limit of direct memory, in bytes
   * @param told why, in one line
   */
  public Exhaustion(LongSupplier used, long limit, ByteBudget budget, Consumer<String> told) {
    this.used = used;
    this.limit = limit;
    this.budget = budget;
    this.told = told;
  }

  /** An allocation has failed. */
  public void failed(OutOfMemoryError error) {
    tell("an allocation failed: " + error.getMessage());
  }

  /** Looks how things are; to be called now and then. */
  public void look() {
    if (used.getAsLong() > limit / 100 * FULL_PERCENT && budget.level() == ByteBudget.Level.AMPLE) {
      tell("nearly all direct memory is used");
    }
  }

  private void tell(String what) {
    if (!over) {
      over = true;
      told.accept(
          "%s (%d of %d KiB of direct memory used, of which connections hold %d KiB: does a service not release its buffers?)"
              .formatted(what, used.getAsLong() / 1024, limit / 1024, budget.held() / 1024));
    }
  }
}
