package io.baton.worker.topics;

import io.baton.mesh.MeshMessage;
import io.baton.mesh.MeshMessage.TailDone;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The {@link Tail}s of sessions that have left, until their next workers have caught up. */
final class LeftTails {
  private record Key(long session, int move) {}

  private final LocalInterest interest;
  private final TopicOutput output;
  private final RunningTime time;
  private final Map<Key, Tail> tails = new HashMap<>();

  LeftTails(LocalInterest interest, TopicOutput output, RunningTime time) {
    this.interest = interest;
    this.output = output;
    this.time = time;
  }

  /** Whether no session that has left may still need this worker. */
  boolean isEmpty() {
    return tails.isEmpty();
  }

  /** Adds the tail of a session that has left. */
  void add(Tail tail) {
    tail.endsAt = time.ms() + TopicLimits.CLAIM_MS;
    tails.put(new Key(tail.subscriber.session, tail.move), tail);
    if (tail.subscriber.subscriptions().isEmpty()) {
      end(tail, false);
    }
  }

  /** Returns the tail of a session by the number of its move; null if there is none any more. */
  @Nullable Tail get(long session, int move) {
    return tails.get(new Key(session, move));
  }

  /** The next worker of a session that was here wants its tail. */
  void claimed(long by, MeshMessage.Tail claim) {
    Tail tail = get(claim.session(), claim.move());
    if (tail == null) {
      output.send(by, new TailDone(claim.session(), claim.move()));
    } else {
      tail.endsAt = time.ms() + TopicLimits.FORWARD_MS;
      tail.claim(by);
    }
  }

  /** The link to a worker begins anew, and what it was told may be lost: it claims again. */
  void unclaim(long worker) {
    for (Tail each : tails.values()) {
      if (each.claimant() == worker) {
        each.unclaim();
        each.endsAt = time.ms() + TopicLimits.CLAIM_MS;
      }
    }
  }

  /** A publisher has died for the next worker of a session. */
  void ended(MeshMessage.Ended its) {
    Tail tail = get(its.session(), its.move());
    if (tail != null) {
      tail.endedThere(its.publisher());
    }
  }

  /** The next worker of a session has caught up. */
  void done(TailDone done) {
    Tail tail = get(done.session(), done.move());
    if (tail != null) {
      end(tail, false);
    }
  }

  /** Ends a tail and the subscriptions of its session. */
  void end(Tail tail) {
    end(tail, false);
  }

  private void end(Tail tail, boolean tell) {
    tails.remove(new Key(tail.subscriber.session, tail.move));
    tail.end(tell);
    List.copyOf(tail.subscriber.subscriptions()).forEach(interest::remove);
  }

  /** A worker has died; its last numbers are still known. */
  void dying(long worker) {
    for (Tail each : List.copyOf(tails.values())) {
      if (each.claimant() == worker) {
        end(each, false);
      } else {
        each.died(worker);
      }
    }
  }

  /** Ends what takes too long. */
  void tick() {
    for (Tail each : List.copyOf(tails.values())) {
      if (each.endsAt <= time.ms()) {
        end(each, true);
      }
    }
  }
}
