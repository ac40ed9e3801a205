package io.baton.manager.fleet;

import io.baton.pipe.Load;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The fleet at one moment, immutable.
 *
 * @param listeners of all generations, by their numbers
 * @param replacing what is being done to replace workers, in a few words; null if nothing is
 */
public record FleetView(
    Phase phase,
    int generation,
    List<WorkerView> workers,
    List<ListenerCounts> listeners,
    int waiting,
    @Nullable String replacing,
    Totals totals) {

  /** What the server is doing as a whole. */
  public enum Phase {
    BOOTING,
    RUNNING,
    STOPPING,
    STOPPED
  }

  /**
   * Counts of one listener, by its index. In the end accepted = taken by workers + refused +
   * limited.
   *
   * @param accepted all that came
   * @param refused those that no worker could serve
   * @param limited those turned away because they were beyond a limit
   * @param open connections now, accepted and not yet heard to have ended; not those turned away
   */
  public record ListenerCounts(long accepted, long refused, long limited, int open) {}

  /**
   * A slot and its worker, or what it waits for.
   *
   * @param pid 0 if there is no process
   * @param state STARTING, READY, HUNG, DRAINING, ENDING; BACKOFF or BROKEN without a process
   * @param untaken handoffs sent and not answered
   * @param problem why the last worker of this slot failed; null if all is well
   * @param retryInMs until the next start; 0 if there is a process
   */
  public record WorkerView(
      int slot,
      int pid,
      int generation,
      String state,
      Load load,
      int untaken,
      long taken,
      int restarts,
      @Nullable String problem,
      long retryInMs) {}

  /**
   * Sums since the start.
   *
   * @param counters of all workers, dead ones included
   * @param lost connections that ended with their worker, at most: those it had not reported closed
   * @param replaced handoffs that had to be placed again
   * @param recalled of those, taken back out of a stalled worker's pipe
   * @param blocked of those, because a pipe was full in spite of credits
   * @param migrated connections that went from one worker to another, each time
   * @param returned connections that no other worker would have and that went back
   * @param stranded connections that were given away and that no worker took, so that they ended
   * @param rebalances times that connections were moved because a worker had too much to do
   */
  public record Totals(
      Load.Counters counters,
      long deaths,
      long lost,
      long garbled,
      long replaced,
      long recalled,
      long blocked,
      long migrated,
      long returned,
      long stranded,
      long rebalances) {}

  /**
   * Looks.
   *
   * @param sums of what is gone; the counters of the living are added
   */
  static FleetView of(Roster roster, Dispatcher dispatcher, Totals sums) {
    List<WorkerView> views = new ArrayList<>();
    Load.Counters sum = sums.counters();
    for (Worker worker : roster.workers.values()) {
      sum = sum.plus(worker.load.counters());
      views.add(
          new WorkerView(
              worker.slot,
              worker.pid,
              worker.generation,
              worker.state.name(),
              worker.load,
              worker.untaken.size(),
              worker.taken,
              roster.slotOf(worker).restarts,
              roster.slotOf(worker).lastFailure,
              0));
    }
    for (Slot slot : roster.slots) {
      if (slot.worker == null) {
        views.add(
            new WorkerView(
                slot.index,
                0,
                Roster.GENERATION,
                slot.isBroken(roster.policy) ? "BROKEN" : "BACKOFF",
                Load.NONE,
                0,
                0,
                slot.restarts,
                slot.lastFailure,
                Math.max(0, slot.retryAtMs - roster.nowMs)));
      }
    }
    views.sort((a, b) -> Integer.compare(a.slot(), b.slot()));
    List<ListenerCounts> listeners = new ArrayList<>();
    for (int i = 0; i < dispatcher.accepted.length; i++) {
      listeners.add(
          new ListenerCounts(
              dispatcher.accepted[i],
              dispatcher.refused[i],
              dispatcher.limits.limited(i),
              dispatcher.limits.open(i)));
    }
    return new FleetView(
        roster.phase,
        Roster.GENERATION,
        List.copyOf(views),
        List.copyOf(listeners),
        dispatcher.waiting(),
        null,
        new Totals(
            sum,
            sums.deaths(),
            sums.lost(),
            sums.garbled(),
            sums.replaced(),
            sums.recalled(),
            sums.blocked(),
            sums.migrated(),
            sums.returned(),
            sums.stranded(),
            sums.rebalances()));
  }
}
