package io.baton.worker.run;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Whether a connection can go to another worker, and the attempt to, if one is made. */
final class Mobility {
  /** A connection that came back because no other worker would have it stays for so long. */
  private static final long STAY_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Connection connection;
  private @Nullable Migration migration;
  private boolean stays;

  /** Its service could not save. */
  private boolean unsaved;

  private long staysUntil;

  Mobility(Connection connection) {
    this.connection = connection;
  }

  /** It has just come back, or could not go: it is not tried again at once. */
  void stay() {
    stays = true;
    staysUntil = now() + STAY_NANOS;
  }

  private long now() {
    return connection.host().clock().nanos();
  }

  /**
   * It could not go, because its service cannot save.
   *
   * @return whether that is the first time
   */
  boolean unsaved(String reason) {
    boolean first = !unsaved;
    unsaved = true;
    stay();
    Migration moving = migration;
    if (moving != null) {
      moving.unsaved(reason);
    }
    return first;
  }

  /** Why it has not gone. */
  String whyNot() {
    if (unsaved) {
      return "cannot be saved";
    }
    if (stays) {
      return "refused by the other workers";
    }
    if (!connection.window().quiet()) {
      return "answer pending";
    }
    return switch (connection.session().flow().phase()) {
      case ANSWER -> "answer pending";
      case HEAD, BODY -> "message arriving";
      case IDLE -> "cannot move now";
    };
  }

  boolean mayMove() {
    return migration == null && !(stays && now() - staysUntil < 0);
  }

  Migration begin(Migration.Owner owner) {
    Migration begun = new Migration(connection, owner);
    migration = begun;
    return begun;
  }

  /** Nothing is unprocessed, perhaps. Whether a move waits for that. */
  boolean check() {
    Migration moving = migration;
    if (moving == null) {
      return false;
    }
    moving.check();
    return true;
  }

  /** The attempt is over. */
  void over() {
    migration = null;
  }

  /** The session is to end here: it does not move, and goes on until then. */
  void stop() {
    Migration moving = migration;
    if (moving != null) {
      moving.thaw();
    }
  }

  /** The session ends, moved or not. */
  void ended() {
    Migration moving = migration;
    migration = null;
    if (moving != null) {
      moving.ended();
    }
  }
}
