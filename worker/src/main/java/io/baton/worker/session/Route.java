package io.baton.worker.session;

import io.baton.codec.Protocol;
import io.baton.config.Settings.ListenerOptions;
import io.baton.worker.metrics.ListenerMetrics;
import java.util.List;

/**
 * What happens with a listener's connections.
 *
 * @param listener its name
 * @param protocol what is spoken first
 * @param upgrades what else may be spoken on such a connection later
 * @param metrics what goes on there
 */
public record Route<I, O>(
    String listener,
    Protocol<I, O> protocol,
    List<Protocol<?, ?>> upgrades,
    ListenerOptions options,
    ListenerMetrics metrics) {
  public Route {
    upgrades = List.copyOf(upgrades);
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
