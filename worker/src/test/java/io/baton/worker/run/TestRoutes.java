package io.baton.worker.run;

import io.baton.codec.Codec;
import io.baton.codec.Protocol;
import io.baton.config.Settings;
import io.baton.config.Settings.LaneKind;
import io.baton.service.Service;
import java.util.List;
import java.util.function.Supplier;

/** Routes with the options a test does not care about. */
public final class TestRoutes {
  public static final int MAX_PENDING = 16_777_216;

  public static final Settings.ListenerOptions OPTIONS =
      new Settings.ListenerOptions(
          Settings.PlacementKind.LEAST_LOAD,
          16,
          0,
          false,
          0,
          Settings.LaneKind.LOOP,
          Settings.Access.EVERYBODY,
          new Settings.Limits(0, 0, 0),
          new Settings.Window(0, 1_048_576),
          Bench.HIGH_WATER,
          MAX_PENDING,
          new Settings.Timeouts(Settings.Timeouts.AUTO, 0, 0, Settings.Timeouts.AUTO, 0));

  /** More than the smallest, for services that send much. */
  private static final int HIGH_WATER_IN_LANES = 65_536;

  private TestRoutes() {}

  /** With timeouts that matter. */
  public static Settings.ListenerOptions options(Settings.Timeouts timeouts) {
    return options(timeouts, OPTIONS.maxPendingBytes());
  }

  /** With timeouts that matter, and so much that may wait for a client. */
  static Settings.ListenerOptions options(Settings.Timeouts timeouts, int maxPendingBytes) {
    return options(LaneKind.LOOP, Bench.HIGH_WATER, maxPendingBytes, timeouts);
  }

  private static Settings.ListenerOptions options(
      LaneKind lane, int highWater, int maxPending, Settings.Timeouts timeouts) {
    return new Settings.ListenerOptions(
        OPTIONS.placement(),
        OPTIONS.backlog(),
        OPTIONS.deferAcceptMs(),
        OPTIONS.optional(),
        OPTIONS.mode(),
        lane,
        Settings.Access.EVERYBODY,
        OPTIONS.limits(),
        OPTIONS.window(),
        highWater,
        maxPending,
        timeouts);
  }

  /** In this lane. */
  public static <I, O> Route<I, O> in(
      Settings.LaneKind lane, Codec<I, O> codec, Supplier<? extends Service<I, O>> service) {
    return in(lane, OPTIONS.timeouts(), codec, service);
  }

  /** In this lane, with timeouts that matter. */
  public static <I, O> Route<I, O> in(
      Settings.LaneKind lane,
      Settings.Timeouts timeouts,
      Codec<I, O> codec,
      Supplier<? extends Service<I, O>> service) {
    return in(lane, timeouts, MAX_PENDING, codec, service);
  }

  /** In this lane, with timeouts that matter, and so much that may wait for a client. */
  public static <I, O> Route<I, O> in(
      Settings.LaneKind lane,
      Settings.Timeouts timeouts,
      int maxPending,
      Codec<I, O> codec,
      Supplier<? extends Service<I, O>> service) {
    return new Route<>(
        lane.name(),
        new Protocol<>("", codec, service),
        List.of(),
        options(lane, HIGH_WATER_IN_LANES, maxPending, timeouts));
  }

  public static <I, O> Route<I, O> of(
      String listener, Codec<I, O> codec, Supplier<? extends Service<I, O>> service) {
    return new Route<>(listener, new Protocol<>("", codec, service), List.of(), OPTIONS);
  }
}
