package io.baton.worker.life;

import io.baton.pipe.HandoffKind;
import io.baton.pipe.Message;
import io.baton.pipe.Message.First;
import io.baton.pipe.Message.Give;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Message.Held;
import io.baton.pipe.Message.ToManager;
import io.baton.pipe.Message.Unsaved;
import io.baton.pipe.Pipe;
import io.baton.posix.Fd;
import io.baton.posix.MemFd;
import io.baton.posix.PosixException;
import io.baton.worker.run.Migration;
import io.baton.worker.run.OpenSession;
import io.baton.worker.run.SavedSession;
import io.baton.worker.run.Sessions;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives connections back to the manager, as many as it allows. It looks through all of them in
 * rounds: those that nothing runs on go at once, then those that something does, which are waited
 * for. Who could not go is tried again in the next round.
 *
 * <p>Event loop only.
 */
public final class Mover implements Migration.Owner {
  /** Between the rounds. */
  private static final long PAUSE_MS = 50;

  /** A round ends when so many could not be saved: each is told of, and the pipe has its bound. */
  private static final int MAX_UNSAVED = 64;

  /** What holds connections up is said so often at most, and not before they had so long. */
  private static final long HELD_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final Logger LOG = LoggerFactory.getLogger(Mover.class);

  /** Where connections go. */
  public interface Way {
    /** Sends a packet with these descriptors. */
    Pipe.Sent give(Handoff handoff, List<Fd> descriptors);
  }

  private final EventLoop loop;
  private final Sessions sessions;
  private final Way way;
  private final Consumer<ToManager> tell;
  private final long quiesceMs;
  private final UnaryOperator<Runnable> guard;

  private final Deque<OpenSession> round = new ArrayDeque<>();
  private final Deque<OpenSession> busy = new ArrayDeque<>();
  private final Set<Migration> frozen = new LinkedHashSet<>();

  /** Of the frozen ones, those that only wait for the pipe. */
  private final Deque<Migration> waiting = new ArrayDeque<>();

  /** How many of each kind were given in turn. */
  private final Map<String, Integer> varieties = new HashMap<>();

  private long allowed;
  private First first = First.IDLEST;
  private long given;
  private boolean going;
  private boolean inRound;
  private boolean pausing;

  /** When what holds connections up was last said, or they began to move. */
  private long saidNanos;

  /** Of this round, those whose services could not save. */
  private int unsaved;

  /** It is said that something does. */
  private boolean held;

  /**
   * @param tell sends the manager word, which may be dropped while the pipe is full
   * @param quiesceMs how long a connection waits for its running message at most
   * @param guard wraps what is scheduled
   */
  public Mover(
      EventLoop loop,
      Sessions sessions,
      Way way,
      Consumer<ToManager> tell,
      long quiesceMs,
      UnaryOperator<Runnable> guard) {
    this.loop = loop;
    this.sessions = sessions;
    this.way = way;
    this.tell = tell;
    this.quiesceMs = quiesceMs;
    this.guard = guard;
  }

  /** Connections may be given; what it says of their order is heeded from the next round on. */
  public void allow(Give give) {
    if (given >= allowed) {
      saidNanos = loop.ticker().nanoTime();
    }
    allowed = give.total();
    first = give.first();
    goOn();
  }

  /** Nothing is given any more; what was on its way out goes on here. */
  public void stop() {
    allowed = 0;
    round.clear();
    busy.clear();
    waiting.clear();
    List.copyOf(frozen).forEach(Migration::giveUp);
  }

  /** The pipe takes more. */
  public void goOn() {
    if (going) {
      return; // the loop below looks again
    }
    going = true;
    for (Migration next = waiting.poll(); next != null; next = waiting.poll()) {
      if (!give(next)) {
        break;
      }
    }
    while (waiting.isEmpty() && given + frozen.size() < allowed) {
      OpenSession next = next();
      if (next == null) {
        break;
      }
      begin(next);
    }
    going = false;
  }

  private void begin(OpenSession session) {
    Migration migration = session.freeze(this);
    frozen.add(migration);
    migration.begin();
    if (!migration.isOver()) {
      later(quiesceMs, () -> giveUp(migration));
    }
  }

  private void giveUp(Migration migration) {
    migration.giveUp();
    if (migration.isSaving() && frozen.remove(migration)) {
      unsaved(migration, migration.hanging(quiesceMs));
      goOn();
    }
  }

