package io.baton.worker.run;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Whether a connection can go to another worker, and the attempt to, if one is made. */
final class Mobility {
  /** A connection that came back because no other worker would have it stays for so long. */
  private static final long STAY_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Connection connection;
  private @Nullable Migration migration;
  private boolean pinned;
  private boolean stays;
  private long staysUntil;

  Mobility(Connection connection) {
    this.connection = connection;
  }

  /** It has just come back. */
  void stay() {
    stays = true;
    staysUntil = now() + STAY_NANOS;
  }

  private long now() {
    return connection.host().clock().nanos();
  }

  /** It never goes: its service cannot save. */
  void pin() {
    pinned = true;
  }

  boolean mayMove() {
    return !pinned && migration == null && !(stays && now() - staysUntil < 0);
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
