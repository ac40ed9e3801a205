package io.baton.manager.fleet;

import io.baton.config.Settings;
import io.baton.pipe.PeerKey;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Peers that keep breaking limits, by listener: how often they did lately, and until when they are
 * kept out for it. The manager has it, so that it holds for all workers.
 *
 * <p>Bounded: of more than {@value #MAX} the one that was quiet longest is forgotten.
 */
final class Blocks {
  static final int MAX = 10_000;

  private record Offender(int listener, PeerKey peer) {}

  private static final class Offences {
    long firstMs;
    long lastMs;
    int offences;
    long blockedUntilMs = Long.MIN_VALUE;
  }

  /** The one that was quiet longest first. */
  private final Map<Offender, Offences> records =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Offender, Offences> eldest) {
          return size() > MAX;
        }
      };

  /**
   * The peer broke limits.
   *
   * @return whether it is blocked for that, and was not before
   */
  boolean offended(int listener, PeerKey peer, int times, Settings.Block rule, long nowMs) {
    if (rule.after() == 0) {
      return false;
    }
    Offences its = records.computeIfAbsent(new Offender(listener, peer), _ -> new Offences());
    if (its.offences == 0 || nowMs - its.firstMs > rule.withinMs()) {
      its.firstMs = nowMs;
      its.offences = 0;
    }
    its.lastMs = nowMs;
    its.offences += times;
    if (its.offences < rule.after() || its.blockedUntilMs > nowMs) {
      return false;
    }
    its.blockedUntilMs = nowMs + rule.forMs();
    its.offences = 0;
    return true;
  }

  boolean isBlocked(int listener, PeerKey peer, long nowMs) {
    if (records.isEmpty()) {
      return false;
    }
    Offences its = records.get(new Offender(listener, peer));
    return its != null && its.blockedUntilMs > nowMs;
  }

  /** How many are kept out. */
  int blocked(long nowMs) {
    return (int) records.values().stream().filter(each -> each.blockedUntilMs > nowMs).count();
  }

  /**
   * Time has passed: those that are neither blocked nor have offended lately are forgotten.
   *
   * @param longestMs that any listener remembers an offence
   */
  void tick(long nowMs, long longestMs) {
    records
        .values()
        .removeIf(each -> each.blockedUntilMs <= nowMs && nowMs - each.lastMs > longestMs);
  }
}
