package io.baton.link.client;

import io.baton.link.Ending;
import io.baton.link.LinkChannel;
import io.baton.link.LinkException;
import io.baton.link.core.LinkCode;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A channel of a client's session, or its own messages. It is found again by its name when the
 * session is reopened.
 */
final class ClientChannel<I, O> implements LinkChannel<I, O> {
  private final SessionContext context;
  private final SessionLifecycle<I, O> session;
  private final String name;
  private @Nullable Conversation<I, O> of;
  private int number;
  private boolean closed;

  /**
   * Names a channel.
   *
   * @param name empty for the messages of the session itself
   */
  ClientChannel(SessionContext context, SessionLifecycle<I, O> session, String name) {
    this.context = context;
    this.session = session;
    this.name = name;
  }

  @Override
  public String name() {
    return name;
  }

  // ---- with the lock held ----

  /** Returns the number of this channel in a conversation; -1 if it has ended there. */
  int number(Conversation<I, O> in) {
    if (!in.equals(of)) {
      of = in;
      number = name.isEmpty() ? 0 : in.openChannel(name);
    }
    return in.isOpen(number) ? number : -1;
  }

  /** Returns why nothing more is sent; null if something may be. */
  private @Nullable LinkException whyNot() {
    Ending ending = session.ending();
    if (ending != null) {
      String text = ending.text().isEmpty() ? "" : ": " + ending.text();
      return new LinkException(ending.code(), "the session is closed" + text, null);
    }
    Conversation<I, O> current = session.conversation();
    if (closed || (current != null && number(current) < 0)) {
      return new LinkException(LinkCode.BYE.number(), "the channel " + name + " is closed", null);
    }
    return null;
  }

  private @Nullable LinkException whyNotAsk() {
    Conversation<I, O> current = session.conversation();
    LinkException why = whyNot();
    return why == null && current != null ? current.whyNotAsk() : why;
  }

  // ---- for any thread ----

  @Override
  public boolean send(O message) {
    return context.whenRoom(
        () -> whyNot() == null,
        () -> {
          Conversation<I, O> to = session.conversation();
          return to != null && to.send(number(to), message);
        });
  }

  @Override
  public boolean writable() {
    context.lock.lock();
    try {
      Conversation<I, O> to = session.conversation();
      return to != null && whyNot() == null && to.core.writable(number(to));
    } finally {
      context.lock.unlock();
    }
  }

  @Override
  public CompletableFuture<I> ask(O question, Duration timeout) {
    if (!timeout.isPositive()) {
      throw new IllegalArgumentException(
          "the time for an answer is more than zero, not " + timeout);
    }
    CompletableFuture<I> answer = new CompletableFuture<>();
    Runnable cancelTimer =
        context.clock.after(TimeUnit.NANOSECONDS.convert(timeout), () -> timeOut(answer, timeout));
    CompletableFuture<?> unused = answer.whenComplete((reply, failure) -> cancelTimer.run());
    try {
      boolean asked =
          context.whenRoom(
              () -> !answer.isDone() && whyNotAsk() == null,
              () -> {
                Conversation<I, O> to = session.conversation();
                boolean queued = to != null && to.ask(number(to), question, answer);
                if (queued) {
                  context.writer.wake(); // Even a callback may wait for the answer.
                }
                return queued;
              });
      if (!asked) {
        fail(answer);
      }
      return answer;
    } catch (RuntimeException e) {
      answer.cancel(false);
      throw e;
    }
  }

  private void fail(CompletableFuture<I> answer) {
    context.lock.lock();
    try {
      LinkException why = whyNotAsk();
      if (why != null) {
        answer.completeExceptionally(why);
      }
    } finally {
      context.lock.unlock();
    }
  }

  private void timeOut(CompletableFuture<I> answer, Duration timeout) {
    answer.completeExceptionally(new TimeoutException("no answer within " + timeout));
    context.lock.lock();
    try {
      context.room.signalAll(); // The question may still wait for room.
    } finally {
      context.lock.unlock();
    }
  }

  @Override
  public void close() {
    context.lock.lock();
    try {
      Conversation<I, O> current = session.conversation();
      if (current != null && number(current) > 0) {
        current.closeChannel(number);
        context.wakeWriter();
      }
      closed = true;
      context.room.signalAll();
    } finally {
      context.lock.unlock();
    }
  }
}
