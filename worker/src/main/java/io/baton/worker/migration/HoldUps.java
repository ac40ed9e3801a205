package io.baton.worker.migration;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;

/**
 * What keeps connections from moving, added up by listener and reason, in one line for the
 * operator: {@code web, answer pending for 52 s}.
 */
final class HoldUps {
  /** Reasons that are told apart; of the rest only the number of connections is said. */
  static final int MAX_REASONS = 8;

  private record Group(String listener, String why) {}

  private static final class Sum {
    int count;
    long longestNanos;
  }

  private final Map<Group, Sum> groups = new LinkedHashMap<>();
  private final long nowNanos;
  private int others;

  HoldUps(long nowNanos) {
    this.nowNanos = nowNanos;
  }

  void add(HoldUp each) {
    Group group = new Group(each.listener(), each.why());
    if (groups.size() == MAX_REASONS && !groups.containsKey(group)) {
      others++;
      return;
    }
    Sum sum = groups.computeIfAbsent(group, _ -> new Sum());
    sum.count++;
    sum.longestNanos = Math.max(sum.longestNanos, nowNanos - each.since());
  }

  @Override
  public String toString() {
    StringJoiner all = new StringJoiner("; ");
    groups.forEach((group, sum) -> all.add(describe(group, sum)));
    if (others > 0) {
      all.add(others + " for other reasons");
    }
    return all.toString();
  }

  private static String describe(Group group, Sum sum) {
    long seconds = TimeUnit.NANOSECONDS.toSeconds(sum.longestNanos);
    return sum.count == 1
        ? "%s, %s for %d s".formatted(group.listener, group.why, seconds)
        : "%d of %s, %s for up to %d s".formatted(sum.count, group.listener, group.why, seconds);
  }
}
