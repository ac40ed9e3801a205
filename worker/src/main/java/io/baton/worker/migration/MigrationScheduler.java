package io.baton.worker.migration;

import io.baton.pipe.HandoffKind;
import io.baton.pipe.Message;
import io.baton.pipe.Message.AllowMigrations;
import io.baton.pipe.Message.First;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Message.Held;
import io.baton.pipe.Message.ToManager;
import io.baton.pipe.Message.Unsaved;
import io.baton.pipe.Pipe;
import io.baton.pipe.SavedForm;
import io.baton.posix.Fd;
import io.baton.posix.MemFd;
import io.baton.posix.PosixException;
import io.baton.worker.time.RunningTimeout;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives connections back to the manager, as many as it allows, in {@link MigrationRounds}.
 *
 * <p>Event loop only.
 */
public final class MigrationScheduler implements OutgoingMigration.Owner {
  /** Between the rounds. */
  private static final long PAUSE_MS = 50;

  /**
   * Sessions that could not move for so long are told, and after that time again, if they are new.
   */
  static final long TOLD_MS = 200;

  /** A round ends when so many could not be saved: each is told of, and the pipe has its bound. */
  private static final int MAX_UNSAVED = 64;

  /** What holds connections up is said so often at most, and not before they had so long. */
  private static final long HELD_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final Logger LOG = LoggerFactory.getLogger(MigrationScheduler.class);

  /** Where connections go. */
  public interface Way {
    /** Sends a packet with these descriptors. */
    Pipe.Sent give(Handoff handoff, List<Fd> descriptors);
  }

  private final EventLoop loop;
  private final Supplier<? extends Collection<? extends MovableSession>> sessions;
  private final Way way;
  private final Consumer<ToManager> tell;
  private final long quiesceMs;
  private final UnaryOperator<Runnable> guard;

  private final MigrationRounds rounds;
  private final Set<OutgoingMigration> frozen = new LinkedHashSet<>();

  /** Of the frozen ones, those that only wait for the pipe. */
  private final Deque<OutgoingMigration> waiting = new ArrayDeque<>();

  /** What all workers read of saved sessions. */
  private SavedForm readable = SavedSession.READ;

  private long allowed;
  private long given;
  private boolean advancing;
  private boolean pausing;

  /** All sessions are to move, because this worker is about to end. */
  private boolean leaving;

  /** It is about to be told to those that have not moved. */
  private boolean telling;

  /** When what holds connections up was last said, or they began to move. */
  private long saidNanos;

  /** Of this round, those whose services could not save. */
  private int unsaved;

  /** It is said that something does. */
  private boolean held;

  /**
   * @param sessions all that are open
   * @param tell sends the manager word, which may be dropped while the pipe is full
   * @param quiesceMs how long a connection waits for its running message at most
   * @param guard wraps what is scheduled
   */
  public MigrationScheduler(
      EventLoop loop,
      Supplier<? extends Collection<? extends MovableSession>> sessions,
      Way way,
      Consumer<ToManager> tell,
      long quiesceMs,
      UnaryOperator<Runnable> guard) {
    this.loop = loop;
    this.sessions = sessions;
    this.rounds = new MigrationRounds(sessions);
    this.way = way;
    this.tell = tell;
    this.quiesceMs = quiesceMs;
    this.guard = guard;
  }

  /** Connections may be given; what it says of their order is heeded from the next round on. */
  public void allow(AllowMigrations allowance) {
    if (given >= allowed) {
      saidNanos = loop.ticker().nanoTime();
    }
    allowed = allowance.total();
    rounds.order(allowance.first());
    leaving = allowance.first() == First.IDLEST;
    advance();
    tellThoseLeft();
  }

  /** From now on this is what all workers read of saved sessions. */
  public void readable(SavedForm form) {
    readable = form.and(SavedSession.READ);
  }

  /** Nothing is given any more; what was on its way out goes on here. */
  public void stop() {
    allowed = 0;
    leaving = false;
    rounds.end();
    waiting.clear();
    List.copyOf(frozen).forEach(OutgoingMigration::giveUp);
  }

  /** The pipe takes more. */
  public void advance() {
    if (advancing) {
      return; // the loop below looks again
    }
    advancing = true;
    for (OutgoingMigration next = waiting.poll(); next != null; next = waiting.poll()) {
      if (!give(next)) {
        break;
      }
    }
    while (waiting.isEmpty() && given + frozen.size() < allowed) {
      MovableSession next = next();
      if (next == null) {
        break;
      }
      begin(next);
    }
    advancing = false;
  }

