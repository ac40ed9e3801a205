package io.baton.worker.services;

import io.baton.mesh.MeshMessage.Ask;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The questions of this worker that have no outcome yet, by number and by deadline. */
final class AskedQuestions {

  /** A question that was asked. */
  static final class Asked {
    final Ask ask;
    final Asker asker;
    final long deadlineMs;
    final long bytes;

    /** Who was asked; nobody before that. */
    @Nullable Provider provider;

    Asked(Ask ask, Asker asker, long deadlineMs, long bytes) {
      this.ask = ask;
      this.asker = asker;
      this.deadlineMs = deadlineMs;
      this.bytes = bytes;
    }
  }

  private final SortedMap<Long, Asked> byNumber = new TreeMap<>();
  private final SortedSet<Asked> byDeadline =
      new TreeSet<>(
          Comparator.<Asked>comparingLong(each -> each.deadlineMs)
              .thenComparingLong(each -> each.ask.question()));

  int size() {
    return byNumber.size();
  }

  void add(Asked asked) {
    byNumber.put(asked.ask.question(), asked);
    byDeadline.add(asked);
  }

  /** Returns a question that has no outcome yet; null if it has. */
  @Nullable Asked get(long question) {
    return byNumber.get(question);
  }

  void remove(Asked asked) {
    byNumber.remove(asked.ask.question());
    byDeadline.remove(asked);
  }

  /** Whether any of those up to this number has no outcome yet. */
  boolean hasUpTo(long question) {
    return !byNumber.isEmpty() && byNumber.firstKey() <= question;
  }

  /** Returns those whose time is up. */
  List<Asked> late(long nowMs) {
    return byDeadline.stream().takeWhile(each -> each.deadlineMs <= nowMs).toList();
  }

  /** Returns those that this worker was asked. */
  List<Asked> of(long worker) {
    return byNumber.values().stream()
        .filter(each -> each.provider != null && each.provider.worker == worker)
        .toList();
  }

  List<Asked> all() {
    return List.copyOf(byNumber.values());
  }
}
