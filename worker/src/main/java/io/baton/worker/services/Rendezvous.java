package io.baton.worker.services;

import java.util.Collection;
import java.util.Comparator;

/**
 * Rendezvous hashing (Thaler and Ravishankar, 1998): of all that offer a service, the one with the
 * highest weight for a key holds that key. All workers compute the same weights; one that comes or
 * goes moves its own keys and no others.
 */
final class Rendezvous {
  private static final long FNV_BASIS = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private Rendezvous() {}

  /** Returns the holder of a key; of a list that is not empty. */
  static Provider holder(String key, Collection<Provider> all) {
    long hash = hash(key);
    return all.stream()
        .max(Comparator.comparingLong(each -> mixed(hash ^ each.node)))
        .orElseThrow();
  }

  /** Returns the part of the weights that is a place's, by its name. */
  static long node(String place) {
    return mixed(hash(place));
  }

  /** FNV-1a over the chars. */
  private static long hash(String text) {
    long hash = FNV_BASIS;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * FNV_PRIME;
    }
    return hash;
  }

  /** The finalizer of SplitMix64: each bit of the input changes half of the output's. */
  private static long mixed(long value) {
    long z = value + 0x9e3779b97f4a7c15L;
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }
}
