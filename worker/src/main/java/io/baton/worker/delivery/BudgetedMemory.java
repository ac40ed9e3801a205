package io.baton.worker.delivery;

import io.baton.worker.memory.ByteBudget;
import io.baton.worker.memory.MemoryAccount;

/** A share of the worker's memory, for topics or for services. Event loop only. */
final class BudgetedMemory implements MemoryAccount {
  /** Of the budget, each of the two gets one of so many parts. */
  private static final int PARTS = 4;

  private final ByteBudget budget;
  private long held;

  BudgetedMemory(ByteBudget budget) {
    this.budget = budget;
  }

  @Override
  public boolean reserve(long bytes) {
    if (budget.isTight() || held + bytes > budget.limit() / PARTS) {
      return false;
    }
    held += bytes;
    budget.add(bytes);
    return true;
  }

  @Override
  public void release(long bytes) {
    held -= bytes;
    budget.add(-bytes);
  }
}
