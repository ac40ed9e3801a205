package io.baton.worker.broker;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The other machines of the cluster and their workers, as far as they have been heard of. A worker
 * has vanished if it has not said anything for three seconds, and a machine is gone if none of its
 * workers has; what they have published is remembered for ten minutes more, because it may only be
 * the broker that is away, or until there are too many workers.
 */
final class Machines {
  /** Most workers of other machines. */
  static final int MAX_WORKERS = 4_096;

  static final long GONE_MS = 3_000;

  /** Ticks come more often; if one takes longer, nobody could be heard meanwhile. */
  static final long MAX_STEP_MS = 1_000;

  static final long FORGET_MS = 600_000;

  private static final Logger LOG = LoggerFactory.getLogger(Machines.class);

  private static final class Machine {
    private String server = "";
    private int workers;
    private long heardMs;
    private boolean here;
  }

  private static final class Worker {
    private final long machine;
    private long heardMs;
    private boolean here;

    Worker(long machine) {
      this.machine = machine;
    }
  }

  /** Is told of workers of other machines. */
  interface Listener {
    /** It is heard, for the first time or again. */
    void appeared(long worker, long machine);

    /** It has ended, or is silent. */
    void vanished(long worker);

    /** It has ended, or has been silent for long. */
    void forgotten(long worker);
  }

  private final Listener listener;

  private final Map<Long, Machine> machines = new HashMap<>();
  private final Map<Long, Worker> workers = new HashMap<>();
  private long nowMs;
  private int here;

  Machines(Listener listener) {
    this.listener = listener;
  }

  /** Returns how many are there. */
  int here() {
    return here;
  }

  /**
   * A worker has said something.
   *
   * @return false if there are too many workers to know it
   */
  boolean heard(long machine, long worker) {
    Worker its = workers.get(worker);
    if (its == null) {
      if (workers.size() == MAX_WORKERS && !forgetsOne()) {
        return false;
      }
      its = new Worker(machine);
      workers.put(worker, its);
      machines.computeIfAbsent(machine, _ -> new Machine()).workers++;
    }
    its.heardMs = nowMs;
    Machine of = machines.get(its.machine);
    if (of != null) {
      of.heardMs = nowMs;
    }
    if (!its.here) {
      its.here = true;
      listener.appeared(worker, its.machine);
    }
    return true;
  }

  /** Forgets the worker that has been silent for longest; returns false if none is. */
  private boolean forgetsOne() {
    Map.Entry<Long, Worker> eldest = null;
    for (Map.Entry<Long, Worker> each : workers.entrySet()) {
      Worker its = each.getValue();
      if (!its.here && (eldest == null || its.heardMs < eldest.getValue().heardMs)) {
        eldest = each;
      }
    }
    if (eldest == null) {
      return false;
    }
    ended(eldest.getKey());
    return true;
  }

  /** A worker that was heard has said what its server is. */
  void named(long machine, String server) {
    Machine its = machines.get(machine);
    if (its != null) {
      its.server = server;
      if (!its.here) {
        its.here = true;
        here++;
        LOG.info(
            "machine {} is there: {}; machines besides this one: {}", id(machine), server, here);
      }
    }
  }

  /** Returns the machine of a worker; null if it is not known. */
  @Nullable Long of(long worker) {
    Worker its = workers.get(worker);
    return its == null ? null : its.machine;
  }

  private static String id(long machine) {
    return Long.toHexString(machine);
  }

  /** A worker has ended. */
  void ended(long worker) {
    Worker its = workers.remove(worker);
    if (its != null) {
      left(its);
      vanished(worker, its);
      listener.forgotten(worker);
    }
  }

  private void vanished(long worker, Worker its) {
    if (its.here) {
      its.here = false;
      listener.vanished(worker);
    }
  }

  private void left(Worker worker) {
    Machine its = machines.get(worker.machine);
    if (its != null && --its.workers == 0) {
      machines.remove(worker.machine);
      gone(worker.machine, its);
    }
  }

  private void gone(long machine, Machine its) {
    if (its.here) {
      its.here = false;
      here--;
      LOG.info(
          "machine {} is gone: {}; machines besides this one: {}", id(machine), its.server, here);
    }
  }

  /** Lets time pass in which there is a connection. */
  void tick(long ms) {
    long step = ms - nowMs;
    nowMs = ms;
    if (step > MAX_STEP_MS) {
      workers.values().forEach(each -> each.heardMs += step);
      machines.values().forEach(each -> each.heardMs += step);
    }
    machines.forEach((machine, its) -> {
      if (ms - its.heardMs > GONE_MS) {
        gone(machine, its);
      }
    });
    for (Iterator<Map.Entry<Long, Worker>> all = workers.entrySet().iterator(); all.hasNext(); ) {
      Map.Entry<Long, Worker> each = all.next();
      long silentMs = ms - each.getValue().heardMs;
      if (silentMs > GONE_MS) {
        vanished(each.getKey(), each.getValue());
      }
      if (silentMs > FORGET_MS) {
        all.remove();
        left(each.getValue());
        listener.forgotten(each.getKey());
      }
    }
  }

  /** Time in which there was no connection counts for nobody. */
  void reconnected() {
    workers.values().forEach(each -> each.heardMs = nowMs);
    machines.values().forEach(each -> each.heardMs = nowMs);
  }
}
