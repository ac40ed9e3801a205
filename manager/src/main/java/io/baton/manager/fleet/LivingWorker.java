package io.baton.manager.fleet;

/**
 * A worker that may have sessions.
 *
 * @param id number of the process for as long as the manager runs
 */
public record LivingWorker(long id, int slot, int pid, int generation) {

  /** Returns how an operator knows it: {@code worker 1 (pid 4711, generation 3)}. */
  @Override
  public String toString() {
    return "worker %d (pid %d, generation %d)".formatted(slot, pid, generation);
  }
}
