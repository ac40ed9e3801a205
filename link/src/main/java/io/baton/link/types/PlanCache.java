package io.baton.link.types;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The reading plans that connections share, by the SHA-256 of the schema. Plans of this side's own
 * versions are kept; of all others, which any peer may announce, only those used last. Any number
 * of threads may use it at a time.
 *
 * @param <M> this side's messages
 */
public final class PlanCache<M> {
  private final Types<M> types;
  private final Set<String> versions;
  private final Map<String, ReadingPlan<M>> own = new HashMap<>();
  private final LinkedHashMap<String, ReadingPlan<M>> foreign =
      new LinkedHashMap<>(16, 0.75f, true);
  private final int maxForeign;

  /**
   * Creates a cache without a plan.
   *
   * @param versions the fingerprints of own versions beside the present one
   * @param maxForeign the number of other schemas' plans that are kept, at least 1
   */
  public PlanCache(Types<M> types, Set<String> versions, int maxForeign) {
    if (maxForeign < 1) {
      throw new IllegalArgumentException("at least 1 foreign plan is kept, not " + maxForeign);
    }
    this.types = types;
    this.versions = Set.copyOf(versions);
    this.maxForeign = maxForeign;
  }

  /**
   * Returns the plan of a schema, which is made if it is not there.
   *
   * @throws SchemaException if types contradict each other; nothing is kept of that
   */
  public ReadingPlan<M> plan(Schema peers) throws SchemaException {
    String fingerprint = peers.fingerprint();
    boolean isOwn = versions.contains(fingerprint) || fingerprint.equals(types.fingerprint());
    Map<String, ReadingPlan<M>> plans = isOwn ? own : foreign;
    synchronized (this) {
      ReadingPlan<M> known = plans.get(fingerprint);
      if (known != null) {
        return known;
      }
    }
    // Outside of the lock: a large schema does not delay other connections.
    ReadingPlan<M> made = types.reading(peers);
    synchronized (this) {
      plans.put(fingerprint, made);
      if (foreign.size() > maxForeign) {
        foreign.pollFirstEntry();
      }
    }
    return made;
  }

  /** Returns the number of plans kept. */
  public synchronized int size() {
    return own.size() + foreign.size();
  }
}
