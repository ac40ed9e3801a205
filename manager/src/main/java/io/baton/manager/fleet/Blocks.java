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
    int count;
    long firstMs;
    long blockedUntilMs = Long.MIN_VALUE;

    /** From then on they mean nothing any more. */
    long forgetAtMs;
  }

  /** Whose were looked at longest ago first. */
  private final Map<Offender, Offences> offences =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Offender, Offences> eldest) {
          return size() > MAX;
        }
      };

  /** The peer broke limits. */
  void offended(int listener, PeerKey peer, int times, Settings.Block rule, long nowMs) {
    if (rule.after() == 0) {
      return;
    }
    Offences its = offences.computeIfAbsent(new Offender(listener, peer), _ -> new Offences());
    if (its.count == 0 || nowMs - its.firstMs > rule.withinMs()) {
      its.firstMs = nowMs;
      its.count = 0;
    }
    its.count += times;
    if (its.count >= rule.after() && its.blockedUntilMs <= nowMs) {
      its.blockedUntilMs = nowMs + rule.forMs();
      its.count = 0;
    }
    its.forgetAtMs = Math.max(its.blockedUntilMs, nowMs + rule.withinMs() + 1);
  }

  boolean isBlocked(int listener, PeerKey peer, long nowMs) {
    if (offences.isEmpty()) {
      return false;
    }
    Offences its = offences.get(new Offender(listener, peer));
    return its != null && its.blockedUntilMs > nowMs;
  }

  /** How many are kept out. */
  int blocked(long nowMs) {
    return (int) offences.values().stream().filter(its -> its.blockedUntilMs > nowMs).count();
  }

  /** Time has passed. */
  void tick(long nowMs) {
    offences.values().removeIf(its -> its.forgetAtMs <= nowMs);
  }
}
