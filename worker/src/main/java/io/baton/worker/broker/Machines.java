package io.baton.worker.broker;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The other machines of the cluster and their workers, as far as they have been heard of. A machine
 * is gone if none of its workers has said anything for three seconds; what its workers have
 * published is remembered for ten minutes more, because it may only be the broker that is away.
 */
final class Machines {
  /** Most workers of other machines. */
  static final int MAX_WORKERS = 4_096;

  static final long GONE_MS = 3_000;
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

    Worker(long machine) {
      this.machine = machine;
    }
  }

  /** Is told of workers that are forgotten. */
  interface Forgotten {
    void forgotten(long worker);
  }

  private final Map<Long, Machine> machines = new HashMap<>();
  private final Map<Long, Worker> workers = new HashMap<>();
  private long nowMs;
  private int here;

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
      if (workers.size() == MAX_WORKERS) {
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

  /** Lets time pass, and says which workers are forgotten. */
  void tick(long ms, Forgotten listener) {
    nowMs = ms;
    machines.forEach((machine, its) -> {
      if (ms - its.heardMs > GONE_MS) {
        gone(machine, its);
      }
    });
    for (Iterator<Map.Entry<Long, Worker>> all = workers.entrySet().iterator(); all.hasNext(); ) {
      Map.Entry<Long, Worker> each = all.next();
      if (ms - each.getValue().heardMs > FORGET_MS) {
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
