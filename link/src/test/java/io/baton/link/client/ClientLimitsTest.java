package io.baton.link.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.link.Answer;
import io.baton.link.LinkException;
import io.baton.link.LinkSession;
import io.baton.link.core.Limits;
import io.baton.link.core.LinkCode;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever passes a limit is refused to its caller, and the client's session goes on. */
class ClientLimitsTest extends MemoryServerTest {
  private static final Note LONG = new Note.Numbered(1, "x".repeat(1_000));

  @TempDir private Path files;

  private final LinkedBlockingQueue<Answer<Note>> asked = new LinkedBlockingQueue<>();
  private final RecordingHandler handler =
      new RecordingHandler() {
        @Override
        public void asked(LinkSession<Note, Note> session, Note question, Answer<Note> answer) {
          asked.add(answer);
        }
      };

  @BeforeEach
  void takeLittle() {
    server.limits = new Limits(1_024, 512, 65_536, 65_536);
  }

  /** The ways to send a message. */
  enum Way {
    SEND,
    SEND_ON_A_CHANNEL,
    ASK,
    ASK_ON_A_CHANNEL
  }

  /** Sends; returns what the session returns. */
  private static Object send(LinkSession<Note, Note> session, Way way, Note message) {
    return switch (way) {
      case SEND -> session.send(message);
      case SEND_ON_A_CHANNEL -> session.channel("c").send(message);
      case ASK -> session.ask(message);
      case ASK_ON_A_CHANNEL -> session.channel("c").ask(message);
    };
  }

  private void goesOn(LinkSession<Note, Note> session) {
    assertThat(session.send(Note.of(77))).isTrue();
    await(() -> server.told.contains("MESSAGE 0 77"));
    assertThat(server.told).noneMatch(each -> each.contains("closed"));
    assertThat(session.state()).isEqualTo(LinkSession.State.OPEN);
  }

  @ParameterizedTest
  @EnumSource
  void aMessageLongerThanTheServerTakesIsRefusedToItsSender(Way way) throws Exception {
    LinkSession<Note, Note> session = open(handler);
    int timers = clock.timers();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> send(session, way, LONG))
        .withMessageContaining("longer than the 495 bytes allowed");
    assertThat(clock.timers()).isEqualTo(timers);
    goesOn(session);
    assertThat(server.told).noneMatch(each -> each.endsWith(" 1"));
  }

  @Test
  void aQuestionWhoseAnswerIsTooLongStaysOpen() throws Exception {
    LinkSession<Note, Note> session = open(handler);
    server.run(core -> core.ask(0, 0, server.bytes(5)));
    Answer<Note> answer = asked.take();
    assertThatIllegalArgumentException().isThrownBy(() -> answer.reply(LONG));
    assertThat(answer.reply(Note.of(6))).isTrue();
    await(() -> server.told.contains("REPLY 0 6"));
    goesOn(session);
  }

  @Test
  void channelsAndStreamsAreSixtyFourTogether() throws Exception {
    LinkSession<Note, Note> session = open(handler);
    for (int i = 0; i < 32; i++) {
      assertThat(session.channel("c" + i).send(Note.of(i))).isTrue();
      assertThat(session.stream("s" + i)).isNotNull();
    }
    assertThatIllegalStateException()
        .isThrownBy(() -> session.channel("more"))
        .withMessageContaining("64 channels and streams");
    Path file = Files.writeString(files.resolve("file"), "text");
    CompletableFuture<Void> done = session.stream("more", file).done();
    assertThatThrownBy(() -> done.get(30, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            LinkException.class, e -> assertThat(e.code()).isEqualTo(LinkCode.TOO_MANY.number()));
    assertThat(session.channel("c1").send(Note.of(33))).as("one that is open").isTrue();
    goesOn(session);
  }

  @Test
  void argumentsThatTheProtocolCannotRepresentAreRefusedAtOnce() throws Exception {
    LinkSession<Note, Note> session = open(handler);
    String name = "n".repeat(256);
    Path file = Files.writeString(files.resolve("file"), "text");
    InputStream input = InputStream.nullInputStream();
    assertThatIllegalArgumentException().isThrownBy(() -> session.channel(name));
    assertThatIllegalArgumentException().isThrownBy(() -> session.stream(name));
    assertThatIllegalArgumentException().isThrownBy(() -> session.stream(name, file));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> session.stream(name, input, OptionalLong.empty()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> session.stream("s", input, OptionalLong.of(-1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> session.stream("s", input, OptionalLong.of(Long.MAX_VALUE)));
    assertThatIllegalArgumentException().isThrownBy(() -> session.close(0, ""));
    assertThatIllegalArgumentException().isThrownBy(() -> session.close(65_536, ""));
    assertThatIllegalArgumentException().isThrownBy(() -> session.ask(LONG, Duration.ZERO));
    goesOn(session);
  }

  @Test
  void aTimeForAnAnswerMayBeAsLongAsADurationIs() throws Exception {
    LinkSession<Note, Note> session = open(handler);
    CompletableFuture<Note> answer =
        session.ask(Note.of(7), Duration.ofSeconds(Long.MAX_VALUE, 999_999_999));
    goesOn(session);
    assertThat(answer).isNotDone();
    answer.cancel(false);
  }
}
