package io.baton.worker.session;

import io.baton.codec.Codec;
import io.baton.codec.Protocol;
import io.baton.config.Settings;
import io.baton.config.Settings.LaneKind;
import io.baton.config.SettingsFixture;
import io.baton.service.Service;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Routes with the options a test does not care about: the defaults, but no timeouts other than
 * those that depend on the codec.
 */
public final class TestRoutes {
  private static final String PATIENT =
      "header-timeout = off, read-timeout = off, write-timeout = off\n";
  private static final String SMALL = "high-water-mark = " + SessionHarness.HIGH_WATER + "\n";

  public static final Settings.ListenerOptions OPTIONS = options("");

  private TestRoutes() {}

  /** Returns options with a small high-water mark and with these keys of a listener's block. */
  public static Settings.ListenerOptions options(String hocon) {
    return SettingsFixture.options(PATIENT + SMALL + hocon);
  }

  /** Returns a route in this lane, for services that send much. */
  public static <I, O> Route<I, O> in(
      LaneKind lane, Codec<I, O> codec, Supplier<? extends Service<I, O>> service) {
    return in(lane, "", codec, service);
  }

  /** Returns a route in this lane, for services that send much, with these keys. */
  public static <I, O> Route<I, O> in(
      LaneKind lane, String hocon, Codec<I, O> codec, Supplier<? extends Service<I, O>> service) {
    String key = "lane = " + lane.name().toLowerCase(Locale.ROOT) + "\n";
    return route(lane.name(), SettingsFixture.options(PATIENT + key + hocon), codec, service);
  }

  public static <I, O> Route<I, O> of(
      String listener, Codec<I, O> codec, Supplier<? extends Service<I, O>> service) {
    return of(listener, "", codec, service);
  }

  /** Returns a listener's route with these keys. */
  public static <I, O> Route<I, O> of(
      String listener, String hocon, Codec<I, O> codec, Supplier<? extends Service<I, O>> service) {
    return route(listener, options(hocon), codec, service);
  }

  private static <I, O> Route<I, O> route(
      String listener,
      Settings.ListenerOptions options,
      Codec<I, O> codec,
      Supplier<? extends Service<I, O>> service) {
    return new Route<>(listener, new Protocol<>("", codec, service), List.of(), options);
  }
}
