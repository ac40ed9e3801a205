package io.baton.worker.memory;

import java.util.function.LongSupplier;

/**
 * How much memory there is.
 *
 * @param budget for all connections together
 * @param directUsed direct memory that is used, in bytes, by whomever; on the event loop
 * @param directLimit of direct memory, in bytes
 */
public record MemoryLimits(ByteBudget budget, LongSupplier directUsed, long directLimit) {

  /** Returns the limits of this process. */
  public static MemoryLimits of(ByteBudget budget, DirectMemory direct) {
    return new MemoryLimits(budget, direct::used, direct.limit());
  }

  /** Returns limits with as much direct memory as anybody wants. */
  public static MemoryLimits of(ByteBudget budget) {
    return new MemoryLimits(budget, () -> 0, Long.MAX_VALUE);
  }
}
