package io.baton.worker;

import io.baton.config.Settings;
import io.baton.service.Service;
import io.baton.worker.codec.Codec;
import io.baton.worker.codec.Protocol;
import io.baton.worker.run.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Finds each listener's codec and service and checks that the two speak the same types. */
final class Routes {

  private Routes() {}

  /** The listeners' routes, in their order. */
  static List<Route<?, ?>> resolve(
      List<Settings.Listener> listeners,
      Map<String, Codec<?, ?>> codecs,
      Map<String, Offer<?, ?>> offers)
      throws BootException {
    List<Route<?, ?>> routes = new ArrayList<>();
    for (Settings.Listener listener : listeners) {
      Codec<?, ?> codec = find(listener, "codec", listener.codec(), codecs);
      Offer<?, ?> offer = find(listener, "service", listener.service(), offers);
      routes.add(join(listener, codec, offer));
    }
    return List.copyOf(routes);
  }

  private static <T> T find(
      Settings.Listener listener, String what, String name, Map<String, T> known)
      throws BootException {
    T found = known.get(name);
    if (found == null) {
      throw new BootException(
          "listener %s: unknown %s %s; known: %s"
              .formatted(listener.name(), what, name, Modules.names(known)));
    }
    return found;
  }

  private static <I, O> Route<I, O> join(
      Settings.Listener listener, Codec<I, O> codec, Offer<?, ?> offer) throws BootException {
    boolean fits =
        offer.in().isAssignableFrom(codec.in()) && codec.out().isAssignableFrom(offer.out());
    if (!fits) {
      throw new BootException(
          ("listener %s: codec %s reads %s and writes %s,"
                  + " but service %s of module %s receives %s and sends %s")
              .formatted(
                  listener.name(),
                  listener.codec(),
                  codec.in().getName(),
                  codec.out().getName(),
                  offer.name(),
                  offer.module(),
                  offer.in().getName(),
                  offer.out().getName()));
    }
    Supplier<? extends Service<I, O>> service = fitting(offer);
    return new Route<>(
        listener.name(), new Protocol<>("", codec, service), List.of(), listener.options());
  }

  /**
   * The service as one of the codec's types. It receives what the codec reads or something wider
   * and sends what the codec writes or something narrower, which was just checked; Java has no word
   * for that, so the cast is unchecked.
   */
  @SuppressWarnings("unchecked")
  private static <I, O> Supplier<? extends Service<I, O>> fitting(Offer<?, ?> offer) {
    return (Supplier<? extends Service<I, O>>) offer.factory();
  }
}
