package io.baton.worker.migration;

import io.baton.pipe.Message.First;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The order in which sessions are tried: in rounds through all of them, first those on which
 * nothing runs, then those on which something does, which are waited for. A session that could not
 * go is tried again in the next round. Event loop only.
 */
final class MigrationRounds {
  private final Supplier<? extends Collection<? extends MovableSession>> sessions;
  private final Deque<MovableSession> quiet = new ArrayDeque<>();
  private final Deque<MovableSession> busy = new ArrayDeque<>();

  /** How many of each kind were given in turn. */
  private final Map<String, Integer> givenOfKind = new HashMap<>();

  private First first = First.IDLEST;
  private boolean begun;

  MigrationRounds(Supplier<? extends Collection<? extends MovableSession>> sessions) {
    this.sessions = sessions;
  }

  /** Sets which sessions go before the others, from the next round on. */
  void order(First first) {
    this.first = first;
  }

  /** Returns the next session to try, or null at the end of a round. */
  @Nullable MovableSession next() {
    if (!begun) {
      begun = true;
      List<MovableSession> all = new ArrayList<>(sessions.get());
      all.sort(comparator());
      quiet.addAll(all);
    }
    for (MovableSession next = quiet.poll(); next != null; next = quiet.poll()) {
      if (next.mayMove()) {
        if (next.isQuiet()) {
          return next;
        }
        busy.add(next);
      }
    }
    for (MovableSession next = busy.poll(); next != null; next = busy.poll()) {
      if (next.mayMove()) {
        return next;
      }
    }
    begun = false;
    return null;
  }

  /** A session of this kind was given: if kinds go in turn, the next one is another's. */
  void given(String kind) {
    if (first == First.VARIED) {
      givenOfKind.merge(kind, 1, Integer::sum);
      end();
    }
  }

  /** Ends the round. */
  void end() {
    quiet.clear();
    busy.clear();
    begun = false;
  }

  private Comparator<MovableSession> comparator() {
    Comparator<MovableSession> idlestFirst = Comparator.comparingLong(MovableSession::lastActive);
    return switch (first) {
      case IDLEST -> idlestFirst;
      case LIVELIEST -> idlestFirst.reversed();
      case VARIED -> varied(idlestFirst);
    };
  }

  /** The idlest of each kind, then the next one of each; kinds of which fewer were given first. */
  private Comparator<MovableSession> varied(Comparator<MovableSession> idlestFirst) {
    Map<String, Integer> next = new HashMap<>(givenOfKind);
    IdentityHashMap<MovableSession, Integer> ranks = new IdentityHashMap<>();
    for (MovableSession each : sessions.get().stream().sorted(idlestFirst).toList()) {
      if (each.mayMove()) {
        ranks.put(each, next.merge(each.kind(), 1, Integer::sum));
      }
    }
    Comparator<MovableSession> byRank =
        Comparator.comparingInt(each -> ranks.getOrDefault(each, Integer.MAX_VALUE));
    return byRank.thenComparing(idlestFirst);
  }
}
