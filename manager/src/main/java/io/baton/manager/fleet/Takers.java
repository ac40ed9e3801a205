package io.baton.manager.fleet;

import io.baton.manager.fleet.Worker.Duty;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Which workers may have a handoff.
 *
 * <p>Those that serve, if the current generation has its listener; of a listener that is gone,
 * those that are leaving and still have it. Never one that has refused it, nor, as if it were
 * another, the one that it came from: that is asked when no other is left.
 */
final class Takers {
  private final Roster roster;

  Takers(Roster roster) {
    this.roster = roster;
  }

  /** Those that have room for it now, in the order of their slots. */
  List<Worker> withRoom(Handoff handoff) {
    return of(handoff).filter(this::hasRoom).filter(w -> isAnother(handoff, w)).toList();
  }

  /** One that lives may have it, now or later. */
  boolean isAnyLeft(Handoff handoff) {
    return of(handoff).anyMatch(worker -> worker.isUp() && isAnother(handoff, worker));
  }

  /** Where it came from may have it back, now or later. */
  boolean mayReturn(Handoff handoff) {
    Worker source = handoff.source;
    return source != null && source.isUp() && !handoff.wasRefusedBy(source);
  }

  /** Where it came from has room for it now. */
  boolean canReturn(Handoff handoff) {
    return mayReturn(handoff) && handoff.source != null && hasRoom(handoff.source);
  }

  /** It is of a listener that the current generation does not have. */
  boolean isOfThePast(Handoff handoff) {
    return !roster.current().has(handoff.listener);
  }

  /** No worker that is there will have it, nor one that may come. */
  boolean isLost(Handoff handoff) {
    if (isAnyLeft(handoff) || mayReturn(handoff)) {
      return false;
    }
    return isOfThePast(handoff)
        || of(handoff).anyMatch(worker -> worker.isUp() && handoff.wasRefusedBy(worker));
  }

  /** Whether this leaver is the only kind of worker that a client who waits can go to. */
  boolean isAwaited(Handoff handoff, Worker leaver) {
    return isOfThePast(handoff)
        && leaver.generation.has(handoff.listener)
        && isAnother(handoff, leaver);
  }

  private boolean hasRoom(Worker worker) {
    return worker.credit(roster.policy(), roster.nowMs) > 0;
  }

  private static boolean isAnother(Handoff handoff, Worker worker) {
    return worker != handoff.source && !handoff.wasRefusedBy(worker);
  }

  /** The workers that serve this handoff's listener. */
  private Stream<Worker> of(Handoff handoff) {
    if (isOfThePast(handoff)) {
      return roster.workers.values().stream()
          .filter(worker -> worker.duty == Duty.LEAVING)
          .filter(worker -> worker.generation.has(handoff.listener));
    }
    return roster.slots.stream().map(slot -> slot.worker).filter(Objects::nonNull);
  }
}
