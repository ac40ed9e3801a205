package io.baton.worker.session;

import io.baton.codec.UnderWay;
import io.baton.pipe.Message;
import io.baton.pipe.Message.SessionReport;
import io.baton.pipe.ServiceSessions;
import io.baton.pipe.SessionCounts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A count of this worker's sessions by listener and service. All of them are counted anew each
 * time, so that no session needs to say when it counts elsewhere. Event loop only.
 */
public final class SessionCensus {
  private final OpenSessions sessions;
  private final int listeners;
  private final boolean severalServices;
  private SessionReport last = SessionReport.NONE;

  /**
   * @param routes of the listeners; if none of them has more than one protocol, there is never
   *     anything to report
   */
  public SessionCensus(OpenSessions sessions, List<Route<?, ?>> routes) {
    this.sessions = sessions;
    this.listeners = routes.size();
    this.severalServices = routes.stream().anyMatch(route -> !route.upgrades().isEmpty());
  }

  /** Counts the sessions and returns how many they are; null if they are those of the last call. */
  public @Nullable SessionReport take() {
    if (!severalServices) {
      return null;
    }
    SessionReport now = report();
    if (now.equals(last)) {
      return null;
    }
    last = now;
    return now;
  }

  private SessionReport report() {
    List<Map<String, Tally>> counted = new ArrayList<>();
    for (int i = 0; i < listeners; i++) {
      counted.add(new HashMap<>());
    }
    sessions.forEach(session ->
        counted
            .get(session.listener())
            .computeIfAbsent(session.protocol(), _ -> new Tally())
            .add(session));
    List<ServiceSessions> all = new ArrayList<>();
    for (int i = 0; i < listeners; i++) {
      int listener = i;
      counted
          .get(i)
          .forEach((name, tally) -> all.add(new ServiceSessions(listener, name, tally.counts())));
    }
    all.sort(ServiceSessions.MOST_FIRST);
    int listed = Math.min(all.size(), Message.MAX_SERVICES);
    SessionCounts others =
        all.subList(listed, all.size()).stream()
            .map(ServiceSessions::counts)
            .reduce(SessionCounts.NONE, SessionCounts::plus);
    return new SessionReport(all.subList(0, listed), others);
  }

  private static final class Tally {
    private int sessions;
    private int away;
    private long held;
    private long streams;
    private long asks;

    void add(ManagedSession session) {
      sessions++;
      away += session.isAway() ? 1 : 0;
      held += Math.max(0, session.holder().held());
      UnderWay underWay = session.underWay();
      streams += underWay.streams();
      asks += underWay.asks();
    }

    SessionCounts counts() {
      return new SessionCounts(sessions, away, held, streams, asks);
    }
  }
}