  private @Nullable OpenSession next() {
    if (pausing) {
      return null;
    }
    if (unsaved >= MAX_UNSAVED) {
      round.clear();
      busy.clear();
      pause();
      return null;
    }
    if (!inRound) {
      inRound = true;
      List<OpenSession> all = new ArrayList<>(sessions.all());
      all.sort(order());
      round.addAll(all);
    }
    for (OpenSession next = round.poll(); next != null; next = round.poll()) {
      if (next.mayMove()) {
        if (next.isQuiet()) {
          return next;
        }
        busy.add(next);
      }
    }
    for (OpenSession next = busy.poll(); next != null; next = busy.poll()) {
      if (next.mayMove()) {
        return next;
      }
    }
    pause();
    return null;
  }

  private Comparator<OpenSession> order() {
    Comparator<OpenSession> idlestFirst = Comparator.comparingLong(OpenSession::lastActive);
    return switch (first) {
      case IDLEST -> idlestFirst;
      case LIVELIEST -> idlestFirst.reversed();
      case VARIED -> varied(idlestFirst);
    };
  }

  /** The idlest of each kind, then the next one of each; kinds of which fewer were given first. */
  private Comparator<OpenSession> varied(Comparator<OpenSession> idlestFirst) {
    Map<String, Integer> next = new HashMap<>(varieties);
    IdentityHashMap<OpenSession, Integer> ranks = new IdentityHashMap<>();
    for (OpenSession each : sessions.all().stream().sorted(idlestFirst).toList()) {
      if (each.mayMove()) {
        ranks.put(each, next.merge(each.kind(), 1, Integer::sum));
      }
    }
    Comparator<OpenSession> byRank =
        Comparator.comparingInt(each -> ranks.getOrDefault(each, Integer.MAX_VALUE));
    return byRank.thenComparing(idlestFirst);
  }

  /** Who could not go gets time to do something else before the next round. */
  private void pause() {
    inRound = false;
    unsaved = 0;
    pausing = true;
    sayWhatHolds();
    later(
        PAUSE_MS,
        () -> {
          pausing = false;
          goOn();
        });
  }

  private void sayWhatHolds() {
    long now = loop.ticker().nanoTime();
    if (given >= allowed || now - saidNanos < HELD_NANOS) {
      return;
    }
    saidNanos = now;
    HoldUps all = new HoldUps(now);
    sessions.all().forEach(each -> all.add(each.holdUp()));
    String what = all.toString();
    if (held || !what.isEmpty()) {
      held = !what.isEmpty();
      tell.accept(new Held(what));
    }
  }

  private void later(long ms, Runnable task) {
    var _ = loop.schedule(guard.apply(task), ms, TimeUnit.MILLISECONDS);
  }

  // ---- what becomes of them ----

  @Override
  public void saved(Migration migration) {
    if (waiting.isEmpty()) {
      give(migration);
    } else {
      waiting.add(migration);
    }
    goOn();
  }

  @Override
  public void unsaved(Migration migration, String reason) {
    unsaved++;
    Handoff facts = migration.handoff(HandoffKind.FRESH);
    tell.accept(new Unsaved(facts.id(), facts.listener(), migration.protocol(), reason));
  }

  @Override
  public void over(Migration migration) {
    frozen.remove(migration);
    waiting.remove(migration);
    goOn();
  }

  /** Whether the pipe takes more. */
  private boolean give(Migration migration) {
    if (!migration.seal()) {
      return true; // it comes again
    }
    Optional<SavedSession> state = migration.state();
    if (state.isEmpty()) {
      migration.thaw();
      return true;
    }
    switch (send(migration, state.get().encode())) {
      case YES -> {
        given++;
        if (first == First.VARIED) {
          varieties.merge(migration.kind(), 1, Integer::sum);
          round.clear(); // the next one is another kind's
          busy.clear();
          inRound = false;
        }
        frozen.remove(migration);
        migration.moved();
      }
      case FULL -> {
        migration.unseal();
        waiting.addFirst(migration);
        return false;
      }
      case GONE -> migration.thaw();
    }
    return true;
  }

  private Pipe.Sent send(Migration migration, ByteBuffer state) {
    if (state.remaining() <= Message.MAX_INLINE_STATE) {
      Handoff handoff = migration.handoff(HandoffKind.saved(migration.protocol(), state));
      return migration.channel().lend(client -> way.give(handoff, List.of(client)));
    }
    Handoff handoff = migration.handoff(HandoffKind.savedAside(migration.protocol()));
    try (Fd aside = MemFd.sealed("baton-session", state)) {
      return migration.channel().lend(client -> way.give(handoff, List.of(client, aside)));
    } catch (PosixException e) {
      LOG.warn("a session of {} bytes cannot move now: {}", state.remaining(), e.getMessage());
      return Pipe.Sent.GONE;
    }
  }
}
