package io.baton.link.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.link.Answer;
import io.baton.link.LinkException;
import io.baton.link.LinkSession;
import io.baton.link.core.LinkCode;
import io.baton.link.core.LinkCore;
import io.baton.link.core.MessageKind;
import io.baton.link.types.Output;
import io.baton.link.types.Types;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Questions and answers in both directions. */
class AskTest extends MemoryServerTest {
  private final LinkedBlockingQueue<Answer<Note>> asked = new LinkedBlockingQueue<>();
  private final RecordingHandler handler =
      new RecordingHandler() {
        @Override
        public void asked(LinkSession<Note, Note> session, Note question, Answer<Note> answer) {
          asked.add(answer);
        }
      };

  /** The messages of a newer server. */
  sealed interface Newer {
    record Numbered(int number, String text) implements Newer {}

    record Other(int number) implements Newer {}
  }

  /** Has the server answer with the number that it is asked with. */
  private void echo(LinkCore core, int channel, MessageKind kind, long ask, int number) {
    if (kind == MessageKind.ASK) {
      core.reply(channel, ask, 0, server.bytes(number));
    } else {
      server.told.add(kind + " " + number);
    }
  }

  private static int number(CompletableFuture<Note> answer) throws Exception {
    return switch (answer.get(30, TimeUnit.SECONDS)) {
      case Note.Numbered(int number, String text) -> number;
    };
  }

