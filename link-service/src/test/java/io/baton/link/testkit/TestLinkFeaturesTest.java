package io.baton.link.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.link.Answer;
import io.baton.link.Ending;
import io.baton.link.Incoming;
import io.baton.link.LinkChannel;
import io.baton.link.LinkException;
import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import io.baton.link.Outgoing;
import io.baton.link.Transfer;
import io.baton.link.core.LinkCode;
import io.baton.link.types.Types;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Questions, channels, streams and the clock, over the real protocol. */
class TestLinkFeaturesTest {
  /** What either side says. */
  public record Note(String text) {}

  private static final Types<Note> NOTES = Types.of(Note.class);

  /** Answers, receives streams, and writes everything down. */
  private static final class Side implements LinkHandler<Note, Note> {
    private final List<String> told = new ArrayList<>();
    private final List<Incoming> streams = new ArrayList<>();
    private final List<Answer<Note>> kept = new ArrayList<>();

    @Override
    public void received(LinkSession<Note, Note> session, Note message) {
      told.add(message.text());
    }

    @Override
    public void received(LinkSession<Note, Note> session, String channel, Note message) {
      told.add(channel + ": " + message.text());
    }

    @Override
    public void asked(LinkSession<Note, Note> session, Note question, Answer<Note> answer) {
      if (question.text().equals("later")) {
        answer.onCancel(() -> told.add("cancelled"));
        kept.add(answer);
      } else if (question.text().equals("no")) {
        answer.fail(300, "because");
      } else {
        answer.reply(new Note("re: " + question.text()));
      }
    }

    @Override
    public void streamed(LinkSession<Note, Note> session, Incoming stream) {
      streams.add(stream);
    }

    @Override
    public void transferred(LinkSession<Note, Note> session, Transfer transfer) {
      told.add(
          "%s %s %d %d"
              .formatted(
                  transfer.incoming() ? "in" : "out",
                  transfer.name(),
                  transfer.bytes(),
                  transfer.how().code()));
    }

    @Override
    public void closed(LinkSession<Note, Note> session, Ending why) {
      told.add("closed " + why.code());
    }
  }

  @TempDir private Path files;

  private final Side client = new Side();
  private final Side service = new Side();
  private final TestLink<Note, Note> link = TestLink.between(NOTES, NOTES, client, () -> service);

  private LinkSession<Note, Note> client() {
    return link.client();
  }

  private LinkSession<Note, Note> service() {
    return link.service();
  }

