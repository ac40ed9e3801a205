package io.baton.link.client;

import io.baton.link.Answer;
import io.baton.link.Ending;
import io.baton.link.core.LinkCore;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A question of the other side, until it is answered, cancelled, or the session has ended. Safe for
 * any thread; the session's lock guards it.
 *
 * @param <O> what it is answered with
 */
final class PeerQuestion<O> implements Answer<O> {
  private final SessionContext context;
  private final LinkCore core;
  private final int channel;
  private final long ask;
  private final Predicate<O> queue;
  private final Runnable whenAnswered;
  private boolean answered;
  private boolean cancelled;
  private @Nullable Runnable onCancel;

  /**
   * Notes the question; the rest is called with the session's lock held.
   *
   * @param queue queues an answer, unless there is no room; returns whether it did
   * @param whenAnswered called once, if the question is answered
   */
  PeerQuestion(
      SessionContext context,
      LinkCore core,
      int channel,
      long ask,
      Predicate<O> queue,
      Runnable whenAnswered) {
    this.context = context;
    this.core = core;
    this.channel = channel;
    this.ask = ask;
    this.queue = queue;
    this.whenAnswered = whenAnswered;
  }

  @Override
  public boolean reply(O message) {
    return context.whenRoom(this::isOpen, () -> answer(queue.test(message)));
  }

  @Override
  public boolean fail(int code, String text) {
    if (code < 1 || code > Ending.MAX_CODE) {
      throw new IllegalArgumentException("a code is from 1 to 65535, not " + code);
    }
    context.lock.lock();
    try {
      boolean told = isOpen() && answer(core.fail(channel, ask, code, text));
      if (told) {
        context.wakeWriter();
      }
      return told;
    } finally {
      context.lock.unlock();
    }
  }

  private boolean isOpen() {
    return !answered && !cancelled && !core.isClosing();
  }

  private boolean answer(boolean queued) {
    if (queued) {
      answered = true;
      whenAnswered.run();
    }
    return queued;
  }

  @Override
  public boolean isCancelled() {
    context.lock.lock();
    try {
      return cancelled;
    } finally {
      context.lock.unlock();
    }
  }

  @Override
  public void onCancel(Runnable then) {
    context.lock.lock();
    try {
      if (!cancelled) {
        onCancel = then;
        return;
      }
    } finally {
      context.lock.unlock();
    }
    then.run();
  }

  /** Nobody waits for the answer any more; lock held. */
  void cancel() {
    if (!answered && !cancelled) {
      cancelled = true;
      context.room.signalAll();
      if (onCancel != null) {
        context.callbacks.add(onCancel::run);
      }
    }
  }
}
