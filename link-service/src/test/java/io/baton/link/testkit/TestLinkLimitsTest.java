package io.baton.link.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.link.Answer;
import io.baton.link.Incoming;
import io.baton.link.LinkException;
import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import io.baton.link.core.LinkCode;
import io.baton.link.types.Types;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever passes a limit is refused to its caller, and the session goes on. */
class TestLinkLimitsTest {
  /** What either side says. */
  public record Note(String text) {}

  private static final Types<Note> NOTES = Types.of(Note.class);
  private static final Note LONG = new Note("x".repeat(1_000));
  private static final Note SHORT = new Note("short");

  /** Keeps what it is asked. */
  private static final class Side implements LinkHandler<Note, Note> {
    private final List<String> told = new ArrayList<>();
    private final List<Answer<Note>> asked = new ArrayList<>();
    private final List<Incoming> streams = new ArrayList<>();

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
      asked.add(answer);
    }

    @Override
    public void streamed(LinkSession<Note, Note> session, Incoming stream) {
      streams.add(stream);
    }
  }

  @TempDir private Path files;

  private final Side client = new Side();
  private final Side service = new Side();
  private final TestLink<Note, Note> link =
      TestLink.between(NOTES, NOTES, client, () -> service).maxMessage(512);

  @BeforeEach
  void open() {
    assertThat(link.open()).isTrue();
  }

  private LinkSession<Note, Note> service() {
    return link.service();
  }

  private void goesOn() {
    assertThat(service().send(SHORT)).isTrue();
    link.run();
    assertThat(client.told).last().isEqualTo("short");
    assertThat(link.serviceEnding()).isEmpty();
    assertThat(link.clientEnding()).isEmpty();
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

  @ParameterizedTest
  @EnumSource
  void aMessageLongerThanTheOtherSideTakesIsRefusedToItsSender(Way way) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> send(service(), way, LONG))
        .withMessageContaining("longer than the 495 bytes allowed");
    link.run();
    assertThat(client.told).isEmpty();
    assertThat(client.asked).isEmpty();
    goesOn();
  }

  @ParameterizedTest
  @EnumSource
  void aMessageOfTheLongestLengthIsSent(Way way) {
    assertThat(send(service(), way, new Note("x".repeat(491))))
        .isNotEqualTo(false); // two bytes of unions, two of a length
    link.run();
    assertThat(client.told.size() + client.asked.size()).isEqualTo(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> send(service(), way, new Note("x".repeat(492))));
    goesOn();
  }

  @Test
  void aQuestionWhoseAnswerIsTooLongStaysOpen() throws Exception {
    CompletableFuture<Note> future = link.client().ask(SHORT);
    link.run();
    Answer<Note> answer = service.asked.getFirst();
    assertThatIllegalArgumentException().isThrownBy(() -> answer.reply(LONG));
    link.run();
    assertThat(future).isNotDone();
    assertThat(answer.reply(SHORT)).isTrue();
    assertThat(link.await(future)).isEqualTo(SHORT);
    goesOn();
  }

  @Test
  void channelsAndStreamsAreSixtyFourTogether() throws Exception {
    for (int i = 0; i < 32; i++) {
      assertThat(service().channel("c" + i).send(SHORT)).isTrue();
      assertThat(service().stream("s" + i)).isNotNull();
    }
    assertFull();
    link.run();
    assertFull();
    assertThat(service().channel("c1").send(SHORT)).as("one that is open").isTrue();
    service().channel("c0").close();
    link.run();
    assertThat(service().channel("new").send(SHORT)).isTrue();
    assertFull();
    assertThat(client.streams).hasSize(32);
    client.streams.forEach(Incoming::refuse);
    link.run();
    for (int i = 0; i < 32; i++) {
      assertThat(service().channel("after" + i).send(SHORT)).isTrue();
    }
    assertFull();
    goesOn();
  }

  private void assertFull() throws Exception {
    assertThatIllegalStateException()
        .isThrownBy(() -> service().channel("more"))
        .withMessageContaining("64 channels and streams");
    Path file = Files.writeString(files.resolve("file"), "text");
    CompletableFuture<Void> done = service().stream("more", file).done();
    assertThatThrownBy(() -> link.await(done))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            LinkException.class, e -> assertThat(e.code()).isEqualTo(LinkCode.TOO_MANY.number()));
  }

  @Test
  void aSessionThatHasMovedKnowsHowManyChannelsAreOpen() throws Exception {
    for (int i = 0; i < 64; i++) {
      assertThat(service().channel("c" + i).send(SHORT)).isTrue();
    }
    link.run();
    link.move();
    assertFull();
    assertThat(service().channel("c5").send(SHORT)).isTrue();
    service().channel("c6").close();
    link.run();
    assertThat(service().channel("new").send(SHORT)).isTrue();
    assertFull();
    goesOn();
  }

  @Test
  void argumentsThatTheProtocolCannotRepresentAreRefusedAtOnce() throws Exception {
    String name = "n".repeat(256);
    Path file = Files.writeString(files.resolve("file"), "text");
    InputStream input = InputStream.nullInputStream();
    assertThatIllegalArgumentException().isThrownBy(() -> service().channel(name));
    assertThatIllegalArgumentException().isThrownBy(() -> service().stream(name));
    assertThatIllegalArgumentException().isThrownBy(() -> service().stream(name, file));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> service().stream(name, input, OptionalLong.empty()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> service().stream("s", input, OptionalLong.of(-1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> service().stream("s", input, OptionalLong.of(Long.MAX_VALUE)));
    assertThatIllegalArgumentException().isThrownBy(() -> service().close(0, ""));
    assertThatIllegalArgumentException().isThrownBy(() -> service().close(65_536, ""));
    assertThatIllegalArgumentException().isThrownBy(() -> service().ask(SHORT, Duration.ZERO));
    goesOn();
  }

  @Test
  void aTimeForAnAnswerMayBeAsLongAsADurationIs() throws Exception {
    CompletableFuture<Note> future =
        service().ask(SHORT, Duration.ofSeconds(Long.MAX_VALUE, 999_999_999));
    link.run();
    client.asked.getFirst().reply(SHORT);
    assertThat(link.await(future)).isEqualTo(SHORT);
  }
}
