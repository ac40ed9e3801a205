package io.baton.link;

import io.baton.link.types.ReadingPlan;
import io.baton.link.types.SchemaException;
import io.baton.link.types.Types;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The reading plans that sessions share. The plan of this side's own version is kept; of all
 * others, which any peer may announce, only those used last. Any number of threads may use it at a
 * time.
 *
 * @param <M> this side's messages
 */
final class PlanCache<M> {
  private static final int MAX_FOREIGN = 64;

  private final Types<M> types;
  private final TypeSet own;
  private @Nullable ReadingPlan<M> ownPlan;
  private final LinkedHashMap<TypeSet, ReadingPlan<M>> foreign =
      new LinkedHashMap<>(16, 0.75f, true);

  PlanCache(Types<M> types) {
    this.types = types;
    own = new TypeSet(types.schema());
  }

  /**
   * Returns the plan of a type set, which is made if it is not there.
   *
   * @throws SchemaException if types contradict each other; nothing is kept of that
   */
  ReadingPlan<M> plan(TypeSet peers) throws SchemaException {
    ReadingPlan<M> known = known(peers);
    if (known != null) {
      return known;
    }
    // Outside of the lock: a large schema does not delay other sessions.
    ReadingPlan<M> made = types.reading(peers.schema());
    keep(peers, made);
    return made;
  }

  private synchronized @Nullable ReadingPlan<M> known(TypeSet peers) {
    return peers.equals(own) ? ownPlan : foreign.get(peers);
  }

  private synchronized void keep(TypeSet peers, ReadingPlan<M> plan) {
    if (peers.equals(own)) {
      ownPlan = plan;
      return;
    }
    foreign.put(peers, plan);
    if (foreign.size() > MAX_FOREIGN) {
      foreign.pollFirstEntry();
    }
  }
}
