package io.baton.manager;

import io.baton.manager.admin.SessionList;
import io.baton.manager.admin.SessionsQuery;
import io.baton.manager.fleet.LivingWorker;
import io.baton.pipe.ListedSession;
import io.baton.pipe.Message.ListSessions;
import io.baton.pipe.Message.SessionsListed;
import io.baton.pipe.SessionFilter;
import io.baton.posix.PosixException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * The questions of operators which sessions there are. Each worker is asked for one packet of them
 * after the other, the oldest sessions first, until it has said as many as are wanted or all that
 * it has. So no worker and no pipe has more than one packet to deal with at a time. A question is
 * over when all have answered, or after {@value #ANSWER_MS} ms, with what is known by then.
 *
 * <p>A session that moves to another worker meanwhile may be missing; it is never listed twice. Not
 * thread safe.
 */
final class SessionLists {
  /** Most questions that are open. */
  static final int MAX_OPEN = 4;

  static final long ANSWER_MS = 2_000;

  /** The way to the workers. */
  interface Pipes {
    void tell(long worker, ListSessions question) throws PosixException;
  }

  /** What one worker has said so far. */
  private static final class Part {
    final LivingWorker worker;
    final List<ListedSession> sessions = new ArrayList<>();
    long matching = -1;
    boolean complete;

    Part(LivingWorker worker) {
      this.worker = worker;
    }
  }

  /** One question. */
  private static final class Query {
    final SessionFilter filter;
    final int limit;
    final SessionAges ages;
    final CompletableFuture<SessionList> answer;
    final long askedMs;
    final Map<Long, Part> parts = new LinkedHashMap<>();

    Query(
        SessionFilter filter,
        int limit,
        SessionAges ages,
        CompletableFuture<SessionList> answer,
        long askedMs) {
      this.filter = filter;
      this.limit = limit;
      this.ages = ages;
      this.answer = answer;
      this.askedMs = askedMs;
    }

    private SessionList.Row row(ListedSession listed, LivingWorker worker) {
      long ageMs = Math.max(ages.ageMs(listed.id(), askedMs), listed.session().sinceMs());
      return new SessionList.Row(listed, worker, Math.max(ageMs, listed.idleMs()));
    }

    boolean isComplete() {
      return parts.values().stream().allMatch(part -> part.complete);
    }

    void complete() {
      Map<Long, SessionList.Row> byId = new TreeMap<>();
      for (Part part : parts.values()) {
        for (ListedSession each : part.sessions) {
          byId.put(each.id(), row(each, part.worker));
        }
      }
      long matching = parts.values().stream().mapToLong(part -> Math.max(0, part.matching)).sum();
      List<LivingWorker> silent =
          parts.values().stream().filter(part -> !part.complete).map(part -> part.worker).toList();
      Stream<SessionList.Row> rows = byId.values().stream();
      answer.complete(new SessionList.Listed(rows.limit(limit).toList(), matching, silent));
    }
  }

  private final Pipes pipes;

  /** The open questions, by their numbers. */
  private final Map<Long, Query> open = new LinkedHashMap<>();

  private long last;

  SessionLists(Pipes pipes) {
    this.pipes = pipes;
  }

  /** Asks these workers; the answer is completed once it is known. */
  void ask(
      SessionsQuery query,
      SessionAges ages,
      List<LivingWorker> workers,
      CompletableFuture<SessionList> answer,
      long nowMs)
      throws PosixException {
    if (open.size() == MAX_OPEN) {
      answer.complete(
          new SessionList.Refused(
              "the workers are asked for %d other lists of sessions; try again"
                  .formatted(MAX_OPEN)));
      return;
    }
    SessionFilter filter =
        query.olderMs() == 0
            ? query.filter()
            : query.filter().upTo(ages.lastOlderThan(query.olderMs(), nowMs));
    Query asked = new Query(filter, query.limit(), ages, answer, nowMs);
    workers.forEach(worker -> asked.parts.put(worker.id(), new Part(worker)));
    open.put(++last, asked);
    for (long worker : List.copyOf(asked.parts.keySet())) {
      pipes.tell(worker, new ListSessions(last, filter, 0));
    }
    endIfComplete(last, asked);
  }

  private void endIfComplete(long request, Query query) {
    if (query.isComplete()) {
      open.remove(request);
      query.complete();
    }
  }

  /**
   * A worker has answered.
   *
   * @return false if it answers what nobody has asked
   */
  boolean answered(long worker, SessionsListed message) throws PosixException {
    Query query = open.get(message.request());
    if (query == null) {
      return message.request() > 0 && message.request() <= last; // too late, perhaps
    }
    Part part = query.parts.get(worker);
    if (part == null || part.complete || !isNext(part, message)) {
      return false;
    }
    if (part.matching < 0) {
      part.matching = message.matching();
    }
    part.sessions.addAll(message.sessions());
    part.complete =
        message.sessions().size() == message.matching() || part.sessions.size() >= query.limit;
    if (part.complete) {
      endIfComplete(message.request(), query);
    } else {
      long after = part.sessions.getLast().id();
      pipes.tell(worker, new ListSessions(message.request(), query.filter, after));
    }
    return true;
  }

  /** Whether it goes on where the last one ended, in order, and does not end for no reason. */
  private static boolean isNext(Part part, SessionsListed message) {
    long before = part.sessions.isEmpty() ? 0 : part.sessions.getLast().id();
    List<ListedSession> sessions = message.sessions();
    for (ListedSession each : sessions) {
      if (each.id() <= before) {
        return false;
      }
      before = each.id();
    }
    return sessions.size() <= message.matching()
        && (!sessions.isEmpty() || message.matching() == 0);
  }

  /** A worker is dead, and its sessions are lost. */
  void died(long worker) {
    for (Map.Entry<Long, Query> each : List.copyOf(open.entrySet())) {
      each.getValue().parts.remove(worker);
      endIfComplete(each.getKey(), each.getValue());
    }
  }

  /** Time has passed. */
  void tick(long nowMs) {
    for (Iterator<Query> all = open.values().iterator(); all.hasNext(); ) {
      Query query = all.next();
      if (nowMs >= query.askedMs + ANSWER_MS) {
        all.remove();
        query.complete();
      }
    }
  }

  /** The server has ended: nobody answers any more. */
  void end() {
    for (Query query : open.values()) {
      query.answer.complete(new SessionList.Refused("the server has ended"));
    }
    open.clear();
  }
}
