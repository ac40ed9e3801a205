package io.baton.link.service;

import io.baton.link.LinkException;
import io.baton.link.TypedMessages;
import io.baton.link.core.LinkCode;
import io.baton.link.types.MalformedException;
import io.baton.link.types.SchemaException;
import io.baton.link.types.UndecodableException;
import io.baton.service.Cancellable;
import io.baton.service.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The questions of one service's session that wait for their answers. Each future ends once: the
 * one who removes its question from the set ends it. Safe for any thread.
 */
final class ServedAsks<I, O> {
  /** The longest time that a timer counts; a session does not live so long. */
  private static final Duration LONGEST = Duration.ofDays(36_500);

  private final Session<LinkOutput> session;
  private final TypedMessages<I, O> messages;
  private final Set<Pending> open = new HashSet<>(0);

  /** What new questions fail with, once the session is over. */
  private @Nullable LinkException over;

  ServedAsks(Session<LinkOutput> session, TypedMessages<I, O> messages) {
    this.session = session;
    this.messages = messages;
  }

  /** A question and its future. */
  private final class Pending implements Question {
    private final CompletableFuture<I> answer = new CompletableFuture<>();
    private @Nullable Cancellable timer;
  }

  /**
   * Asks.
   *
   * @param way of the output; null for the session's own
   */
  CompletableFuture<I> ask(
      O question, Duration timeout, String channel, @Nullable Predicate<LinkOutput> way) {
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("a timeout is more than zero, not " + timeout);
    }
    Pending asked = new Pending();
    LinkOutput.Ask output =
        new LinkOutput.Ask(
            channel, asked, messages.own(), Encoding.bytes(session, messages, question));
    LinkException refusal = enter(asked);
    if (refusal != null) {
      asked.answer.completeExceptionally(refusal);
      return asked.answer;
    }
    boolean sent = way == null ? session.send(output) : way.test(output);
    if (!sent) {
      fail(asked, new LinkException(LinkCode.BYE.number(), "the session has ended", null));
      return asked.answer;
    }
    Duration within = timeout.compareTo(LONGEST) < 0 ? timeout : LONGEST;
    asked.timer = session.after(within, () -> timedOut(asked, timeout, question));
    var unused = asked.answer.whenComplete((ignored, alsoIgnored) -> ended(asked));
    return asked.answer;
  }

  private synchronized @Nullable LinkException enter(Pending asked) {
    if (over == null) {
      open.add(asked);
    }
    return over;
  }

  private synchronized boolean leave(Question asked) {
    return open.remove(asked);
  }

  private void timedOut(Pending asked, Duration timeout, O question) {
    String text = "no answer to %s within %s".formatted(name(question), timeout);
    asked.answer.completeExceptionally(new TimeoutException(text));
  }

  private static String name(Object message) {
    return message.getClass().getSimpleName();
  }

  /** The future has ended: if its user or the time has ended it, the other side is told. */
  private void ended(Pending asked) {
    Cancellable timer = asked.timer;
    if (timer != null) {
      timer.cancel();
    }
    if (leave(asked)) {
      var unused = session.send(new LinkOutput.Cancel(asked)); // false: the session has ended
    }
  }

  /**
   * Ends a question with its answer.
   *
   * @throws MalformedException if the bytes are not a message of these types
   * @throws SchemaException if the types of both sides contradict each other
   */
  void replied(LinkInput.Reply reply) throws MalformedException, SchemaException {
    Pending asked = taken(reply.question());
    if (asked == null) {
      return;
    }
    try {
      asked.answer.complete(messages.read(reply.types(), reply.bytes()));
    } catch (UndecodableException e) {
      String text = "the answer is a %s, which is not known here".formatted(e.type());
      asked.answer.completeExceptionally(new LinkException(LinkCode.SCHEMA.number(), text, e));
    } catch (MalformedException | SchemaException e) {
      asked.answer.completeExceptionally(
          new LinkException(LinkCode.SCHEMA.number(), String.valueOf(e.getMessage()), e));
      throw e;
    }
  }

  /** Ends a question that is refused. */
  void failed(LinkInput.Failed failed) {
    Pending asked = taken(failed.question());
    if (asked != null) {
      asked.answer.completeExceptionally(new LinkException(failed.code(), failed.text(), null));
    }
  }

  @SuppressWarnings("unchecked") // What was in the set is one of ours.
  private @Nullable Pending taken(Question question) {
    return leave(question) ? (Pending) question : null;
  }

  private void fail(Pending asked, LinkException why) {
    if (leave(asked)) {
      asked.answer.completeExceptionally(why);
    }
  }

  /** Ends all questions, and those that are asked later. */
  void end(int code, String text) {
    Set<Pending> all;
    synchronized (this) {
      over = new LinkException(code, text, null);
      all = Set.copyOf(open);
    }
    for (Pending each : new ArrayList<>(all)) {
      fail(each, new LinkException(code, text, null));
    }
  }
}