  private static LinkException failure(CompletableFuture<Note> answer) {
    try {
      answer.get(30, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof LinkException why) {
        return why;
      }
      throw new AssertionError(e);
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
    throw new AssertionError("there was an answer");
  }

  @Test
  void aQuestionIsAnswered() throws Exception {
    server.onMessage = this::echo;
    LinkSession<Note, Note> session = open(handler);
    assertThat(number(session.ask(Note.of(7)))).isEqualTo(7);
    assertThat(number(session.channel("side").ask(Note.of(8)))).isEqualTo(8);
  }

  @Test
  void anAnswerCancelsTheTimerOfItsQuestion() throws Exception {
    server.onMessage = this::echo;
    LinkSession<Note, Note> session = open(handler);
    int before = clock.timers();
    assertThat(number(session.ask(Note.of(7)))).isEqualTo(7);
    await(() -> clock.timers() == before);
  }

  @Test
  void aCallbackMayWaitForAnAnswer() throws Exception {
    server.onMessage =
        (core, channel, kind, ask, number) -> {
          if (kind == MessageKind.ASK) {
            core.reply(channel, ask, 0, server.bytes(number));
          }
        };
    CompletableFuture<Integer> got = new CompletableFuture<>();
    RecordingHandler waiting =
        new RecordingHandler() {
          @Override
          public void received(LinkSession<Note, Note> session, Note message) {
            try {
              got.complete(number(session.ask(Note.of(9))));
            } catch (Exception e) {
              got.completeExceptionally(e);
            }
          }
        };
    open(waiting);
    server.run(core -> core.send(0, server.bytes(1)));
    assertThat(got.get(30, TimeUnit.SECONDS)).isEqualTo(9);
  }

  @Test
  void aRefusalHasItsCodeAndText() throws Exception {
    server.onMessage =
        (core, channel, kind, ask, number) -> core.fail(channel, ask, 300, "no such thing");
    LinkException why = failure(open(handler).ask(Note.of(1)));
    assertThat(why.code()).isEqualTo(300);
    assertThat(why).hasMessage("no such thing");
  }

  @Test
  void whenTheTimeIsOverTheOtherSideIsTold() throws Exception {
    CompletableFuture<Note> answer = open(handler).ask(Note.of(1), Duration.ofSeconds(5));
    assertThat(server.next()).isEqualTo("ASK 0 1");
    advance(Duration.ofMillis(4_999));
    assertThat(answer).isNotDone();
    advance(Duration.ofMillis(1));
    assertThatThrownBy(() -> answer.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(TimeoutException.class);
    assertThat(server.next()).isEqualTo("CANCEL 0 0");
  }

  @Test
  void aQuestionThatWaitsForRoomIsNotAskedOnceItsTimeIsOver() throws Exception {
    server.consumes = false;
    LinkSession<Note, Note> session = open(handler);
    while (session.writable()) {
      session.send(new Note.Numbered(1, "x".repeat(10_000)));
    }
    AtomicReference<CompletableFuture<Note>> answer = new AtomicReference<>();
    int before = clock.timers();
    Thread asking =
        Thread.startVirtualThread(() -> answer.set(session.ask(Note.of(1), Duration.ofSeconds(5))));
    await(() -> clock.timers() > before);
    advance(Duration.ofSeconds(5));
    asking.join();
    assertThatThrownBy(() -> answer.get().get()).hasCauseInstanceOf(TimeoutException.class);
    assertThat(server.told).noneMatch(each -> each.startsWith("ASK"));
  }

  @Test
  void aCancelledFutureIsToldTheOtherSide() throws Exception {
    CompletableFuture<Note> answer = open(handler).ask(Note.of(1));
    assertThat(server.next()).isEqualTo("ASK 0 1");
    answer.cancel(true);
    assertThat(server.next()).isEqualTo("CANCEL 0 0");
    assertThatThrownBy(answer::get).isInstanceOf(CancellationException.class);
  }

  @Test
  void anAnswerThatCrossesItsCancellationIsDropped() throws Exception {
    LinkSession<Note, Note> session = open(handler);
    CompletableFuture<Note> first = session.ask(Note.of(1));
    assertThat(server.next()).isEqualTo("ASK 0 1");
    server.cut();
    Thread cancelling = Thread.startVirtualThread(() -> first.cancel(true));
    server.run(core -> core.reply(0, 1, 0, server.bytes(1)));
    cancelling.join();
    server.onMessage = this::echo;
    assertThat(number(session.ask(Note.of(2)))).isEqualTo(2);
  }

  @Test
  void aLostSessionFailsItsQuestions() throws Exception {
    LinkSession<Note, Note> session = open(handler);
    List<CompletableFuture<Note>> answers = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      answers.add(session.ask(Note.of(i)));
    }
    server.forget();
    for (CompletableFuture<Note> each : answers) {
      assertThat(failure(each).code()).isEqualTo(LinkCode.NO_SUCH_SESSION.number());
    }
  }

  @Test
  void theEndOfTheSessionFailsItsQuestionsWithItsCode() throws Exception {
    CompletableFuture<Note> answer = open(handler).ask(Note.of(1));
    assertThat(server.next()).isEqualTo("ASK 0 1");
    server.run(core -> core.close(300, "enough"));
    LinkException why = failure(answer);
    assertThat(why.code()).isEqualTo(300);
    assertThat(why).hasMessage("the session has ended: enough");
  }

  @Test
  void aClosedSessionAsksNothing() throws Exception {
    LinkSession<Note, Note> session = open(handler);
    session.close(400, "done");
    LinkException why = failure(session.ask(Note.of(1)));
    assertThat(why.code()).isEqualTo(400);
    assertThat(why).hasMessage("the session is closed: done");
  }

  @Test
  void aQuestionTooManyFailsAtOnce() throws Exception {
    LinkSession<Note, Note> session = open(handler);
    for (int i = 0; i < 1_024; i++) {
      assertThat(session.ask(Note.of(i))).isNotDone();
    }
    assertThat(failure(session.ask(Note.of(1_024))).code()).isEqualTo(LinkCode.TOO_MANY.number());
  }

  @Test
  void theServersQuestionIsAnsweredLater() throws Exception {
    open(handler);
    server.run(core -> core.ask(0, 0, server.bytes(5)));
    Answer<Note> answer = asked.take();
    assertThat(answer.isCancelled()).isFalse();
    assertThat(answer.reply(Note.of(6))).isTrue();
    assertThat(server.next()).isEqualTo("REPLY 0 6");
    assertThat(answer.reply(Note.of(7))).isFalse();
    assertThat(answer.fail(300, "late")).isFalse();
  }

  @Test
  void theServersQuestionIsRefused() throws Exception {
    open(handler);
    server.run(core -> core.ask(0, 0, server.bytes(5)));
    assertThat(asked.take().fail(300, "never")).isTrue();
    assertThat(server.next()).isEqualTo("FAILED 0 300");
  }

  @Test
  void aHandlerWithoutAnswersRefuses() throws Exception {
    open(new RecordingHandler());
    server.run(core -> core.ask(0, 0, server.bytes(5)));
    assertThat(server.next()).isEqualTo("FAILED 0 13");
  }

  @Test
  void aQuestionOfATypeThatIsUnknownHereFails() throws Exception {
    List<String> unknown = new ArrayList<>();
    open(
        new RecordingHandler() {
          @Override
          public void undecodable(LinkSession<Note, Note> session, String type) {
            unknown.add(type);
          }
        });
    Types<Newer> newer = Types.of(Newer.class);
    Output bytes = new Output(100);
    newer.write(new Newer.Other(1), bytes);
    server.run(core -> core.ask(0, core.define(ByteBuffer.wrap(newer.schema())), bytes.buffer()));
    assertThat(server.next()).isEqualTo("FAILED 0 " + LinkCode.SCHEMA.number());
    assertThat(unknown).containsExactly("Other");
  }

  @Test
  void theServersCancellationReachesTheAnswer() throws Exception {
    open(handler);
    server.run(core -> core.ask(0, 0, server.bytes(5)));
    Answer<Note> answer = asked.take();
    CompletableFuture<Boolean> told = new CompletableFuture<>();
    answer.onCancel(() -> told.complete(answer.isCancelled()));
    server.run(core -> core.cancel(0, 1));
    assertThat(told.get(30, TimeUnit.SECONDS)).isTrue();
    assertThat(answer.reply(Note.of(1))).isFalse();
  }

  @Test
  void theEndOfTheSessionCancelsOpenAnswers() throws Exception {
    open(handler);
    server.run(core -> core.ask(0, 0, server.bytes(5)));
    Answer<Note> answer = asked.take();
    server.forget();
    assertThat(handler.next()).isEqualTo("opened");
    assertThat(handler.next()).isEqualTo("away");
    assertThat(handler.next()).isEqualTo("closed 5 lost");
    assertThat(answer.isCancelled()).isTrue();
    CompletableFuture<Boolean> told = new CompletableFuture<>();
    answer.onCancel(() -> told.complete(true));
    assertThat(told).isCompletedWithValue(true);
    assertThat(answer.fail(300, "late")).isFalse();
  }

  @Test
  void openQuestionsSurviveACut() throws Exception {
    LinkSession<Note, Note> session = open(handler);
    CompletableFuture<Note> answer = session.ask(Note.of(1));
    assertThat(server.next()).isEqualTo("ASK 0 1");
    server.run(core -> core.ask(0, 0, server.bytes(5)));
    Answer<Note> own = asked.take();
    server.cut();
    server.run(core -> core.reply(0, 1, 0, server.bytes(2)));
    assertThat(own.reply(Note.of(6))).isTrue();
    assertThat(number(answer)).isEqualTo(2);
    assertThat(server.next()).isEqualTo("REPLY 0 6");
  }

  @Test
  void anInterruptOfAWaitingThreadHarmsNothing() throws Exception {
    LinkSession<Note, Note> session = open(handler);
    CompletableFuture<Note> answer = session.ask(Note.of(1));
    Thread.currentThread().interrupt();
    assertThatThrownBy(answer::get).isInstanceOf(InterruptedException.class);
    Thread.currentThread().interrupt();
    CompletableFuture<Note> second = session.ask(Note.of(2));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(server.next()).isEqualTo("ASK 0 1");
    assertThat(server.next()).isEqualTo("ASK 0 2");
    server.run(core -> core.reply(0, 1, 0, server.bytes(3)));
    server.run(core -> core.reply(0, 2, 0, server.bytes(4)));
    assertThat(number(answer)).isEqualTo(3);
    assertThat(number(second)).isEqualTo(4);
    assertThat(handler.told).containsExactly("opened");
  }
}
