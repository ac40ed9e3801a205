package io.baton.systemtest;

import io.baton.link.Answer;
import io.baton.link.Ending;
import io.baton.link.LinkChannel;
import io.baton.link.LinkException;
import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Either side of a session of asks, which notes what becomes of each: {@code began ID} and {@code
 * ended ID how} where it is asked, {@code asked ID}, then {@code replied}, {@code failed} or {@code
 * cancelled ID} where it is answered, or {@code unsent ID} if the answer came too late.
 *
 * <p>A question is a {@link Kind} and an id. As a message, {@code ask KIND ID} has the receiver ask
 * so, {@code close CODE TEXT} has it close the session, {@code channel NAME TEXT} has it send the
 * text on a channel and end that, {@code flood N} has it send N long messages at once, whether the
 * receiver takes them or not.
 */
abstract class LinkAskPeer implements LinkHandler<LinkWords, LinkWords> {
  /** The characters of a long message. */
  static final int LONG = 500_000;

  /** The code of a refusal. */
  static final int REFUSED = 300;

  /** What becomes of a question if nothing else does. */
  enum Kind {
    /** Answered by the callback. */
    NOW,
    /** Answered by another thread. */
    LATER,
    /** Refused. */
    FAIL,
    /** Never answered; its asker cancels it. */
    CANCEL,
    /** Never answered; its time is over soon. */
    TIMEOUT,
    /** Never answered, and its asker waits. */
    NEVER,
  }

  /** Notes a line. On any thread. */
  abstract void note(String line);

  // ---- as the one who asks ----

  final CompletableFuture<LinkWords> ask(
      LinkSession<LinkWords, LinkWords> session, Kind kind, String id) {
    note("began " + id);
    Duration timeout = kind == Kind.TIMEOUT ? Duration.ofMillis(5) : Duration.ofMinutes(5);
    CompletableFuture<LinkWords> answer =
        session.ask(new LinkWords.Question(kind + " " + id), timeout);
    var _ = answer.whenComplete((message, e) -> note("ended " + id + " " + how(id, message, e)));
    if (kind == Kind.CANCEL) {
      answer.cancel(false);
    }
    return answer;
  }

  private static String how(String id, @Nullable LinkWords message, @Nullable Throwable failure) {
    return switch (failure) {
      case null -> new LinkWords.Answer(id).equals(message) ? "reply" : "with another's answer";
      case CancellationException _ -> "cancellation";
      case TimeoutException _ -> "timeout";
      case LinkException e -> e.code() + " " + e.getMessage();
      default -> failure.toString();
    };
  }

  // ---- as the one who answers ----

  @Override
  public final void asked(
      LinkSession<LinkWords, LinkWords> session, LinkWords question, Answer<LinkWords> answer) {
    String[] words = ((LinkWords.Question) question).about().split(" ", 2);
    String id = words[1];
    note("asked " + id);
    answer.onCancel(() -> note("cancelled " + id));
    switch (Kind.valueOf(words[0])) {
      case NOW -> reply(answer, id);
      case LATER -> Thread.ofVirtual().start(() -> reply(answer, id));
      case FAIL -> note((answer.fail(REFUSED, id) ? "failed " : "unsent ") + id);
      case CANCEL, TIMEOUT, NEVER -> {} // its asker ends it
    }
  }

  private void reply(Answer<LinkWords> answer, String id) {
    note((answer.reply(new LinkWords.Answer(id)) ? "replied " : "unsent ") + id);
  }

  // ---- messages ----

  @Override
  public void received(LinkSession<LinkWords, LinkWords> session, LinkWords message) {
    String[] words = ((LinkWords.Question) message).about().split(" ", 3);
    switch (words[0]) {
      case "ask" -> {
        var _ = ask(session, Kind.valueOf(words[1]), words[2]); // its end is noted
      }
      case "close" -> session.close(Integer.parseInt(words[1]), words[2]);
      case "pid" ->
          session.send(new LinkWords.Answer(String.valueOf(ProcessHandle.current().pid())));
      case "channel" -> {
        LinkChannel<LinkWords, LinkWords> channel = session.channel(words[1]);
        channel.send(new LinkWords.Answer(words[2]));
        channel.close();
      }
      case "flood" -> flood(session, Integer.parseInt(words[1]));
      default -> throw new IllegalArgumentException("asked to throw");
    }
  }

  private void flood(LinkSession<LinkWords, LinkWords> session, int messages) {
    int sent = 0;
    while (sent < messages && session.send(new LinkWords.Answer("x".repeat(LONG)))) {
      sent++;
    }
    note("sent " + sent);
  }

  @Override
  public void closed(LinkSession<LinkWords, LinkWords> session, Ending why) {
    note(closing(session) + why);
  }

  /** What the note of a session's end begins with. */
  static String closing(LinkSession<LinkWords, LinkWords> session) {
    return "closed " + session.id() + " ";
  }
}
