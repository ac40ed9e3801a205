package io.baton.manager.fleet;

import io.baton.manager.fleet.Worker.Duty;
import io.baton.manager.fleet.Worker.State;
import io.baton.pipe.Load;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The fleet at one moment, immutable.
 *
 * @param listeners of all generations, by their numbers
 * @param waiting clients that are the manager's and that no worker has, those that seek included
 * @param seeking connections of clients that want to go on with a session, while it is searched for
 * @param blockedPeers that are kept out for a while, for what they did
 * @param replacing what is being done to replace workers, in a few words; null if nothing is
 */
public record FleetView(
    Phase phase,
    int generation,
    List<WorkerView> workers,
    List<ListenerCounts> listeners,
    int waiting,
    int seeking,
    int blockedPeers,
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
   * Counts of one listener. In the end accepted = taken by workers + refused + limited + denied.
   *
   * @param accepted all that came
   * @param refused those that no worker could serve
   * @param limited those turned away because they were beyond a limit
   * @param denied those who may not connect, or not now
   * @param open connections now, accepted and not yet heard to have ended; not those turned away
   * @param returning clients that come back to their sessions, or may
   */
  public record ListenerCounts(
      long accepted, long refused, long limited, long denied, int open, Returning returning) {

    /** Those of a listener to which nobody comes back. */
    public ListenerCounts(long accepted, long refused, long limited, long denied, int open) {
      this(accepted, refused, limited, denied, open, Returning.NONE);
    }
  }

  /**
   * Clients of a listener that come back to their sessions, or may.
   *
   * @param admitted of those limited since the start, the ones found to come back
   * @param away sessions now whose clients have lost their connections
   * @param seeking connections now whose session is searched for
   */
  public record Returning(long admitted, int away, int seeking) {
    public static final Returning NONE = new Returning(0, 0, 0);
  }

  /**
   * A slot and its worker, or what it waits for; or a worker that is to have a slot, or had it.
   *
   * @param pid 0 if there is no process
   * @param state STARTING, READY, HUNG, DRAINING, ENDING; STUCK: ready, but it gets nowhere; NEXT:
   *     ready to serve once all newcomers are; LEAVING: ready, but others serve in its place;
   *     BACKOFF or BROKEN without a process, ENDED without one that will follow
   * @param untaken handoffs sent and not answered
   * @param away sessions whose clients have lost their connections and may come back
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
      int away,
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
   * @param searches for the sessions that clients wanted to go on with
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
      long rebalances,
      Searches searches) {

    private Totals with(Load.Counters all) {
      return new Totals(
          all,
          deaths,
          lost,
          garbled,
          replaced,
          recalled,
          blocked,
          migrated,
          returned,
          stranded,
          rebalances,
          searches);
    }
  }

  /**
   * Connections whose clients wanted to go on with a session that their worker did not have. In the
   * end sought = found + nowhere + unanswered.
   *
   * @param sought all of them
   * @param found those that came to the worker that has the session
   * @param nowhere those whose session no worker has
   * @param unanswered those of which that is not known, because not all workers could be asked, or
   *     is not said, because their peer has heard NOWHERE too often
   * @param slowed of those, the ones of which it is not said
   */
  public record Searches(long sought, long found, long nowhere, long unanswered, long slowed) {}

  /**
   * Looks.
   *
   * @param sums of what is gone; the counters of the living are added
   */
  static FleetView of(
      Roster roster, Dispatcher dispatcher, @Nullable String replacing, Totals sums) {
    List<WorkerView> views = new ArrayList<>();
    Load.Counters sum = sums.counters();
    for (Worker worker : roster.workers.values()) {
      sum = sum.plus(worker.load.counters());
      views.add(of(worker, roster));
    }
    for (Slot slot : roster.slots) {
      if (slot.worker == null) {
        views.add(of(slot, roster));
      }
    }
    views.sort(Comparator.comparingInt(WorkerView::slot));
    List<ListenerCounts> listeners = new ArrayList<>();
    for (Books.Book book : roster.books.all()) {
      int open = dispatcher.limits.open(listeners.size());
      Returning returning =
          new Returning(
              book.admitted,
              dispatcher.limits.away(listeners.size()),
              dispatcher.seekers.count(listeners.size()));
      listeners.add(
          new ListenerCounts(
              book.accepted, book.refused, book.limited, book.denied, open, returning));
    }
    return new FleetView(
        roster.phase,
        roster.current().number(),
        List.copyOf(views),
        List.copyOf(listeners),
        dispatcher.waiting(),
        dispatcher.seekers.count(),
        dispatcher.admission.blocked(),
        replacing,
        sums.with(sum));
  }

  private static WorkerView of(Worker worker, Roster roster) {
    Slot slot = worker.duty == Duty.SERVING ? roster.slots.get(worker.slot) : null;
    return new WorkerView(
        worker.slot,
        worker.pid,
        worker.generation.number(),
        state(worker),
        worker.load,
        worker.untaken.size(),
        worker.taken,
        slot == null ? 0 : slot.restarts,
        worker.awaySessions.total(),
        problem(worker, slot),
        0);
  }

  private static @Nullable String problem(Worker worker, @Nullable Slot slot) {
    if (worker.exhausted != null) {
      return "no memory left: " + worker.exhausted;
    }
    if (worker.stuck != null) {
      return worker.stuck + "; its log says where";
    }
    return slot == null ? null : slot.lastFailure;
  }

  private static String state(Worker worker) {
    if (worker.state != State.READY) {
      return worker.state.name();
    }
    String ready = worker.stuck == null ? State.READY.name() : "STUCK";
    return worker.duty == Duty.SERVING ? ready : worker.duty.name();
  }

  private static WorkerView of(Slot slot, Roster roster) {
    boolean isRefilled = roster.phase == Phase.BOOTING || roster.phase == Phase.RUNNING;
    String empty = slot.isBroken(roster.policy()) ? "BROKEN" : "BACKOFF";
    return new WorkerView(
        slot.index,
        0,
        roster.current().number(),
        isRefilled ? empty : "ENDED",
        Load.NONE,
        0,
        0,
        slot.restarts,
        0,
        slot.lastFailure,
        isRefilled ? Math.max(0, slot.retryAtMs - roster.nowMs) : 0);
  }
}
