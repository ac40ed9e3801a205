package io.baton.worker.run;

import io.baton.config.Settings.ListenerOptions;
import io.baton.worker.codec.Protocol;
import java.util.List;

/**
 * What happens with a listener's connections.
 *
 * @param listener its name
 * @param protocol what is spoken first
 * @param upgrades what else may be spoken on such a connection later
 */
public record Route<I, O>(
    String listener,
    Protocol<I, O> protocol,
    List<Protocol<?, ?>> upgrades,
    ListenerOptions options) {
  public Route {
    upgrades = List.copyOf(upgrades);
  }
}
