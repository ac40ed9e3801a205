package io.baton.worker.session;

import io.baton.pipe.HandoffKind.Search;
import io.baton.pipe.HandoffKind.Unserved;
import io.baton.pipe.Pipe;
import io.baton.pipe.Refusal;
import io.baton.service.SessionKey;
import io.baton.worker.migration.MigrationScheduler;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of this worker that their clients find by a key, and the way out for connections
 * whose session is not here. Event loop only.
 */
public final class KeyedSessions {

  private final SessionKeys keys;
  private final Map<SessionKey, FoundSession> sessions = new HashMap<>();
  private MigrationScheduler.Way way = (_, _) -> Pipe.Sent.GONE;

  public KeyedSessions(SessionKeys keys) {
    this.keys = keys;
  }

  /** Sets the way on which connections leave. */
  public void way(MigrationScheduler.Way out) {
    way = out;
  }

  MigrationScheduler.Way way() {
    return way;
  }

  /** Returns a key that no other session has. */
  SessionKey make() {
    return keys.make();
  }

  /** Returns one of 32 bits that no other session here has. */
  SessionKey makeShort() {
    SessionKey made = keys.makeShort();
    while (sessions.containsKey(made)) {
      made = keys.makeShort();
    }
    return made;
  }

  /** Whether it may be the key of a session, here or elsewhere. */
  boolean isGenuine(SessionKey key) {
    return keys.isGenuine(key);
  }

  /** A session is found under this key from now on. */
  void put(SessionKey key, FoundSession session) {
    sessions.put(key, session);
  }

  /** It is not any more. */
  void remove(SessionKey key, FoundSession session) {
    sessions.remove(key, session);
  }

  /** Returns the one that a client of this listener finds; null if it is not here. */
  @Nullable FoundSession get(SessionKey key, String listener) {
    FoundSession session = sessions.get(key);
    return session != null && session.isOf(listener) ? session : null;
  }

  /** Returns the session with this key, whosever it is; null if it is not here. */
  @Nullable InspectedSession inspect(SessionKey key) {
    return sessions.get(key);
  }

  /** Returns why a connection that seeks its session is not taken here; null if it is. */
  public @Nullable Refusal whyNot(Unserved connection, String listener) {
    if (connection.search() != Search.ASK) {
      return null;
    }
    FoundSession wanted = get(connection.wanted(), listener);
    if (wanted == null) {
      return Refusal.NOT_HERE;
    }
    return wanted.canBeMet() ? null : Refusal.NOT_YET;
  }
}
