package io.baton.manager.fleet;

import io.baton.config.Settings;
import io.baton.service.Endpoint;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Settings for tests that start nothing. */
public final class TestSettings {
  static final Settings.Rebalance NO_REBALANCE = new Settings.Rebalance(0, 950, 5, 25, 60_000);
  static final Settings.Recycle NO_RECYCLE = new Settings.Recycle(0, 0, 0);

  public static final Settings.Fleet FLEET = fleet(4, 30_000, 64, NO_REBALANCE);

  public static final Settings.Limits NO_LIMITS = new Settings.Limits(0, 0, 300_000);

  private TestSettings() {}

  static Settings.Fleet fleet(
      int maxUnacked, long handoffTimeoutMs, int maxFrozen, Settings.Rebalance rebalance) {
    return fleet(maxUnacked, handoffTimeoutMs, maxFrozen, 0, rebalance);
  }

  /**
   * As {@link #fleet(int, long, int, Settings.Rebalance)}.
   *
   * @param canary connections that move first in a reload
   */
  static Settings.Fleet fleet(
      int maxUnacked,
      long handoffTimeoutMs,
      int maxFrozen,
      int canary,
      Settings.Rebalance rebalance) {
    return new Settings.Fleet(
        maxUnacked,
        100,
        handoffTimeoutMs,
        30_000,
        1_000,
        10_000,
        2_000,
        30_000,
        100,
        1_000,
        10_000,
        3,
        60_000,
        maxFrozen,
        1_000,
        5_000,
        canary,
        rebalance);
  }

  /** Without limits. */
  public static Settings with(
      int workers, int listeners, Settings.PlacementKind placement, Settings.Fleet fleet) {
    return with(workers, Collections.nCopies(listeners, NO_LIMITS), 0, placement, fleet);
  }

  /**
   * With a listener for each of the limits.
   *
   * @param maxConnections of all together
   */
  public static Settings with(
      int workers,
      List<Settings.Limits> limits,
      int maxConnections,
      Settings.PlacementKind placement,
      Settings.Fleet fleet) {
    return with(
        workers, names(limits.size()), limits, maxConnections, placement, fleet, NO_RECYCLE);
  }

  private static List<String> names(int count) {
    return IntStream.range(0, count).mapToObj(i -> "l" + i).toList();
  }

  /** With a listener of each name, and the limits of the same place. */
  static Settings with(
      int workers,
      List<String> names,
      List<Settings.Limits> limits,
      int maxConnections,
      Settings.PlacementKind placement,
      Settings.Fleet fleet,
      Settings.Recycle recycle) {
    return with(
        workers,
        names,
        limits,
        maxConnections,
        placement,
        fleet,
        recycle,
        Settings.Access.EVERYBODY);
  }

  /** With listeners that let these in. */
  static Settings with(
      int workers,
      List<String> names,
      List<Settings.Limits> limits,
      int maxConnections,
      Settings.PlacementKind placement,
      Settings.Fleet fleet,
      Settings.Recycle recycle,
      Settings.Access access) {
    List<Settings.Listener> all =
        IntStream.range(0, names.size())
            .mapToObj(i ->
                new Settings.Listener(
                    names.get(i),
                    new Endpoint.Tcp("127.0.0.1", 7_000 + i),
                    "raw",
                    "echo",
                    List.of(),
                    new Settings.ListenerOptions(
                        placement,
                        16,
                        0,
                        false,
                        0660,
                        Settings.LaneKind.LOOP,
                        access,
                        limits.get(i),
                        new Settings.Window(0, 1_048_576),
                        65_536,
                        16_777_216,
                        new Settings.Timeouts(-1, 30_000, 60_000, -1, 60_000))))
            .toList();
    Path dir = Path.of("/nowhere");
    return new Settings(
        "baton",
        workers,
        Settings.Scheduling.INHERIT,
        dir,
        dir,
        dir,
        new Settings.Admin("127.0.0.1", 9_901),
        maxConnections,
        all,
        fleet,
        new Settings.Worker(
            "",
            List.of(),
            100,
            1_000,
            32,
            2,
            1_024,
            true,
            0,
            recycle,
            new Settings.Spool(Path.of("/run"), 0)),
        new Settings.Codecs(
            new Settings.Http(8_192, 16_384, 1_048_576),
            new Settings.WebSocket(1_048_576, true),
            8_192,
            1_048_576),
        Map.of());
  }
}
