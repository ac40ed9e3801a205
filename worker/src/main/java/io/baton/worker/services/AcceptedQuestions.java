package io.baton.worker.services;

import io.baton.mesh.MeshMessage.Answer;
import io.baton.mesh.MeshMessage.Ask;
import io.baton.mesh.MeshMessage.Verdict;
import io.baton.worker.memory.MemoryAccount;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * The questions that services of this worker answer.
 *
 * <pre>
 *   accepted ── the service is done ──► answered ── the link has room ──► sent
 *                                          │  the asker is gone, or its time is up ──► dropped
 * </pre>
 */
final class AcceptedQuestions {
  private record Accepted(long asker, long question, long deadlineMs, long bytes) {}

  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  private record Unsent(
      long deadlineMs, long bytes, long question, Verdict verdict, byte[] content) {
    Answer answer(int load) {
      return new Answer(question, verdict, load, content);
    }
  }

  private final MemoryAccount memory;
  private final ServiceOutput output;
  private final Map<Long, Accepted> running = new HashMap<>();

  /** Answers for which a link had no room, by the asker. */
  private final Map<Long, Deque<Unsent>> unsent = new HashMap<>();

  private int unsentCount;
  private long lastNumber;

  AcceptedQuestions(MemoryAccount memory, ServiceOutput output) {
    this.memory = memory;
    this.output = output;
  }

  /** Returns how many there are, with those whose answers wait for a link. */
  int size() {
    return running.size() + unsentCount;
  }

  /** Whether somebody still waits for an answer. */
  boolean owes(long nowMs) {
    return unsentCount > 0 || running.values().stream().anyMatch(each -> each.deadlineMs > nowMs);
  }

  /** Has a service answer; returns false, and does nothing, if there are too many. */
  boolean accept(long asker, Ask ask, long deadlineMs) {
    long bytes = ServiceLimits.OVERHEAD_BYTES + ask.content().length;
    if (size() >= ServiceLimits.ANSWERED || !memory.reserve(bytes)) {
      return false;
    }
    running.put(++lastNumber, new Accepted(asker, ask.question(), deadlineMs, bytes));
    output.respond(lastNumber, ask);
    return true;
  }

  /** A question whose service is done with it: who had asked, and which of its questions it was. */
  record Done(long asker, long question, long deadlineMs) {}

  /** A service is done with a question. */
  Done done(long accepted) {
    Accepted its = running.remove(accepted);
    if (its == null) {
      throw new IllegalStateException("question " + accepted + " is answered twice");
    }
    memory.release(its.bytes);
    return new Done(its.asker, its.question, its.deadlineMs);
  }

  /** Sends an answer, now or when the link has room; too late if memory is short meanwhile. */
  void send(Done done, Verdict verdict, byte[] content) {
    Deque<Unsent> earlier = unsent.get(done.asker);
    Answer answer = new Answer(done.question, verdict, size(), content);
    if (earlier == null && output.send(done.asker, answer)) {
      return;
    }
    long bytes = ServiceLimits.OVERHEAD_BYTES + content.length;
    if (memory.reserve(bytes)) {
      unsentCount++;
      unsent
          .computeIfAbsent(done.asker, _ -> new ArrayDeque<>())
          .add(new Unsent(done.deadlineMs, bytes, done.question, verdict, content));
    }
  }

  /** The link to an asker has room. */
  void writable(long asker) {
    Deque<Unsent> waiting = unsent.get(asker);
    while (waiting != null && !waiting.isEmpty()) {
      if (!output.send(asker, waiting.element().answer(size()))) {
        return;
      }
      forget(waiting.remove());
    }
    unsent.remove(asker);
  }

  private void forget(Unsent its) {
    unsentCount--;
    memory.release(its.bytes);
  }

  /** An asker is gone. */
  void died(long asker) {
    Deque<Unsent> waiting = unsent.remove(asker);
    if (waiting != null) {
      waiting.forEach(this::forget);
    }
  }

  /** Drops answers that nobody waits for any more. */
  void tick(long nowMs) {
    for (Deque<Unsent> each : unsent.values()) {
      each.removeIf(answer -> {
        boolean late = answer.deadlineMs <= nowMs;
        if (late) {
          forget(answer);
        }
        return late;
      });
    }
    unsent.values().removeIf(Deque::isEmpty);
  }
}
