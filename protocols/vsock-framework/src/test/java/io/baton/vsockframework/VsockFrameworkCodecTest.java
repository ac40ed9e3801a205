package io.baton.vsockframework;

import static io.baton.vsockframework.TestFramework.CODEC;
import static io.baton.vsockframework.TestFramework.ECHO;
import static io.baton.vsockframework.TestFramework.SILENT;
import static io.baton.vsockframework.TestFramework.all;
import static io.baton.vsockframework.TestFramework.answer;
import static io.baton.vsockframework.TestFramework.frame;
import static io.baton.vsockframework.TestFramework.head;
import static io.baton.vsockframework.TestFramework.question;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.TestWindow;
import io.baton.service.CloseReason;
import io.baton.testing.Seeds;
import io.baton.vsockframework.example.Talk;
import io.baton.vsockframework.example.Text;
import io.baton.vsockframework.example.Texts;
import io.baton.worker.codec.CutAnywhere;
import io.baton.worker.codec.CutAnywhere.Outcome;
import io.baton.worker.codec.RecordedSession;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class VsockFrameworkCodecTest {
  private static final byte[] SMALL = frame(new Text("small"));
  private static final byte[] LARGE = frame(new Talk(1, "a text that is too long for the head"));

  private final CutAnywhere echo = new CutAnywhere(CODEC, ECHO);
  private final CutAnywhere silent = new CutAnywhere(CODEC, SILENT);

  private static String text(byte[]... pieces) {
    return new String(all(pieces), ISO_8859_1);
  }

  @Test
  void smallAndLargeMessagesAndQuestionsAreAnswered() {
    Outcome outcome = silent.uncut(all(SMALL, question(), LARGE, question()));
    assertThat(outcome.messages()).hasSize(2);
    assertThat(outcome.output()).isEqualTo(text(answer(), answer()));
    assertThat(outcome.end()).isEqualTo(CloseReason.CLIENT);
    assertThat(echo.uncut(all(SMALL, LARGE)).output()).isEqualTo(text(SMALL, LARGE));
  }

  @Test
  void lengthsAtTheEdgesAreWhatTheySay() {
    for (int length : List.of(0, 1, 19, 20, 21, TestFramework.MAX_MESSAGE)) {
      byte[] body = new byte[length];
      Arrays.fill(body, (byte) 'x');
      byte[] frame = frame(0, body);
      assertThat(frame).hasSize(28 + (length > 20 ? length : 0));
      Outcome outcome = echo.uncut(all(frame, SMALL));
      assertThat(outcome.output()).as("length %d", length).isEqualTo(text(frame, SMALL));
    }
  }

  /** The original takes any length, and reads as far as it comes. */
  @Test
  void negativeAndExcessiveLengthsEndTheSessionAfterWhatCameBefore() {
    for (byte[] each :
        List.of(
            head(0, -1),
            head(0, Integer.MIN_VALUE),
            head(0, TestFramework.MAX_MESSAGE + 1),
            head(0, Integer.MAX_VALUE),
            head(TestFramework.CLOCK, 15),
            head(TestFramework.CLOCK, 17))) {
      for (int length : List.of(8, each.length)) {
        Outcome outcome = echo.uncut(all(SMALL, question(), Arrays.copyOf(each, length), SMALL));
        assertThat(outcome.messages()).hasSize(1);
        assertThat(outcome.output()).isEqualTo(text(answer(), SMALL));
        assertThat(outcome.end()).isEqualTo(CloseReason.PROTOCOL);
      }
    }
  }

  @Test
  void anUnfinishedMessageIsNotHandedOut() {
    Outcome outcome = echo.uncut(Arrays.copyOf(LARGE, LARGE.length - 1));
    assertThat(outcome.messages()).isEmpty();
    assertThat(outcome.end()).isEqualTo(CloseReason.CLIENT);
  }

  @Test
  void sessionsAreCutAndMovedAtAnyByte() throws Exception {
    assertThat(echo.everyCut(all(SMALL, LARGE, frame(1, new byte[0]), SMALL))).isEmpty();
    assertThat(silent.everyCut(all(SMALL, question(), LARGE, question(), question(), SMALL)))
        .isEmpty();
    assertThat(silent.everyCut(all(SMALL, question(), head(0, -1), SMALL)))
        .as("only a session that has ended stays")
        .allMatch(cut -> cut >= 2 * SMALL.length + FrameFormat.HEAD);
    assertThat(silent.everyCut(TestFramework.original(true))).isEmpty();
    long seed = Seeds.fresh(VsockFrameworkCodecTest.class);
    for (int i = 0; i < 50; i++) {
      silent.bySeed(TestFramework.original(true), seed + i);
      echo.bySeed(all(SMALL, LARGE, SMALL, LARGE, frame(7, new byte[200])), seed + i);
    }
  }

  @Test
  void aQuestionIsAnsweredWhileTheServiceHasTooMuchToDo() {
    try (RecordedSession session = new RecordedSession(CODEC, ECHO)) {
      session.busy(true);
      session.read(all(SMALL, LARGE));
      session.read(all(LARGE, question(), SMALL));
      assertThat(session.outcome().messages()).isEmpty();
      assertThat(session.outcome().output()).isEqualTo(text(answer()));
      session.read(question());
      assertThat(session.outcome().output()).isEqualTo(text(answer(), answer()));
      session.busy(false);
      assertThat(session.finish().output())
          .isEqualTo(text(answer(), answer(), SMALL, LARGE, LARGE, SMALL));
    }
  }

  @Test
  void answersWaitForAClientThatTakesNothingAndMoveAlong() {
    try (RecordedSession session = new RecordedSession(CODEC, SILENT)) {
      session.writable(false);
      for (int i = 0; i < ClockAnswers.MAX_OWED; i++) {
        session.read(question());
      }
      assertThat(session.outcome().output()).isEmpty();
      assertThat(session.flow().save().orElseThrow().unread().remaining())
          .isEqualTo(ClockAnswers.MAX_OWED * question().length);
      session.writable(true);
      assertThat(session.outcome().output()).isEqualTo(text(answer()).repeat(16));
      assertThat(session.finish().end()).isEqualTo(CloseReason.CLIENT);
    }
  }

  @Test
  void oneQuestionMoreThanAreOwedEndsTheSession() {
    try (RecordedSession session = new RecordedSession(CODEC, SILENT)) {
      session.writable(false);
      for (int i = 0; i <= ClockAnswers.MAX_OWED; i++) {
        session.read(question());
      }
      assertThat(session.outcome().end()).isEqualTo(CloseReason.LIMIT);
    }
  }

  @Test
  void manyQuestionsInOneReadAreAllAnswered() {
    byte[] many = all(SMALL);
    for (int i = 0; i < 1_000; i++) {
      many = i % 10 == 0 ? all(many, question(), SMALL) : all(many, question());
    }
    Outcome outcome = silent.uncut(many);
    assertThat(outcome.output()).isEqualTo(text(answer()).repeat(1_000));
    assertThat(outcome.messages()).hasSize(101);
  }

  @Test
  void aLongMessageIsRefusedWhileMemoryIsShort() {
    VsockFrameworkCodec codec =
        new VsockFrameworkCodec(VsockFrameworkSettings.of(TestFramework.TYPES));
    try (RecordedSession session = new RecordedSession(codec, SILENT)) {
      session.memoryIsShort();
      session.read(SMALL);
      session.read(head(0, VsockFrameworkSettings.DEFAULT_MAX_MESSAGE));
      assertThat(session.finish().messages()).hasSize(1);
      assertThat(session.outcome().end()).isEqualTo(CloseReason.LIMIT);
    }
  }

  @Test
  void nothingIsHeldBetweenMessages() {
    try (RecordedSession session = new RecordedSession(CODEC, SILENT)) {
      session.read(all(SMALL, question(), LARGE));
      assertThat(session.held()).isZero();
      session.read(Arrays.copyOf(question(), 5));
      assertThat(session.held()).isPositive();
      session.read(question(), 5, 28);
      assertThat(session.held()).isZero();
    }
  }

  @Test
  void whatTheRecordsOfUnprocessedMessagesMayTakeIsHeld() {
    TestWindow window = new TestWindow();
    EmbeddedChannel channel = new EmbeddedChannel();
    Flow flow = CODEC.install(CodecContext.of(channel.pipeline(), window, null));
    Texts many = new Texts(Collections.nCopies(20, new Text("")), 0);
    int bytes = TestFramework.TYPES.write(many, TestFramework.MAX_MESSAGE).body().length;
    long each = TestFramework.TYPES.heapBytes(1, bytes);
    channel.writeInbound(Unpooled.wrappedBuffer(all(frame(many), frame(many))));
    assertThat(each).isGreaterThan(20 * 50);
    assertThat(window.held).isEqualTo((int) (2 * each));
    flow.processed();
    assertThat(window.held).isEqualTo((int) each);
    flow.processed();
    assertThat(window.held).isZero();
    channel.finishAndReleaseAll();
  }
}
