package io.baton.manager.fleet;

import io.baton.config.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Settings as a seed makes them up: other listeners, limits, numbers and bounds each time. */
final class SimulatedDeployments {
  private final Random random;

  SimulatedDeployments(Random random) {
    this.random = random;
  }

  Settings settings() {
    List<String> names = new ArrayList<>();
    List<Settings.Limits> limits = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      if ((names.isEmpty() && i == 3) || random.nextInt(3) > 0) {
        names.add("l" + i);
        limits.add(new Settings.Limits(limit(8), limit(5), 0));
      }
    }
    Settings.PlacementKind[] kinds = Settings.PlacementKind.values();
    return TestSettings.with(
        1 + random.nextInt(4),
        names,
        limits,
        limit(12),
        kinds[random.nextInt(kinds.length)],
        fleet(),
        new Settings.Recycle(0, 0, random.nextInt(4) == 0 ? 12 : 0));
  }

  private Settings.Fleet fleet() {
    return new Settings.Fleet(
        1 + random.nextInt(8),
        100,
        30_000,
        5_000,
        1_000,
        random.nextBoolean() ? 3_000 : 0,
        500,
        4_000,
        100,
        2_000,
        1_500,
        1 + random.nextInt(4),
        6_000,
        1 + random.nextInt(8),
        1_000,
        1_000,
        random.nextInt(3) * 4,
        new Settings.Rebalance(
            random.nextBoolean() ? 100 : 0, 600, 1 + random.nextInt(2), 10, 1_000));
  }

  private int limit(int most) {
    return random.nextInt(3) > 0 ? 0 : 1 + random.nextInt(most);
  }
}
