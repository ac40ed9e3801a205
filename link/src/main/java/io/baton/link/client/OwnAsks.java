package io.baton.link.client;

import io.baton.link.LinkException;
import io.baton.link.core.LinkCore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The questions of this side that wait for an answer. Whoever takes one out ends its future, and no
 * other does, without the session's lock and on a thread of its own: users may do anything then.
 *
 * @param <I> what is answered with
 */
final class OwnAsks<I> {
  private final SessionContext context;
  private final LinkCore core;
  private final Map<Long, Open<I>> open = new HashMap<>();

  private record Open<I>(int channel, CompletableFuture<I> future) {}

  OwnAsks(SessionContext context, LinkCore core) {
    this.context = context;
    this.core = core;
  }

  // ---- with the lock held ----

  /** Takes a question that is queued. If its future ends otherwise, the other side is told. */
  void add(int channel, long ask, CompletableFuture<I> future) {
    open.put(ask, new Open<>(channel, future));
    CompletableFuture<I> unused = future.whenComplete((answer, failure) -> giveUp(ask));
  }

  /** Takes a question out that is answered; null if nobody waits for it. */
  @Nullable CompletableFuture<I> remove(long ask) {
    Open<I> its = open.remove(ask);
    return its == null ? null : its.future;
  }

  /** Fails all questions of a channel. */
  void failChannel(int channel, LinkException why) {
    fail(each -> each.channel == channel, why);
  }

  /** Fails all questions. */
  void failAll(LinkException why) {
    fail(each -> true, why);
  }

  private void fail(Predicate<Open<I>> which, LinkException why) {
    List<Open<I>> failed = open.values().stream().filter(which).toList();
    open.values().removeAll(failed);
    failed.forEach(each -> Thread.startVirtualThread(() -> each.future.completeExceptionally(why)));
  }

  // ---- for any thread ----

  /** The future has ended: by the answer, by its user or by its timeout. */
  private void giveUp(long ask) {
    context.lock.lock();
    try {
      Open<I> its = open.remove(ask);
      if (its != null && core.cancel(its.channel, ask)) {
        context.wakeWriter();
      }
    } finally {
      context.lock.unlock();
    }
  }
}