  private void failsWith(CompletableFuture<?> future, int code) {
    assertThatThrownBy(() -> link.await(future))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            LinkException.class, e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code));
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private Path file(String name, byte[] bytes) throws IOException {
    return Files.write(files.resolve(name), bytes);
  }

  // ---- questions ----

  @Test
  void eachSideAsksAndIsAnswered() throws Exception {
    link.open();
    CompletableFuture<Note> one = client().ask(new Note("how"));
    CompletableFuture<Note> other = service().ask(new Note("why"));
    assertThat(link.await(one)).isEqualTo(new Note("re: how"));
    assertThat(link.await(other)).isEqualTo(new Note("re: why"));
  }

  @Test
  void aRefusalHasItsCodeAndText() {
    link.open();
    CompletableFuture<Note> answer = client().ask(new Note("no"));
    failsWith(answer, 300);
    assertThat(answer.exceptionNow()).hasMessage("because");
  }

  @Test
  void anAnswerMayBeGivenLaterAndOnce() throws Exception {
    link.open();
    CompletableFuture<Note> answer = client().ask(new Note("later"));
    link.run();
    assertThat(answer).isNotDone();
    Answer<Note> kept = service.kept.getFirst();
    assertThat(kept.reply(new Note("now"))).isTrue();
    assertThat(kept.reply(new Note("again"))).isFalse();
    assertThat(kept.fail(300, "again")).isFalse();
    assertThat(link.await(answer)).isEqualTo(new Note("now"));
  }

  @Test
  void aQuestionFailsWhenItsTimeIsOverAndTheOtherSideIsTold() {
    link.open();
    CompletableFuture<Note> answer = client().ask(new Note("later"), Duration.ofSeconds(2));
    link.advance(Duration.ofMillis(1_999));
    assertThat(answer).isNotDone();
    link.advance(Duration.ofMillis(1));
    assertThat(answer.exceptionNow()).isInstanceOf(TimeoutException.class);
    assertThat(service.told).containsExactly("cancelled");
    assertThat(service.kept.getFirst().isCancelled()).isTrue();
    assertThat(service.kept.getFirst().reply(new Note("late"))).isFalse();
  }

  @Test
  void aCancelledFutureIsToldToTheOtherSide() {
    link.open();
    CompletableFuture<Note> answer = service().ask(new Note("later"));
    link.run();
    answer.cancel(false);
    link.run();
    assertThat(client.told).containsExactly("cancelled");
  }

  @Test
  void questionsSurviveALostConnection() throws Exception {
    link.open();
    CompletableFuture<Note> first = client().ask(new Note("later"));
    link.lose();
    CompletableFuture<Note> second = client().ask(new Note("how"));
    service.kept.clear();
    link.back();
    assertThat(link.await(second)).isEqualTo(new Note("re: how"));
    assertThat(first).isNotDone();
  }

  @Test
  void allQuestionsEndWithALostSession() {
    link.open();
    CompletableFuture<Note> clients = client().ask(new Note("later"), Duration.ofHours(1));
    CompletableFuture<Note> services = service().ask(new Note("later"), Duration.ofHours(1));
    link.run();
    link.lose();
    link.advance(TestLink.GRACE);
    failsWith(clients, Ending.UNTOLD);
    failsWith(services, Ending.UNTOLD);
    assertThat(service.told).containsExactly("cancelled", "closed 0");
    failsWith(client().ask(new Note("how")), Ending.UNTOLD);
  }

  @Test
  void aServicesQuestionFailsWhenItsSessionMoves() {
    link.open();
    CompletableFuture<Note> answer = service().ask(new Note("later"));
    link.run();
    link.move();
    failsWith(answer, LinkCode.MOVED.number());
    assertThat(client.told).containsExactly("cancelled");
  }

  @Test
  void aSessionDoesNotMoveBeforeItsClientIsAnswered() throws Exception {
    link.open();
    CompletableFuture<Note> answer = client().ask(new Note("later"));
    link.run();
    assertThatThrownBy(link::move).hasMessageContaining("waits for an answer");
    service.kept.getFirst().reply(new Note("now"));
    assertThat(link.await(answer)).isEqualTo(new Note("now"));
    link.move();
  }

  @Test
  void atMost1024QuestionsWaitForAnAnswer() {
    link.open();
    for (int i = 0; i < 1_024; i++) {
      var _ = client().ask(new Note("later"));
    }
    failsWith(client().ask(new Note("later")), LinkCode.TOO_MANY.number());
    link.run();
    assertThat(service.kept).hasSize(1_024);
  }

  // ---- channels ----

  @Test
  void messagesOfAChannelHaveItsNameAlsoBehindAMove() throws Exception {
    link.open();
    LinkChannel<Note, Note> up = client().channel("up");
    assertThat(up.send(new Note("one"))).isTrue();
    assertThat(service().channel("down").send(new Note("two"))).isTrue();
    assertThat(client().channel("up")).isSameAs(up);
    link.move();
    up.send(new Note("three"));
    service().channel("down").send(new Note("four"));
    assertThat(link.await(up.ask(new Note("five")))).isEqualTo(new Note("re: five"));
    assertThat(service.told).containsExactly("up: one", "up: three");
    assertThat(client.told).containsExactly("down: two", "down: four");
    up.close();
    assertThat(up.send(new Note("late"))).isFalse();
  }

  @Test
  void aFullChannelIsNotWritableWhileTheSessionIs() {
    link.window(2_048).open();
    LinkChannel<Note, Note> channel = client().channel("c");
    link.lose();
    while (channel.writable()) {
      channel.send(new Note("x".repeat(100)));
    }
    assertThat(client().writable()).isTrue();
    link.back();
    link.advance(Duration.ofMillis(200));
    assertThat(channel.writable()).isTrue();
  }

  // ---- streams ----

  @Test
  void bytesOfAStreamArriveInMemory() throws Exception {
    link.open();
    byte[] sent = bytes(300_000);
    Outgoing out =
        client().stream("s", new ByteArrayInputStream(sent), OptionalLong.of(sent.length));
    link.run();
    Incoming in = service.streams.getFirst();
    assertThat(in.name()).isEqualTo("s");
    assertThat(in.length()).hasValue(sent.length);
    assertThat(read(in)).isEqualTo(sent);
    link.await(out.done());
    assertThat(out.sent()).isEqualTo(sent.length);
  }

  /** Reads on a thread of its own, as a user has to. */
  private byte[] read(Incoming stream) throws Exception {
    return link.await(
        CompletableFuture.supplyAsync(() -> {
          try (var in = stream.input()) {
            return in.readAllBytes();
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        }));
  }

  @Test
  void aFileArrivesAsAFileWhileTheServiceMoves() throws Exception {
    link.window(8_192).open();
    byte[] sent = bytes(100_000);
    Outgoing out = client().stream("f", file("from", sent));
    link.run();
    Path to = files.resolve("to");
    CompletableFuture<Long> written = service.streams.getFirst().to(to);
    link.move();
    failsWith(written, LinkCode.MOVED.number());
    link.await(out.done());
    link.run();
    assertThat(Files.readAllBytes(to)).isEqualTo(sent);
    assertThat(service.told).containsExactly("in f 100000 0");
    assertThat(client.told).containsExactly("out f 100000 0");
  }

  @Test
  void aFileOfTheServiceIsSentOnByTheNextWorker() throws Exception {
    link.window(8_192).open();
    byte[] sent = bytes(100_000);
    Outgoing out = service().stream("f", file("from", sent));
    link.run();
    link.move();
    failsWith(out.done(), LinkCode.MOVED.number());
    link.await(client.streams.getFirst().to(files.resolve("to")));
    link.run();
    assertThat(Files.readAllBytes(files.resolve("to"))).isEqualTo(sent);
    assertThat(service.told).containsExactly("out f 100000 0");
  }

  @Test
  void aRefusedStreamFailsAndItsTransferIsTold() throws Exception {
    link.open();
    Outgoing out = client().stream("f", file("from", bytes(10)));
    link.run();
    service.streams.getFirst().refuse();
    failsWith(out.done(), LinkCode.DENIED_BY_SERVICE.number());
    link.run();
    assertThat(client.told).containsExactly("out f 10 13");
  }

  @Test
  void aSessionStaysWhileAStreamIsBoundToAnObject() throws Exception {
    link.open();
    Outgoing out = service().stream("s", new ByteArrayInputStream(bytes(10)), OptionalLong.empty());
    link.run();
    assertThatThrownBy(link::move).hasMessageContaining("bound");
    assertThat(read(client.streams.getFirst())).isEqualTo(bytes(10));
    link.await(out.done());
    link.move();
  }

  @Test
  void aTransferThatEndsWithItsSessionIsToldBeforeTheEnd() throws Exception {
    link.window(8_192).open();
    service().stream("f", file("from", bytes(100_000)));
    link.run();
    link.lose();
    link.advance(TestLink.GRACE);
    assertThat(service.told).hasSize(2).last().isEqualTo("closed 0");
    assertThat(service.told.getFirst()).startsWith("out f ").endsWith(" 0");
  }

  // ---- the clock ----

  @Test
  void theOtherSidesClockIsKnownOnceItIsAskedFor() {
    link.open();
    assertThat(service().clock().offset()).isEmpty();
    link.advance(Duration.ofSeconds(1));
    assertThat(service().clock().offset()).hasValue(0);
    assertThat(service().clock().bound().orElseThrow()).isLessThan(1_000_000);
    link.move();
    assertThat(service().clock().offset()).hasValue(0);
  }
}
