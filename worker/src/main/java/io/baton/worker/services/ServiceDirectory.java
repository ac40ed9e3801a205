package io.baton.worker.services;

import io.baton.mesh.MeshMessage.Offers;
import io.baton.service.ServiceOffer;
import java.util.Collection;
import java.util.Comparator;
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
 * asked; workers that leave are asked only where all others leave, too. While other machines cannot
 * be reached, they keep their keys, so that a key has one holder.
 */
final class ServiceDirectory {
  /** Where a worker is, which its successor takes over: this machine's places come first. */
  private record Place(boolean isElsewhere, long machine, int slot) implements Comparable<Place> {
    private static final Comparator<Place> ORDER =
        Comparator.comparing(Place::isElsewhere)
            .thenComparing(Place::machine, Long::compareUnsigned)
            .thenComparingInt(Place::slot);

    @Override
    public int compareTo(Place other) {
      return ORDER.compare(this, other);
    }
  }

  /**
   * Those that may be asked for a service.
   *
   * @param near those of them that are on this machine
   */
  private record Candidates(List<Provider> all, List<Provider> near) {}

  private static final Candidates NOBODY = new Candidates(List.of(), List.of());

  private final Map<Long, Provider> providers = new HashMap<>();

  /** Who may be asked, by the name; forgotten with each change. */
  private final Map<String, Candidates> candidates = new HashMap<>();

  private long machine;
  private boolean connected;
  private long lastAge;

  /** There are other machines besides this one, which can be reached once this is told. */
  void cluster(long its) {
    machine = its;
  }

  /** Other machines can be reached, or not. Returns the names affected. */
  Set<String> connected(boolean isUp) {
    connected = isUp;
    candidates.clear();
    Set<String> affected = new HashSet<>();
    providers.values().stream()
        .filter(each -> !isNear(each))
        .forEach(each -> affected.addAll(each.names));
    return affected;
  }

  /** Whether a worker is on this machine. */
  boolean isNear(Provider provider) {
    return provider.machine == machine;
  }

  /** Whether a worker can be asked. */
  boolean isReachable(Provider provider) {
    return connected || isNear(provider);
  }

  /**
   * Sets what a worker of this machine offers, in place of what was known of it, and returns the
   * names affected. Of two, the one with the higher number is the younger.
   */
  Set<String> put(long worker, Offers offers) {
    return put(
        providers.computeIfAbsent(worker, _ -> new Provider(worker, machine, worker)), offers);
  }

  /** The same of a worker of another machine. The one of which this is heard later is younger. */
  Set<String> put(long worker, long itsMachine, Offers offers) {
    return put(
        providers.computeIfAbsent(worker, _ -> new Provider(worker, itsMachine, ++lastAge)),
        offers);
  }

  private Set<String> put(Provider provider, Offers offers) {
    Set<String> names = new HashSet<>(offers.names());
    boolean isSame =
        provider.slot == offers.slot()
            && provider.leaving == offers.leaving()
            && provider.names.equals(names);
    if (isSame && provider.load == offers.load()) {
      return Set.of();
    }
    Set<String> affected = new HashSet<>(provider.names);
    affected.addAll(names);
    provider.slot = offers.slot();
    provider.node = Rendezvous.node(provider.place());
    provider.leaving = offers.leaving();
    provider.load = offers.load();
    provider.names = names;
    if (!isSame) {
      candidates.keySet().removeAll(affected);
    }
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
    Candidates found = candidates(name);
    if (found.all.isEmpty()) {
      return null;
    }
    if (key != null) {
      return Rendezvous.holder(key, found.all);
    }
    if (!found.near.isEmpty()) {
      Provider near = lessBusy(found.near, random);
      if (!connected || near.busy() < ServiceLimits.BUSY) {
        return near;
      }
    }
    return lessBusy(found.all, random);
  }

  private static Provider lessBusy(List<Provider> all, RandomGenerator random) {
    Provider one = all.get(random.nextInt(all.size()));
    Provider other = all.get(random.nextInt(all.size())); // or the same, which the load then has
    return one.busy() <= other.busy() ? one : other;
  }

  /**
   * Returns the offers of a name that can be asked, one a slot: this machine's, in the slots'
   * order, then those of other machines.
   */
  List<ServiceOffer> offers(String name) {
    return candidates(name).all.stream()
        .filter(this::isReachable)
        .map(each -> new ServiceOffer(machineName(each), each.slot, each.load))
        .toList();
  }

  private String machineName(Provider provider) {
    return isNear(provider) ? "" : Long.toHexString(provider.machine);
  }

  /** Returns a text that names a worker. */
  String name(Provider provider) {
    String worker = "worker " + provider.slot;
    return isNear(provider) ? worker : worker + " of machine " + machineName(provider);
  }

  private Candidates candidates(String name) {
    Candidates known = candidates.get(name);
    if (known != null) {
      return known;
    }
    List<Provider> found = find(name);
    if (found.isEmpty()) { // names that nobody offers are not kept: there is no end of them
      return NOBODY;
    }
    Candidates its = new Candidates(found, found.stream().filter(this::isNear).toList());
    candidates.put(name, its);
    return its;
  }

  private List<Provider> find(String name) {
    Map<Place, Provider> byPlace = new TreeMap<>();
    for (Provider each : providers.values()) {
      if (each.names.contains(name)) {
        Place place = new Place(!isNear(each), each.machine, each.slot);
        byPlace.merge(place, each, (a, b) -> b.succeeds(a) ? b : a);
      }
    }
    Collection<Provider> all = byPlace.values();
    List<Provider> staying = all.stream().filter(each -> !each.leaving).toList();
    return staying.stream().anyMatch(this::isReachable) ? staying : List.copyOf(all);
  }
}