  private void begin(MovableSession session) {
    OutgoingMigration migration = session.freeze(this);
    frozen.add(migration);
    migration.begin();
    if (!migration.isOver()) {
      Runnable late = guard.apply(() -> giveUp(migration));
      RunningTimeout.begin(loop, quiesceMs, () -> !migration.isOver(), late);
    }
  }

  private void giveUp(OutgoingMigration migration) {
    migration.giveUp();
    if (migration.isSaving() && frozen.remove(migration)) {
      unsaved(migration, migration.hanging(quiesceMs));
      advance();
    }
  }

  private @Nullable MovableSession next() {
    if (pausing) {
      return null;
    }
    if (unsaved >= MAX_UNSAVED) {
      rounds.end();
    } else {
      MovableSession next = rounds.next();
      if (next != null) {
        return next;
      }
    }
    pause();
    return null;
  }

  /** Who could not go gets time to do something else before the next round. */
  private void pause() {
    unsaved = 0;
    pausing = true;
    sayWhatHolds();
    Runnable next =
        guard.apply(() -> {
          pausing = false;
          advance();
        });
    var _ = loop.schedule(next, PAUSE_MS, TimeUnit.MILLISECONDS);
  }

  /**
   * Those that do not move by themselves may hold up the worker for ever, as streams of events do.
   */
  private void tellThoseLeft() {
    if (telling || !isLeaving()) {
      return;
    }
    telling = true;
    Runnable told =
        guard.apply(() -> {
          telling = false;
          if (isLeaving()) {
            sessions.get().forEach(MovableSession::holdsUp);
          }
          tellThoseLeft();
        });
    var _ = loop.schedule(told, TOLD_MS, TimeUnit.MILLISECONDS);
  }

  private boolean isLeaving() {
    return leaving && given < allowed;
  }

  private void sayWhatHolds() {
    long now = loop.ticker().nanoTime();
    if (given >= allowed || now - saidNanos < HELD_NANOS) {
      return;
    }
    saidNanos = now;
    HoldUps all = new HoldUps(now);
    sessions.get().forEach(each -> all.add(each.holdUp()));
    String what = all.toString();
    if (held || !what.isEmpty()) {
      held = !what.isEmpty();
      tell.accept(new Held(what));
    }
  }

  // ---- what becomes of them ----

  @Override
  public void saved(OutgoingMigration migration) {
    if (waiting.isEmpty()) {
      give(migration);
    } else {
      waiting.add(migration);
    }
    advance();
  }

  @Override
  public void unsaved(OutgoingMigration migration, String reason) {
    unsaved++;
    Handoff facts = migration.facts();
    tell.accept(new Unsaved(facts.id(), facts.listener(), migration.protocol(), reason));
  }

  @Override
  public void over(OutgoingMigration migration) {
    frozen.remove(migration);
    waiting.remove(migration);
    advance();
  }

  /** Whether the pipe takes more. */
  private boolean give(OutgoingMigration migration) {
    if (!migration.seal()) {
      return true; // it comes again
    }
    Optional<SavedSession> state = migration.state();
    if (state.isEmpty()) {
      migration.thaw();
      return true;
    }
    Optional<String> unreadable = state.get().unreadableIn(readable);
    if (unreadable.isPresent()) {
      unsaved(migration, unreadable.get());
      migration.stay();
      return true;
    }
    switch (send(migration, state.get().encode(readable))) {
      case YES -> {
        given++;
        rounds.given(migration.kind());
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

  private Pipe.Sent send(OutgoingMigration migration, ByteBuffer state) {
    if (state.remaining() <= Message.MAX_INLINE_STATE) {
      Handoff handoff = migration.handoff(HandoffKind.saved(migration.protocol(), state));
      return migration.lend(client -> way.give(handoff, client));
    }
    Handoff handoff = migration.handoff(HandoffKind.savedAside(migration.protocol()));
    try (Fd aside = MemFd.sealed("baton-session", state)) {
      return migration.lend(client -> way.give(handoff, with(client, aside)));
    } catch (PosixException e) {
      LOG.warn("a session of {} bytes cannot move now: {}", state.remaining(), e.getMessage());
      return Pipe.Sent.GONE;
    }
  }

  private static List<Fd> with(List<Fd> client, Fd aside) {
    List<Fd> all = new ArrayList<>(client);
    all.add(aside);
    return all;
  }
}
