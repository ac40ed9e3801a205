package io.baton.worker.migration;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Whether one session may go to another worker, and its migration while there is one. Made when a
 * session is first to move, which most never are. Event loop only.
 */
public final class MigrationGate {
  /** A session that came back, or could not go, stays for so long. */
  private static final long STAY_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final MovingSession session;
  private @Nullable OutgoingMigration migration;
  private boolean stays;

  /** Its service could not save. */
  private boolean unsaved;

  private long staysUntil;

  /** Sections that came along and that this release does not know. */
  private List<Section> others = List.of();

  public MigrationGate(MovingSession session) {
    this.session = session;
  }

  /** It has just come back, or could not go: it is not tried again at once. */
  public void stay() {
    stays = true;
    staysUntil = session.nanos() + STAY_NANOS;
  }

  /** Keeps sections of another release, which go along whenever the session moves. */
  public void keep(List<Section> others) {
    this.others = others;
  }

  /**
   * It could not go, because its service cannot save.
   *
   * @return whether that is the first time
   */
  public boolean unsaved(String reason) {
    boolean first = !unsaved;
    unsaved = true;
    stay();
    OutgoingMigration moving = migration;
    if (moving != null) {
      moving.unsaved(reason);
    }
    return first;
  }

  /** Returns why a session has not gone, for the operator. */
  public static String whyNot(@Nullable MigrationGate gate, MovingSession session) {
    if (gate != null && gate.unsaved) {
      return "cannot be saved";
    }
    if (gate != null && gate.stays) {
      return "refused by the other workers";
    }
    if (!session.isQuiet()) {
      return "answer pending";
    }
    return switch (session.phase()) {
      case ASKED, ANSWER -> "answer pending";
      case HEAD, BODY -> "message arriving";
      case IDLE -> "cannot move now";
    };
  }

  public boolean mayMove() {
    return migration == null && !(stays && session.nanos() - staysUntil < 0);
  }

  public OutgoingMigration begin(OutgoingMigration.Owner owner) {
    OutgoingMigration begun = new OutgoingMigration(session, owner, others);
    migration = begun;
    return begun;
  }

  /**
   * Nothing is unprocessed, perhaps.
   *
   * @return whether a migration waits for that
   */
  public boolean check() {
    OutgoingMigration moving = migration;
    if (moving == null) {
      return false;
    }
    moving.check();
    return true;
  }

  /** The attempt is over. */
  public void over() {
    migration = null;
  }

  /** The session is to end here: it does not move, and goes on until then. */
  public void stop() {
    OutgoingMigration moving = migration;
    if (moving != null) {
      moving.thaw();
    }
  }

  /** The session ends, moved or not. */
  public void ended() {
    OutgoingMigration moving = migration;
    migration = null;
    if (moving != null) {
      moving.ended();
    }
  }
}
