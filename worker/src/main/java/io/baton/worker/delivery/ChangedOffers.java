package io.baton.worker.delivery;

import io.baton.service.ServiceOffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The names whose offers have changed since the watches were shown them. That is done at each tick,
 * and not at each change: every worker of every machine says its load once a second, and there may
 * be hundreds. Event loop only.
 */
final class ChangedOffers {
  private final Function<String, List<ServiceOffer>> offers;
  private final Set<String> names = new HashSet<>();

  /**
   * @param offers returns those of a name
   */
  ChangedOffers(Function<String, List<ServiceOffer>> offers) {
    this.offers = offers;
  }

  void add(String name) {
    names.add(name);
  }

  /** Shows the watches what has changed since the last call. */
  void show(ServiceRegistry registry) {
    if (names.isEmpty()) {
      return;
    }
    Map<String, List<ServiceOffer>> shown = new HashMap<>();
    for (ServiceWatch each : registry.watches()) {
      if (names.contains(each.name())) {
        each.show(shown.computeIfAbsent(each.name(), offers));
      }
    }
    names.clear();
  }
}
