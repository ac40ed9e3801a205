package io.baton.manager.fleet;

import io.baton.config.FleetSettings;
import io.baton.manager.fleet.Worker.State;
import io.baton.manager.text.Units;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The first moves of a reload, by which it is seen whether the newcomers can go on with sessions,
 * before they serve anybody else. One connection moves at a time in the whole server, of each
 * listener and protocol in turn, so that code that hangs costs as little as it can.
 *
 * <pre>
 *   a former worker may give one ──► it gives ──► a newcomer has it: good ──► the next one's turn
 *          │                           │              └─ it came back: refused
 *          │                           └── service cannot save: refused
 *          └── it has none that can go now, and answers: no turn any more
 * </pre>
 *
 * <p>Sessions of one listener and protocol are of one kind. A kind of which none could go on fails
 * the reload, after {@value #TRIES} of them or as many as there are; so does a worker that hangs or
 * dies meanwhile. A kind of which some could go on does not.
 */
final class Canary {
  /** So many sessions of a kind have to be refused, and none to go on, for the reload to fail. */
  static final int TRIES = 3;

  /** So many more moves there may be to find out about a kind of which none could go on yet. */
  static final int MOST_MORE = 16;

  /** A worker that answers and has given nothing for so long has nothing that can go now. */
  static final long GIVE_MS = 1_000;

  /** A worker that has given up on a session may take so long to say so. */
  private static final long ANSWER_MS = 1_000;

  /** More kinds than a configuration may have; further ones are not looked at. */
  private static final int MAX_KINDS = 256;

  private record Kind(int listener, String protocol) {}

  private static final class Tries {
    int good;
    int refused;
    String reason = "";

    boolean isHopeless() {
      return refused > 0 && good == 0;
    }
  }

  private final Roster roster;
  private final Generation to;
  private final List<Worker> newcomers;
  private final List<Worker> givers;

  /** Those that get another turn, the next one first. */
  private final Deque<Worker> turns = new ArrayDeque<>();

  private final Map<Kind, Tries> kinds = new LinkedHashMap<>();
  private final Set<Handoff> moving = new LinkedHashSet<>();

  /** Whose turn it is; null: nobody's. */
  private @Nullable Worker giver;

  private long sinceMs;
  private long hadGiven;
  private int moves;
  private boolean over;
  private String failure = "";

  Canary(Roster roster, Generation to, List<Worker> newcomers, List<Worker> former) {
    this.roster = roster;
    this.to = to;
    this.newcomers = newcomers;
    this.givers = new ArrayList<>(former);
    this.turns.addAll(former);
    for (Worker each : givers) {
      each.canary = this;
      each.leave = new Leave(Long.MAX_VALUE);
    }
    for (Worker each : newcomers) {
      each.leave = new Leave(Long.MAX_VALUE);
    }
  }

  private FleetSettings policy() {
    return to.settings().fleet();
  }

  boolean isUnderWay() {
    return !over;
  }

  /** Why the newcomers must not serve; empty if they may. Once it is over. */
  String failure() {
    return failure;
  }

  /** The workers that a connection of this listener is to go to. */
  List<Worker> takers(int listener) {
    return to.has(listener) ? newcomers : List.of();
  }

  /** So long a connection may be on its way. */
  long patienceMs() {
    return policy().migration().resumeMs() + ANSWER_MS;
  }

  // What happens to the connections.

  void given(Handoff handoff) {
    moves++;
    moving.add(handoff);
  }

  /** A worker has it, perhaps the one that gave it. */
  void arrived(Handoff handoff, Worker taker) {
    if (!moving.remove(handoff)) {
      return;
    }
    if (newcomers.contains(taker)) {
      tries(handoff.listener, handoff.protocol()).good++;
    } else if (!handoff.unreadable.isEmpty()) {
      refused(handoff.listener, handoff.protocol(), handoff.unreadable);
    }
  }

  /** Nobody would have it. */
  void ended(Handoff handoff) {
    if (moving.remove(handoff) && !handoff.unreadable.isEmpty()) {
      refused(handoff.listener, handoff.protocol(), handoff.unreadable);
    }
  }

  /** It was not given, since its service cannot save. */
  void unsaved(int listener, String protocol, String reason) {
    refused(listener, protocol, reason);
  }

  private void refused(int listener, String protocol, String reason) {
    Tries tries = tries(listener, protocol);
    tries.refused++;
    if (tries.reason.isEmpty()) {
      tries.reason = reason;
    }
  }

  private Tries tries(int listener, String protocol) {
    Kind kind = new Kind(listener, protocol);
    return kinds.size() < MAX_KINDS
        ? kinds.computeIfAbsent(kind, _ -> new Tries())
        : kinds.getOrDefault(kind, new Tries());
  }

  // What comes next.

  /** Does what the moment calls for. */
  void goOn() {
    if (over) {
      return;
    }
    for (Worker newcomer : newcomers) {
      if (newcomer.state == State.HUNG) {
        fail(newcomer + " hung while sessions were being resumed there");
        return;
      }
    }
    for (Handoff handoff : moving) {
      for (Worker newcomer : newcomers) {
        if (newcomer.untaken.containsKey(handoff.id)
            && roster.nowMs - handoff.sentMs > policy().migration().resumeMs() + ANSWER_MS) {
          hung(newcomer, handoff);
          return;
        }
      }
    }
    for (Map.Entry<Kind, Tries> each : kinds.entrySet()) {
      if (each.getValue().isHopeless() && each.getValue().refused >= TRIES) {
        fail(describe(each.getKey(), each.getValue()));
        return;
      }
    }
    if (moving.isEmpty() && !isGiverAwaited()) {
      nextTurn();
    }
  }

  /** It is taken for hung, and so it is killed unless it is heard again in time. */
  private void hung(Worker newcomer, Handoff handoff) {
    String what =
        "has not answered for %s (resume-timeout) since a session of %s was to be resumed there"
            .formatted(
                Units.duration(roster.nowMs - handoff.sentMs),
                name(new Kind(handoff.listener, handoff.protocol())));
    roster.suspect(newcomer, what);
    fail("%s %s; its stacks are in its log".formatted(newcomer, what));
  }

  private boolean isGiverAwaited() {
    Worker waitedFor = giver;
    if (waitedFor == null) {
      return false;
    }
    if (waitedFor.given > hadGiven) {
      turns.addLast(waitedFor);
      giver = null;
      return false;
    }
    if (!waitedFor.isUp() || waitedFor.state == State.HUNG) {
      fail(
          "%s %s when it was to give a connection: does a service's save() not return?"
              .formatted(waitedFor, waitedFor.state == State.HUNG ? "hung" : "did not stay up"));
      return true;
    }
    long waitedMs = roster.nowMs - sinceMs;
    boolean answers = waitedFor.heardMs > sinceMs;
    if (waitedMs > GIVE_MS && answers) {
      giver = null;
      waitedFor.quota = waitedFor.given;
      return false;
    }
    if (waitedMs > policy().migration().resumeMs() && !answers) {
      fail(
          "%s has said nothing for %s since it was to give a connection:"
                  .formatted(waitedFor, Units.duration(waitedMs))
              + " does a service's save() not return?");
    }
    return true;
  }

  private void nextTurn() {
    if (isEnough()) {
      finish();
      return;
    }
    for (int n = turns.size(); n > 0; n--) {
      Worker next = turns.removeFirst();
      if (next.state == State.READY && movable(next) > 0) {
        giver = next;
        sinceMs = roster.nowMs;
        hadGiven = next.given;
        next.quota = next.given + 1;
        return;
      }
    }
    finish();
  }

  private boolean isEnough() {
    int wanted = policy().migration().canary();
    if (kinds.values().stream().anyMatch(Tries::isHopeless)) {
      wanted += MOST_MORE;
    }
    return moves >= wanted;
  }

  /** Connections of listeners that both generations have. */
  private int movable(Worker worker) {
    return worker.generation.listeners().stream()
        .filter(to::has)
        .mapToInt(worker.connections::open)
        .sum();
  }

  private void finish() {
    for (Map.Entry<Kind, Tries> each : kinds.entrySet()) {
      if (each.getValue().isHopeless()) {
        fail(describe(each.getKey(), each.getValue()));
        return;
      }
    }
    end();
  }

  /** The newcomers must not serve. */
  void fail(String why) {
    failure = why;
    end();
  }

  /** Nobody is tried any more; what is on its way goes wherever it can. */
  void end() {
    over = true;
    for (Worker each : givers) {
      each.quota = each.given;
      each.canary = null;
    }
  }

  private String describe(Kind kind, Tries tries) {
    return "none of the first %s of %s could go on: %s; fleet.canary = 0 would deploy all the same"
        .formatted(Units.count(tries.refused, "session"), name(kind), tries.reason);
  }

  private String name(Kind kind) {
    String listener = roster.books.of(kind.listener).listener;
    return kind.protocol.isEmpty() ? listener : listener + " " + kind.protocol;
  }

  /** What has been found out so far. */
  String describe() {
    int good = kinds.values().stream().mapToInt(tries -> tries.good).sum();
    int refused = kinds.values().stream().mapToInt(tries -> tries.refused).sum();
    return "%s moved first, %s refused".formatted(Units.count(good, "connection"), refused);
  }
}
