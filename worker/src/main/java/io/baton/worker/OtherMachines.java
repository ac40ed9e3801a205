package io.baton.worker;

import io.baton.pipe.Load;
import io.baton.worker.broker.Cluster;
import io.baton.worker.elsewhere.Transfers;
import org.jspecify.annotations.Nullable;

/**
 * What a worker has to do with other machines: nothing, until it is one of a cluster, and then
 * sessions go on there only if the machines have a secret in common. Event loop only.
 */
final class OtherMachines {
  /** Null without a broker. */
  private @Nullable Cluster cluster;

  /** Null if sessions do not go on at other machines. */
  private @Nullable Transfers transfers;

  /** Null in the same case. */
  private @Nullable SoughtConnections sought;

  /** The worker is one of a cluster. */
  void join(Cluster its) {
    cluster = its;
  }

  /** Its sessions may go on at other machines, and theirs here. */
  void exchange(Transfers its, SoughtConnections comers) {
    transfers = its;
    sought = comers;
  }

  /** Runs the action once other machines can be reached; at once if there are to be none. */
  void whenUp(Runnable action) {
    if (cluster == null) {
      action.run();
    } else {
      cluster.whenUp(action);
    }
  }

  /** Lets time pass. */
  void tick(long ms) {
    if (cluster != null) {
      cluster.tick(ms);
    }
  }

  Load.Broker counts() {
    return cluster == null ? Load.Broker.NONE : cluster.counts();
  }

  /** Returns how many sessions have gone on there. */
  long given() {
    return transfers == null ? 0 : transfers.given();
  }

  /** Whether no connection waits until it is known on which machine its session is. */
  boolean isSettled() {
    return sought == null || sought.isEmpty();
  }

  /** This worker takes none of the sessions that are on their way. */
  void endTransfers() {
    if (transfers != null) {
      transfers.end();
    }
  }

  /** Takes leave of them; what is returned ends the connection to the broker, and may block. */
  Runnable leave() {
    endTransfers();
    return cluster == null ? () -> {} : cluster.close();
  }
}
