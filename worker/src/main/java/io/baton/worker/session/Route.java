package io.baton.worker.session;

import io.baton.codec.Protocol;
import io.baton.config.Settings.LaneKind;
import io.baton.config.Settings.ListenerOptions;
import io.baton.config.Settings.RouteOptions;
import io.baton.worker.metrics.ListenerMetrics;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What happens with a listener's connections.
 *
 * @param listener its name
 * @param protocol what is spoken first
 * @param upgrades what else may be spoken on such a connection later
 * @param own what each of the routes of http has instead of that, by its pattern, or by the names
 *     of the protocols that it leads to
 * @param metrics what goes on there
 */
public record Route<I, O>(
    String listener,
    Protocol<I, O> protocol,
    List<Protocol<?, ?>> upgrades,
    ListenerOptions options,
    Map<String, RouteOptions> own,
    ListenerMetrics metrics) {
  public Route {
    upgrades = List.copyOf(upgrades);
    own = Map.copyOf(own);
  }

  /** One whose routes have all options of the listener. */
  public Route(
      String listener,
      Protocol<I, O> protocol,
      List<Protocol<?, ?>> upgrades,
      ListenerOptions options,
      ListenerMetrics metrics) {
    this(listener, protocol, upgrades, options, Map.of(), metrics);
  }

  /** Returns what a route, or the protocol that it leads to, has instead of the options. */
  RouteOptions own(String name) {
    return own.isEmpty() ? RouteOptions.NONE : own.getOrDefault(name, RouteOptions.NONE);
  }

  /** Returns the lane of messages at a route, or in the protocol that it leads to. */
  LaneKind lane(String name) {
    LaneKind its = own(name).lane();
    return its == null ? options.session().lane() : its;
  }

  /**
   * Returns the lane for all that a service with a saved state may do, whose messages may have been
   * at any route if its protocol has several.
   */
  LaneKind laneOfSaved(String name) {
    return name.equals(protocol.name()) ? Collections.max(lanes()) : lane(name);
  }

  /** Whether all messages run in the same lane. */
  boolean hasOneLane() {
    return own.isEmpty() || lanes().size() == 1;
  }

  /** Returns the lanes of its sessions. */
  public Set<LaneKind> lanes() {
    Set<LaneKind> all = EnumSet.of(options.session().lane());
    own.values()
        .forEach(each -> {
          if (each.lane() != null) {
            all.add(each.lane());
          }
        });
    return all;
  }

  /** One of which nothing but messages and bytes is counted. */
  public Route(
      String listener,
      Protocol<I, O> protocol,
      List<Protocol<?, ?>> upgrades,
      ListenerOptions options) {
    this(listener, protocol, upgrades, options, new ListenerMetrics(List.of(), null));
  }

  /**
   * What goes by this name on such a connection.
   *
   * @throws IllegalArgumentException if nothing does
   */
  public Protocol<?, ?> protocol(String name) {
    if (name.equals(protocol.name())) {
      return protocol;
    }
    for (Protocol<?, ?> upgrade : upgrades) {
      if (name.equals(upgrade.name())) {
        return upgrade;
      }
    }
    throw new IllegalArgumentException(
        "listener %s has no route %s any more".formatted(listener, name));
  }
}
