package io.baton.manager;

import io.baton.manager.admin.SessionAnswer;
import io.baton.manager.fleet.LivingWorker;
import io.baton.pipe.Message.DescribeSession;
import io.baton.pipe.Message.SessionDescribed;
import io.baton.pipe.SessionRef;
import io.baton.posix.PosixException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The questions of operators about single sessions. Each is put to all workers that may have
 * sessions, and is over when one of them has the session, when none has it, or after {@value
 * #ANSWER_MS} ms. Workers that do not have it are asked a second time: the session may have been on
 * its way from one to another. Not thread safe.
 */
final class SessionQueries {
  /** Most questions that are open. */
  static final int MAX_OPEN = 16;

  static final long ANSWER_MS = 2_000;

  private static final int ROUNDS = 2;

  /** The way to the workers. */
  interface Pipes {
    void tell(long worker, DescribeSession question) throws PosixException;
  }

  /** One question. */
  private static final class Query {
    final SessionRef key;

    /** It is to be ended where it is found. */
    final boolean end;

    final CompletableFuture<SessionAnswer> answer;
    final long endMs;
    final Map<Long, LivingWorker> workers = new LinkedHashMap<>();

    /** Workers that have yet to answer in this round. */
    final Map<Long, LivingWorker> silent = new LinkedHashMap<>();

    int round;

    Query(SessionRef key, boolean end, CompletableFuture<SessionAnswer> answer, long endMs) {
      this.key = key;
      this.end = end;
      this.answer = answer;
      this.endMs = endMs;
    }
  }

  private final Pipes pipes;

  /** The open questions, by the number of their last round. */
  private final Map<Long, Query> open = new LinkedHashMap<>();

  private long last;

  SessionQueries(Pipes pipes) {
    this.pipes = pipes;
  }

  /**
   * Asks these workers; the answer is completed once it is known.
   *
   * @param end whether the worker that has the session ends it
   */
  void ask(
      SessionRef key,
      boolean end,
      List<LivingWorker> workers,
      CompletableFuture<SessionAnswer> answer,
      long nowMs)
      throws PosixException {
    if (open.size() == MAX_OPEN) {
      answer.complete(
          new SessionAnswer.Refused(
              "the workers are asked for %d other sessions; try again".formatted(MAX_OPEN)));
      return;
    }
    Query query = new Query(key, end, answer, nowMs + ANSWER_MS);
    workers.forEach(worker -> query.workers.put(worker.id(), worker));
    nextRound(query);
  }

  private void nextRound(Query query) throws PosixException {
    if (query.round == ROUNDS || query.workers.isEmpty()) {
      query.answer.complete(new SessionAnswer.Unknown(query.key));
      return;
    }
    query.round++;
    query.silent.putAll(query.workers);
    open.put(++last, query);
    for (long worker : query.workers.keySet()) {
      pipes.tell(worker, new DescribeSession(last, query.key, query.end));
    }
  }

  /**
   * A worker has answered.
   *
   * @return false if it answers what nobody has asked
   */
  boolean answered(long worker, SessionDescribed message) throws PosixException {
    Query query = open.get(message.request());
    if (query == null) {
      return message.request() > 0 && message.request() <= last; // too late, perhaps
    }
    LivingWorker from = query.silent.remove(worker);
    if (from == null) {
      return false;
    }
    if (message.session() != null) {
      open.remove(message.request());
      query.answer.complete(new SessionAnswer.Found(query.key, from, message.session()));
    } else {
      endRoundIfAnswered(message.request(), query);
    }
    return true;
  }

  private void endRoundIfAnswered(long request, Query query) throws PosixException {
    if (query.silent.isEmpty()) {
      open.remove(request);
      nextRound(query);
    }
  }

  /** A worker is dead, and its sessions are lost. */
  void died(long worker) throws PosixException {
    for (Map.Entry<Long, Query> each : List.copyOf(open.entrySet())) {
      Query query = each.getValue();
      query.workers.remove(worker);
      if (query.silent.remove(worker) != null) {
        endRoundIfAnswered(each.getKey(), query);
      }
    }
  }

  /** Time has passed. */
  void tick(long nowMs) {
    for (Iterator<Query> all = open.values().iterator(); all.hasNext(); ) {
      Query query = all.next();
      if (nowMs >= query.endMs) {
        all.remove();
        query.answer.complete(
            new SessionAnswer.Unanswered(query.key, List.copyOf(query.silent.values()), ANSWER_MS));
      }
    }
  }

  /** The server has ended: nobody answers any more. */
  void end() {
    for (Query query : open.values()) {
      query.answer.complete(new SessionAnswer.Refused("the server has ended"));
    }
    open.clear();
  }
}
