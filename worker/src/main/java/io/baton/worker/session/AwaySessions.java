package io.baton.worker.session;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The sessions of this worker that wait for their clients: of each listener so many at most, of
 * which the one that has waited for longest makes room for the next. Event loop only.
 */
final class AwaySessions {
  /** By the listener's name, in the order in which they lost their clients. */
  private final Map<String, LinkedHashMap<ManagedSession, Runnable>> all = new HashMap<>();

  /**
   * A session has lost its client.
   *
   * @param end ends it, if it has to make room
   */
  void enter(String listener, int max, ManagedSession session, Runnable end) {
    LinkedHashMap<ManagedSession, Runnable> its =
        all.computeIfAbsent(listener, _ -> new LinkedHashMap<>());
    its.put(session, end);
    if (its.size() > max) {
      its.firstEntry().getValue().run();
    }
  }

  /** Its client is back, or it has ended. */
  void leave(String listener, ManagedSession session) {
    LinkedHashMap<ManagedSession, Runnable> its = all.get(listener);
    if (its != null) {
      its.remove(session);
    }
  }
}
