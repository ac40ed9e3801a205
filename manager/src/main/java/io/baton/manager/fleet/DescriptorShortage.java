package io.baton.manager.fleet;

import java.util.Map;
import java.util.TreeMap;

/** Tells the operator which processes have no descriptors left. */
final class DescriptorShortage {
  private final Roster roster;
  private final RareReport managers;

  /** By slot; of those whose workers had none. */
  private final Map<Integer, RareReport> workers = new TreeMap<>();

  DescriptorShortage(Roster roster) {
    this.roster = roster;
    this.managers = new RareReport(roster);
  }

  /** The manager had none for a client. */
  void inManager() {
    managers.happened(count ->
        "the manager is out of descriptors: clients are turned away; times since this was last"
            + " logged: %d; its limit is that of ulimit -n where it was started".formatted(count));
  }

  /** The worker had none for a client, who may go to another. */
  void in(Worker worker) {
    workers
        .computeIfAbsent(worker.slot, _ -> new RareReport(roster))
        .happened(count ->
            ("worker %d is out of descriptors: clients go to other workers; times since this was"
                    + " last logged: %d; its limit is that of ulimit -n where the manager was"
                    + " started")
                .formatted(worker.slot, count));
  }

  /** Time has passed. */
  void tick() {
    managers.tick();
    workers.values().forEach(RareReport::tick);
  }
}
