package io.baton.worker.services;

import io.baton.mesh.MeshMessage.Offers;
import io.baton.service.ServiceOffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The workers that offer services, and who of them is asked.
 *
 * <p>Of two workers in one slot, which are there while one replaces the other, the younger one is
 * asked; workers that leave are asked only where all others leave, too.
 */
final class ServiceDirectory {
  private final Map<Long, Provider> providers = new HashMap<>();

  /** Who may be asked, by the name; forgotten with each change. */
  private final Map<String, List<Provider>> candidates = new HashMap<>();

  /**
   * Sets what a worker offers, in place of what was known of it, and returns the names affected.
   */
  Set<String> put(long worker, Offers offers) {
    Provider provider = providers.computeIfAbsent(worker, Provider::new);
    Set<String> affected = new HashSet<>(provider.names);
    affected.addAll(offers.names());
    provider.slot = offers.slot();
    provider.leaving = offers.leaving();
    provider.load = offers.load();
    provider.names = new HashSet<>(offers.names());
    candidates.keySet().removeAll(affected);
    return affected;
  }

  /** Forgets a worker, and returns the names that it has offered. */
  Set<String> remove(long worker) {
    Provider before = providers.remove(worker);
    if (before == null) {
      return Set.of();
    }
    candidates.keySet().removeAll(before.names);
    return before.names;
  }

  /** A worker has said that it does not offer this name. */
  void correct(long worker, String name) {
    Provider provider = providers.get(worker);
    if (provider != null && provider.names.remove(name)) {
      candidates.remove(name);
    }
  }

  /** A worker is known to answer so many questions. */
  void load(long worker, int questions) {
    Provider provider = providers.get(worker);
    if (provider != null) {
      provider.load = questions;
    }
  }

  /** Returns who is to be asked; null if nobody offers the name. */
  @Nullable Provider choose(String name, @Nullable String key, RandomGenerator random) {
    List<Provider> all = candidates(name);
    if (all.isEmpty()) {
      return null;
    }
    if (key != null) {
      return Rendezvous.holder(key, all);
    }
    Provider one = all.get(random.nextInt(all.size()));
    Provider other = all.get(random.nextInt(all.size())); // or the same, which the load then has
    return one.busy() <= other.busy() ? one : other;
  }

  /** Returns the offers of a name, one a slot, in the slots' order. */
  List<ServiceOffer> offers(String name) {
    return candidates(name).stream().map(each -> new ServiceOffer(each.slot, each.load)).toList();
  }

  private List<Provider> candidates(String name) {
    List<Provider> known = candidates.get(name);
    if (known != null) {
      return known;
    }
    List<Provider> found = find(name);
    if (!found.isEmpty()) { // names that nobody offers are not kept: there is no end of them
      candidates.put(name, found);
    }
    return found;
  }

  private List<Provider> find(String name) {
    Map<Integer, Provider> bySlot = new TreeMap<>();
    for (Provider each : providers.values()) {
      if (each.names.contains(name)) {
        bySlot.merge(each.slot, each, (a, b) -> b.succeeds(a) ? b : a);
      }
    }
    Collection<Provider> all = bySlot.values();
    List<Provider> staying = all.stream().filter(each -> !each.leaving).toList();
    return staying.isEmpty() ? List.copyOf(all) : staying;
  }
}
