package io.baton.worker.codec.http;

import io.baton.worker.identity.AuthenticationCounters;
import io.baton.worker.identity.Guard;
import io.netty.handler.codec.http.HttpRequest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who decides on a listener's requests, by their paths. Immutable.
 *
 * @param paths as they are configured
 * @param other decides on requests for all other paths; null: nobody does
 * @param counters of decisions
 */
public record Guards(Paths<OfRoute> paths, @Nullable Guard other, AuthenticationCounters counters) {

  /**
   * Who decides on a route's requests.
   *
   * @param route its path as it is configured
   * @param guard empty: nobody does
   */
  public record OfRoute(String route, Optional<Guard> guard) {}

  /** Returns who decides on this request; no guard if nobody does. */
  OfRoute find(HttpRequest head) {
    OfRoute its = paths.find(RequestKey.of(head));
    return its == null ? new OfRoute("", Optional.ofNullable(other)) : its;
  }
}
