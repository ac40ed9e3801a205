package io.baton.worker.migration;

import io.baton.codec.Saved;
import io.baton.pipe.HandoffKind;
import io.baton.pipe.Message.Handoff;
import io.baton.posix.Fd;
import io.baton.worker.failure.FailureReason;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to move a session to another worker. While it lasts the session is frozen: nothing is
 * read, no message is handed out, no time runs against the client.
 *
 * <pre>
 *   QUIETING ── nothing is unprocessed ──► SAVING ── the service has saved ──► SAVED ──► moved()
 *       └──────────── cannot move now, gave up ──┴────────────────────────────────┘──► thawed
 *   any: the session ends ──► OVER
 * </pre>
 *
 * <p>From the moment the service saves, no callback of it runs until it has moved or is thawed:
 * what it saved stays true. What is sent meanwhile, by other threads or other sessions, is encoded
 * and goes out here; what the kernel does not take of it is part of the state. In the one turn of
 * the loop in which the state is taken and given, the session is {@linkplain #seal sealed}: nothing
 * is on its way then, and a thread that sends waits for the outcome. Event loop only.
 */
public final class OutgoingMigration {

  /** The part that wants the session moved. */
  public interface Owner {
    /** All of it can be given now: {@link #state}, then {@link #moved} or {@link #thaw}. */
    void saved(OutgoingMigration migration);

    /** Its service cannot save: it goes on here. */
    void unsaved(OutgoingMigration migration, String reason);

    /** It goes on here, or it has ended; this attempt is over. */
    void over(OutgoingMigration migration);
  }

  private enum Phase {
    QUIETING,
    SAVING,
    SAVED,
    OVER
  }

  private final MovingSession session;
  private final Owner owner;
  private final List<Section> others;
  private Phase phase = Phase.QUIETING;
  private boolean givenUp;
  private @Nullable ByteBuffer service;

  /**
   * @param others sections of another release, which go along
   */
  OutgoingMigration(MovingSession session, Owner owner, List<Section> others) {
    this.session = session;
    this.owner = owner;
    this.others = others;
  }

  /** Begins; to be called once, when its owner knows it. */
  public void begin() {
    check();
  }

  /** Whether its service has been asked to save and has not returned. */
  public boolean isSaving() {
    return phase == Phase.SAVING;
  }

  /** Returns why the service has not saved in time, for the operator. */
  public String hanging(long afterMs) {
    return FailureReason.hanging("save()", afterMs, "quiesce-timeout", session.serviceClass());
  }

  /** The service threw. */
  void unsaved(String reason) {
    owner.unsaved(this, reason);
  }

  /** Returns which of its listener's protocols is spoken. */
  public String protocol() {
    return session.protocol();
  }

  /** As {@link MovableSession#kind}. */
  public String kind() {
    return session.kind();
  }

  /** Whether nothing more will come of it. */
  public boolean isOver() {
    return phase == Phase.OVER;
  }

  /** Looks whether what it waits for has come; for whoever changes what that depends on. */
  void check() {
    if (phase != Phase.QUIETING || !session.isQuiet()) {
      return;
    }
    if (session.saveCodec().isEmpty()) {
      thaw(); // the client has to say more first, which it cannot while it is frozen
    } else {
      phase = Phase.SAVING;
      session.saveService(this::saved, this::thaw);
    }
  }

  private void saved(byte[] bytes) {
    if (phase != Phase.SAVING) {
      return;
    }
    service = ByteBuffer.wrap(bytes);
    phase = Phase.SAVED;
    if (givenUp) {
      thaw();
    } else {
      owner.saved(this);
    }
  }

  /**
   * Holds back what would be sent through this worker, until the attempt is over or {@link #unseal}
   * says that it takes longer. To be called before {@link #state}, in the same turn of the loop.
   *
   * @return false if something that was sent is still on its way here: the owner hears {@link
   *     Owner#saved} again behind it
   */
  public boolean seal() {
    if (phase != Phase.SAVED || session.seal(true)) {
      return true;
    }
    session
        .loop()
        .execute(() -> {
          if (phase == Phase.SAVED) {
            owner.saved(this);
          }
        });
    return false;
  }

  /** It cannot be given now, and will be sealed again when it can. */
  public void unseal() {
    session.takeCoverBack();
    var _ = session.seal(false);
  }

  /** Returns what is known of the connection. */
  public Handoff facts() {
    return session.facts();
  }

  /** Returns what the manager is to know of the connection. */
  public Handoff handoff(HandoffKind.Saved kind) {
    HandoffKind.Saved its =
        kind.under(session.key(), session.awayMs() >= 0).with(session.companions());
    return session.facts().as(its);
  }

  /**
   * Returns the session as it is now, to be given at once; empty if it cannot be, for which this
   * attempt is to be ended with {@link #thaw}.
   */
  public Optional<SavedSession> state() {
    ByteBuffer saved = service;
    if (phase != Phase.SAVED || saved == null) {
      return Optional.empty();
    }
    session.flush(); // a codec sends when it is flushed, which has to be in what it saves
    Optional<ByteBuffer> cover = session.giveCover();
    if (phase != Phase.SAVED || cover.isEmpty()) {
      return Optional.empty();
    }
    Optional<Saved> codec = session.saveCodec();
    if (phase != Phase.SAVED || codec.isEmpty()) {
      return Optional.empty();
    }
    Optional<ByteBuffer> unsent = session.unsent();
    Optional<List<SavedSession>> companions =
        unsent.isPresent() ? session.saveCompanions() : Optional.empty();
    if (companions.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new SavedSession(
            session.protocol(),
            codec.get(),
            saved,
            unsent.get(),
            cover.get(),
            SavedSession.id(session.sessionId(), session.facts().id()),
            SavedSession.away(session.awayMs()),
            session.identity(),
            session.account(),
            session.topics(),
            companions.get(),
            others));
  }

  /** Lends its connections' descriptors, to be given. */
  public <T> T lend(Function<List<Fd>, T> use) {
    return session.lend(use);
  }

  /** The kernel has the handoff: the connection is another's from now on. */
  public void moved() {
    phase = Phase.OVER;
    session.moved();
  }

  /** Another machine has it: the session is that one's from now on. */
  public void movedElsewhere() {
    phase = Phase.OVER;
    session.movedElsewhere();
  }

  /** It took too long: once the service has returned, the session goes on here. */
  public void giveUp() {
    givenUp = true;
    if (phase == Phase.QUIETING || phase == Phase.SAVED) {
      thaw();
    }
  }

  /** The session goes on here. */
  public void thaw() {
    if (phase != Phase.OVER) {
      phase = Phase.OVER;
      unseal();
      session.thaw();
      owner.over(this);
    }
  }

  /** The session cannot move as things are: it goes on here, and is not tried again at once. */
  public void stay() {
    session.stay();
    thaw();
  }

  /** The session has ended: there is nothing to move any more. */
  void ended() {
    if (phase != Phase.OVER) {
      phase = Phase.OVER;
      owner.over(this);
    }
  }
}
