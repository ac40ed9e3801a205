package io.baton.manager.fleet;

import io.baton.config.Settings;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Settings as a seed makes them up: other listeners, limits, numbers and bounds each time. */
final class SimulatedDeployments {
  private static final String[] PLACEMENTS = {
    "least-load", "least-connections", "round-robin", "peer-hash"
  };

  private final Random random;
  private final Supplier<String> cluster;

  /**
   * @param cluster makes up what is said of other machines
   */
  SimulatedDeployments(Random random, Supplier<String> cluster) {
    this.random = random;
    this.cluster = cluster;
  }

  Settings settings() {
    Map<String, String> listeners = new TreeMap<>();
    for (int i = 0; i < 4; i++) {
      if ((listeners.isEmpty() && i == 3) || random.nextInt(3) > 0) {
        String limits =
            "max-connections = %s, max-connections-per-peer = %s".formatted(limit(8), limit(5));
        listeners.put("l" + i, limits);
      }
    }
    return TestSettings.with(
        1 + random.nextInt(4), listeners, bounds() + fleet() + recycling() + cluster.get());
  }

  private String bounds() {
    return """
    max-connections = %s
    listener-defaults.placement = %s
    """
        .formatted(limit(12), PLACEMENTS[random.nextInt(PLACEMENTS.length)]);
  }

  private String fleet() {
    return """
    fleet {
      max-unacked = %d
      handoff-timeout = %s
      start-timeout = 5s
      hang-timeout = %s
      dump-grace = 500ms
      drain-timeout = 4s
      backoff { max = 2s, stable-after = 1500ms }
      breaker { failures = %d, retry = 6s }
      max-frozen = %d
      resume-timeout = 1s
      canary = %d
      rebalance { interval = %s, busy = 60, intervals = %d, improvement = 10, pause = 1s }
    }
    """
        .formatted(
            1 + random.nextInt(8),
            random.nextBoolean() ? "1s" : "30s",
            random.nextBoolean() ? "3s" : "off",
            1 + random.nextInt(4),
            1 + random.nextInt(8),
            random.nextInt(3) * 4,
            random.nextBoolean() ? "100ms" : "off",
            1 + random.nextInt(2));
  }

  private String recycling() {
    return "worker.max-connections-served = " + (random.nextInt(4) == 0 ? "12\n" : "off\n");
  }

  private String limit(int most) {
    return random.nextInt(3) > 0 ? "off" : String.valueOf(1 + random.nextInt(most));
  }
}
