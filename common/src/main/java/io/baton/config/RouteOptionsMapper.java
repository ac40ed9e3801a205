package io.baton.config;

import io.baton.config.Settings.LaneKind;
import io.baton.config.Settings.RouteOptions;
import io.baton.config.Settings.RouteTimeouts;
import io.baton.config.Settings.Window;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The options that a route has instead of its listener's, and the refusals of those it has not. */
final class RouteOptionsMapper {
  static final String LANE = "lane";
  static final String READ_TIMEOUT = "read-timeout";
  private static final String IDLE_TIMEOUT = "idle-timeout";
  private static final String WRITE_TIMEOUT = "write-timeout";
  static final String RESPONSE_TIMEOUT = "response-timeout";
  private static final String WINDOW_MESSAGES = "window-messages";
  private static final String WINDOW_BYTES = "window-bytes";

  /** What runs out before the head of a request, and so its route, is known. */
  private static final Set<String> BEFORE_ROUTE = Set.of("first-byte-timeout", "header-timeout");

  /** What holds for a connection, which exists before there is a request. */
  private static final Set<String> OF_SESSION =
      Set.of(
          "high-water-mark",
          "max-pending",
          "awaits-return",
          "max-connections",
          "max-connections-per-peer",
          "allow",
          "deny",
          "tls",
          "real-ip",
          "proxy-protocol");

  private final Window usual;

  /**
   * @param usual window of the listener
   */
  RouteOptionsMapper(Window usual) {
    this.usual = usual;
  }

  RouteOptions map(Section route) {
    return new RouteOptions(
        route.has(LANE) ? route.oneOf(LANE, LaneKind.class) : null,
        window(route),
        new RouteTimeouts(
            timeoutMs(route, READ_TIMEOUT),
            timeoutMs(route, IDLE_TIMEOUT),
            timeoutMs(route, WRITE_TIMEOUT),
            timeoutMs(route, RESPONSE_TIMEOUT)));
  }

  /** Either bound may be the listener's. */
  private @Nullable Window window(Section route) {
    boolean messages = route.has(WINDOW_MESSAGES);
    boolean bytes = route.has(WINDOW_BYTES);
    if (!messages && !bytes) {
      return null;
    }
    return new Window(
        messages ? ListenerOptionsMapper.windowMessages(route) : usual.messages(),
        bytes ? ListenerOptionsMapper.windowBytes(route) : usual.bytes());
  }

  private static long timeoutMs(Section route, String key) {
    return route.has(key)
        ? route.millisOr(key, Map.of("off", 0L), 10, SettingsMapper.DAY)
        : RouteTimeouts.AS_LISTENER;
  }

  /** Refuses what only makes sense where a connection is the route's for good. */
  static void checkHttp(Section route) {
    if (route.has(IDLE_TIMEOUT)) {
      route.contradicts(
          IDLE_TIMEOUT,
          "no idle-timeout in a route of http, for between two requests a connection is at no"
              + " route: set it for the listener",
          "codec");
    }
    for (String key : List.of(WINDOW_MESSAGES, WINDOW_BYTES)) {
      if (route.has(key)) {
        route.contradicts(
            key,
            ("no %s in a route of http, whose services have one request, or one piece of a body of"
                    + " at most 64 KiB, at a time")
                .formatted(key),
            "codec");
      }
    }
  }

  /** Refuses what a listener may have and a route may not, and says why. */
  static void checkConnection(Section route) {
    for (String key : route.keys()) {
      if (BEFORE_ROUTE.contains(key)) {
        route.contradicts(
            key,
            "no %s in a route, for it runs before the route is known: set it for the listener"
                .formatted(key));
      }
      if (OF_SESSION.contains(key)) {
        route.contradicts(
            key,
            "no %s in a route, for it holds for the whole connection: set it for the listener"
                .formatted(key));
      }
    }
  }
}
