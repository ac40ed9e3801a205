package io.baton.worker;

import io.baton.config.Places;
import io.baton.config.Settings;
import io.baton.worker.codec.http.Guards;
import io.baton.worker.identity.AuthenticationCounters;
import io.baton.worker.identity.AuthenticationLane;
import io.baton.worker.identity.Guard;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the authenticators that listeners and routes name. Listeners that name the same one share
 * its lane.
 */
final class Guarding {
  private static final String LISTENERS = "listeners";

  private final Map<String, AuthenticatorOffer> offers;
  private final AuthenticationCounters counters;
  private final Map<String, AuthenticationLane> lanes = new HashMap<>();

  /**
   * @param offers by name
   * @param counters of what they decide
   */
  Guarding(Map<String, AuthenticatorOffer> offers, AuthenticationCounters counters) {
    this.offers = offers;
    this.counters = counters;
  }

  /** Returns who decides on the listener's requests; null if nobody does on any. */
  @Nullable Guards of(Settings.Listener listener) throws BootException {
    Settings.Authentication its = listener.options().session().authentication();
    Optional<Guard> other = guard(Places.key(LISTENERS, listener.name()), its.authenticator(), its);
    boolean any = other.isPresent();
    Map<String, Guards.OfRoute> routes = new HashMap<>();
    for (Settings.HttpRoute route : listener.routes()) {
      Optional<Guard> guard =
          guard(
              Places.key(LISTENERS, listener.name(), "routes", route.path()),
              route.authenticator(),
              its);
      any |= guard.isPresent();
      routes.put(route.path(), new Guards.OfRoute(route.path(), guard));
    }
    return any ? new Guards(routes, other.orElse(null), counters) : null;
  }

  /** Returns who decides on the clients of one of the listener's services. */
  Optional<Guard> of(String key, String authenticator, Settings.Listener listener)
      throws BootException {
    return guard(key, authenticator, listener.options().session().authentication());
  }

  AuthenticationCounters counters() {
    return counters;
  }

  private Optional<Guard> guard(String key, String name, Settings.Authentication its)
      throws BootException {
    if (name.isEmpty()) {
      return Optional.empty();
    }
    AuthenticationLane lane = lanes.get(name);
    if (lane == null) {
      lane = lane(key, name);
      lanes.put(name, lane);
    }
    return Optional.of(new Guard(lane, its.timeoutMs()));
  }

  private AuthenticationLane lane(String key, String name) throws BootException {
    AuthenticatorOffer offer = offers.get(name);
    if (offer == null) {
      throw Misfit.unknown(key + ".authenticator", "authenticator", name, offers.keySet());
    }
    return new AuthenticationLane(
        name,
        offer.authenticator(),
        AuthenticationLane.virtualThreads(name, offer.loader()),
        counters,
        System::nanoTime);
  }
}
