package io.baton.link.client;

import io.baton.link.LinkException;
import io.baton.link.TypeSet;
import io.baton.link.TypedMessages;
import io.baton.link.core.Failure;
import io.baton.link.core.LinkCode;
import io.baton.link.core.LinkCore;
import io.baton.link.types.MalformedException;
import io.baton.link.types.SchemaException;
import io.baton.link.types.UndecodableException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The questions of this side that wait for an answer. Whatever takes a question out ends its
 * future, without the session's lock and on a thread of its own: users may do anything then.
 *
 * @param <I> what is answered with
 */
final class OwnAsks<I> {
  private final SessionContext context;
  private final LinkCore core;
  private final TypedMessages<I, ?> messages;
  private final Map<Long, Open<I>> open = new HashMap<>();

  private record Open<I>(int channel, CompletableFuture<I> future) {
    void fail(Exception why) {
      Thread.startVirtualThread(() -> future.completeExceptionally(why));
    }
  }

  OwnAsks(SessionContext context, LinkCore core, TypedMessages<I, ?> messages) {
    this.context = context;
    this.core = core;
    this.messages = messages;
  }

  // ---- with the lock held ----

  /** Takes a question that is queued. If its future ends otherwise, the other side is told. */
  void add(int channel, long ask, CompletableFuture<I> future) {
    open.put(ask, new Open<>(channel, future));
    CompletableFuture<I> unused = future.whenComplete((answer, failure) -> giveUp(ask));
  }

  /** Takes an answer; nothing happens if nobody waits for it. */
  void replied(long ask, TypeSet types, ByteBuffer bytes) {
    Open<I> its = open.remove(ask);
    if (its != null) {
      Thread.startVirtualThread(() -> complete(its.future, types, bytes));
    }
  }

  private void complete(CompletableFuture<I> future, TypeSet types, ByteBuffer bytes) {
    try {
      future.complete(messages.read(types, bytes));
    } catch (UndecodableException | MalformedException | SchemaException e) {
      String text = "the answer cannot be read: " + e.getMessage();
      future.completeExceptionally(new LinkException(LinkCode.SCHEMA.number(), text, e));
    }
  }

  /** Takes a refusal; nothing happens if nobody waits for it. */
  void failed(long ask, Failure why) {
    Open<I> its = open.remove(ask);
    if (its != null) {
      its.fail(new LinkException(why.code(), why.text(), null));
    }
  }

  /** Fails all questions. */
  void failAll(LinkException why) {
    open.values().forEach(each -> each.fail(why));
    open.clear();
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
