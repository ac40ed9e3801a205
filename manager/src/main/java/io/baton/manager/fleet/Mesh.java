package io.baton.manager.fleet;

import io.baton.manager.fleet.Worker.State;
import java.util.List;

/**
 * The introductions of workers to each other. A worker that says Joined is introduced to all that
 * have joined before it, those that leave included; so each pair is introduced once, by whichever
 * of the two is the later one. The manager makes the link of a pair and keeps none of its ends: the
 * death of a worker is the end of its links.
 *
 * <p>The newest come first: where generation upon generation still leaves, a worker may have no
 * room for links to the oldest.
 *
 * <p>A worker joins when its modules are started, not when its process is: one whose start takes
 * long, or hangs, is nobody's neighbour meanwhile.
 */
final class Mesh {
  private final Roster roster;

  Mesh(Roster roster) {
    this.roster = roster;
  }

  /**
   * A worker has joined.
   *
   * @return false if it has before, or is past that
   */
  boolean joined(Worker newcomer) {
    if (newcomer.joined || newcomer.state != State.STARTING) {
      return newcomer.state == State.ENDING; // too late, but not wrong
    }
    List<Long> neighbours =
        roster.workers.values().stream()
            .filter(each -> each.joined && each.state != State.ENDING)
            .map(each -> each.id)
            .toList()
            .reversed();
    newcomer.joined = true;
    roster.add(new Effect.Introduce(newcomer.id, neighbours));
    return true;
  }

  /** The links of a worker that has joined could not be made: it cannot do without them. */
  void notIntroduced(Worker newcomer, String why) {
    if (newcomer.state != State.ENDING) {
      roster.kill(newcomer, "could not be linked to the other workers: " + why);
    }
  }
}
