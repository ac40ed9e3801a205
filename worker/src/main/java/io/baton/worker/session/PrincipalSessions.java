package io.baton.worker.session;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The sessions of this worker by their principals, of listeners with {@code
 * max-sessions-per-principal}. Event loop only.
 */
final class PrincipalSessions {

  /** A principal at a listener. */
  record Key(String listener, String principal) {}

  private final Map<Key, Set<Object>> sessions = new HashMap<>();

  /** Counts a session, once. */
  void enter(Key key, Object session) {
    var _ = sessions.computeIfAbsent(key, _ -> new HashSet<>(1)).add(session);
  }

  /** Does not count it any more, if it did. */
  void leave(Key key, Object session) {
    Set<Object> its = sessions.get(key);
    if (its != null && its.remove(session) && its.isEmpty()) {
      sessions.remove(key);
    }
  }

  int count(Key key) {
    Set<Object> its = sessions.get(key);
    return its == null ? 0 : its.size();
  }
}
