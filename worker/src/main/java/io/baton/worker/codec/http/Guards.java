package io.baton.worker.codec.http;

import io.baton.worker.identity.AuthenticationCounters;
import io.baton.worker.identity.Guard;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who decides on a listener's requests, by their routes. Immutable.
 *
 * @param byRoute by its pattern as it is configured
 * @param other decides on requests of no route; null: nobody does
 * @param counters of decisions
 */
public record Guards(
    Map<String, OfRoute> byRoute, @Nullable Guard other, AuthenticationCounters counters) {
  public Guards {
    byRoute = Map.copyOf(byRoute);
  }

  /**
   * Who decides on a route's requests.
   *
   * @param route its path as it is configured
   * @param guard empty: nobody does
   */
  public record OfRoute(String route, Optional<Guard> guard) {}

  /**
   * Returns who decides on a request; no guard if nobody does.
   *
   * @param route the request's; null: it has none
   */
  OfRoute find(@Nullable String route) {
    OfRoute its = route == null ? null : byRoute.get(route);
    return its == null ? new OfRoute("", Optional.ofNullable(other)) : its;
  }
}
