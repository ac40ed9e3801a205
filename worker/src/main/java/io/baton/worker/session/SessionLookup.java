package io.baton.worker.session;

import static java.util.Comparator.comparingLong;

import io.baton.config.PeerRange;
import io.baton.pipe.ListedSession;
import io.baton.pipe.Message;
import io.baton.pipe.Message.DescribeSession;
import io.baton.pipe.Message.ListSessions;
import io.baton.pipe.Message.SessionsListed;
import io.baton.pipe.SessionDescription;
import io.baton.pipe.SessionFilter;
import io.baton.pipe.SessionRef;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The answers to an operator's questions about this worker's sessions. A list looks at each session
 * once, and keeps no more than an answer may hold. Event loop only.
 */
public final class SessionLookup {
  /** An answer ends behind the session with which it may have become as long as this, in bytes. */
  private static final int ENOUGH_BYTES = Message.MAX_PACKET - 8 * 1024;

  /** What a session takes besides its texts, at most. */
  private static final int NUMBERS_BYTES = 120;

  private static final int BYTES_PER_CHAR = 3;

  private final OpenSessions open;
  private final KeyedSessions keyed;

  public SessionLookup(OpenSessions open, KeyedSessions keyed) {
    this.open = open;
    this.keyed = keyed;
  }

  /** Returns the session as it is now, and ends it if so asked; null if it is not here. */
  public @Nullable SessionDescription describe(DescribeSession question) {
    InspectedSession session = find(question.session());
    if (session == null) {
      return null;
    }
    SessionDescription described = session.describe();
    if (question.end()) {
      session.dismiss();
    }
    return described;
  }

  private @Nullable InspectedSession find(SessionRef ref) {
    return switch (ref) {
      case SessionRef.ByKey its -> keyed.inspect(its.key());
      case SessionRef.ById its -> {
        Found found = new Found();
        open.forEach(session -> found.session = session.id() == its.id() ? session : found.session);
        yield found.session;
      }
    };
  }

  private static final class Found {
    private @Nullable InspectedSession session;
  }

  /** Returns the sessions that are asked for, those with the lowest ids, and how many there are. */
  public SessionsListed list(ListSessions question) {
    Lowest lowest = new Lowest(question);
    open.forEach(lowest::offer);
    List<ListedSession> page = new ArrayList<>();
    int bytes = 0;
    for (InspectedSession each : lowest.inOrder()) {
      if (bytes < ENOUGH_BYTES) {
        ListedSession summary = each.summary();
        page.add(summary);
        bytes += maxBytes(summary.session());
      }
    }
    return new SessionsListed(question.request(), page, lowest.matching);
  }

  private static int maxBytes(SessionDescription session) {
    int chars =
        session.listener().length()
            + session.service().length()
            + session.principal().length()
            + session.peer().toString().length()
            + (session.via() == null ? 0 : session.via().toString().length());
    return NUMBERS_BYTES + BYTES_PER_CHAR * chars;
  }

  /** The matching sessions with the lowest ids. */
  private static final class Lowest {
    private final ListSessions question;
    private final @Nullable PeerRange peers;

    private final PriorityQueue<InspectedSession> highestFirst =
        new PriorityQueue<>(comparingLong(InspectedSession::id).reversed());

    private int matching;

    Lowest(ListSessions question) {
      this.question = question;
      String range = question.filter().peers();
      peers = range.isEmpty() ? null : PeerRange.parse(range);
    }

    void offer(InspectedSession session) {
      SessionFilter filter = question.filter();
      long id = session.id();
      if (id <= question.after() || id > filter.lastId() || !session.matches(filter, peers)) {
        return;
      }
      matching++;
      highestFirst.add(session);
      if (highestFirst.size() > Message.MAX_LISTED) {
        highestFirst.remove();
      }
    }

    List<InspectedSession> inOrder() {
      return highestFirst.stream().sorted(comparingLong(InspectedSession::id)).toList();
    }
  }
}
