package io.baton.manager.fleet;

import io.baton.config.FleetSettings;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether connections should move off a worker that has too much to do. The rule is Open
 * vSwitch's: it had too much in several looks in a row, another has not, and a dry run says that
 * moving would bring the busy shares closer together by enough to be worth it.
 *
 * <p>In the dry run each of a worker's connections weighs the same share of its time, and each goes
 * to the worker that is the least busy then. A worker with one connection that takes all its time
 * keeps it, because it would be the same elsewhere.
 */
final class Balance {
  /** At most so many are moved at a time, since all weighing the same is but a guess. */
  static final int MAX_MOVED = 256;

  /**
   * What a worker reported.
   *
   * @param busyPermille of its loop's time
   */
  record Share(long worker, int busyPermille, int connections) {}

  /**
   * What is to be moved.
   *
   * @param spreadBefore permille by which the busiest and the least busy worker differ
   * @param spreadAfter by which they are likely to differ then
   */
  record Move(long from, int connections, int spreadBefore, int spreadAfter) {}

  /** By worker: in how many looks in a row it had too much to do. */
  private final Map<Long, Integer> looks = new HashMap<>();

  /**
   * Looks once more.
   *
   * @param shares of all workers that serve
   * @return null if all is to stay as it is
   */
  @Nullable Move look(FleetSettings.Rebalance rule, List<Share> shares) {
    List<Share> over = shares.stream().filter(s -> s.busyPermille() > rule.busyPermille()).toList();
    looks.keySet().retainAll(over.stream().map(Share::worker).toList());
    over.forEach(share -> looks.merge(share.worker(), 1, Integer::sum));
    if (over.size() == shares.size()) {
      return null; // all have too much to do
    }
    Share busiest =
        over.stream()
            .filter(share -> looks.getOrDefault(share.worker(), 0) >= rule.intervals())
            .max(Comparator.comparingInt(Share::busyPermille))
            .orElse(null);
    if (busiest == null) {
      return null;
    }
    Move move = dryRun(busiest, shares);
    long improvement = 100L * (move.spreadBefore() - move.spreadAfter());
    return move.connections() > 0
            && improvement >= (long) rule.improvementPercent() * move.spreadBefore()
        ? move
        : null;
  }

  /** What was looked at is no longer so. */
  void forget() {
    looks.clear();
  }

  private static Move dryRun(Share from, List<Share> shares) {
    double[] busy = shares.stream().mapToDouble(Share::busyPermille).toArray();
    int source = shares.indexOf(from);
    double weight = (double) from.busyPermille() / Math.max(1, from.connections());
    int before = spread(busy);
    int moved = 0;
    for (int least = least(busy);
        moved < Math.min(from.connections(), MAX_MOVED) && busy[source] - busy[least] > weight;
        least = least(busy)) {
      busy[source] -= weight;
      busy[least] += weight;
      moved++;
    }
    return new Move(from.worker(), moved, before, spread(busy));
  }

  private static int least(double[] busy) {
    int least = 0;
    for (int i = 1; i < busy.length; i++) {
      if (busy[i] < busy[least]) {
        least = i;
      }
    }
    return least;
  }

  private static int spread(double[] busy) {
    double most = busy[0];
    for (double each : busy) {
      most = Math.max(most, each);
    }
    return (int) Math.round(most - busy[least(busy)]);
  }
}
