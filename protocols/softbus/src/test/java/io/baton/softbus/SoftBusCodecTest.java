package io.baton.softbus;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.service.CloseReason;
import io.baton.softbus.wire.DataFrame;
import io.baton.softbus.wire.FrameOpener;
import io.baton.softbus.wire.FrameSealer;
import io.baton.softbus.wire.OriginalConversations;
import io.baton.softbus.wire.OriginalConversations.Packet;
import io.baton.softbus.wire.SessionReply;
import io.baton.worker.codec.CutAnywhere;
import io.baton.worker.codec.CutAnywhere.Outcome;
import io.baton.worker.codec.RecordedSession;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class SoftBusCodecTest {
  private static final String NAME = "com.example.echo";
  private static final byte[] FIRST = TestBus.first(NAME);

  private final TestBus client = new TestBus();
  private final CutAnywhere echo = new CutAnywhere(TestBus.CODEC, TestBus.ECHO);

  /**
   * What the server has answered: its device and the session's name, and the data of its frames.
   */
  private static List<String> read(String output) throws Exception {
    ByteBuffer in = ByteBuffer.wrap(output.getBytes(ISO_8859_1));
    List<String> all = new ArrayList<>();
    FrameOpener opener = new FrameOpener(TestBus.SESSION_KEY, FrameOpener.NONE);
    while (in.hasRemaining()) {
      boolean reply = all.isEmpty();
      byte[] packet =
          new byte[reply ? SessionReply.length(in) : DataFrame.length(in, TestBus.MAX_DATA)];
      in.get(packet);
      all.add(
          reply
              ? SessionReply.open(TestBus.KEYS, packet).toString()
              : new String(opener.open(packet), ISO_8859_1));
    }
    return all;
  }

  private static String reply() {
    return new SessionReply("baton", NAME).toString();
  }

  @Test
  void aSessionIsOpenedRepliedToAndCarriesDataBothWays() throws Exception {
    Outcome outcome = echo.uncut(TestBus.all(FIRST, client.frame("one"), client.frame("two")));
    assertThat(outcome.messages()).containsExactly("opening " + NAME + " 1", "one", "two");
    assertThat(read(outcome.output())).containsExactly(reply(), "one", "two");
    assertThat(outcome.end()).isEqualTo(CloseReason.CLIENT);
  }

  /** The original loses both of two frames in one write, and a frame in two. */
  @Test
  void framesInOneWriteAndHalvesOfFramesAreAllReceived() throws Exception {
    try (RecordedSession session = new RecordedSession(TestBus.CODEC, TestBus.ECHO)) {
      session.read(FIRST);
      session.read(TestBus.all(client.frame("one"), client.frame("two")));
      for (byte each : client.frame("byte by byte")) {
        session.read(each);
      }
      byte[] half = client.frame("halves");
      session.read(half, 0, 20);
      session.read(half, 20, half.length);
      assertThat(read(session.finish().output()))
          .containsExactly(reply(), "one", "two", "byte by byte", "halves");
    }
  }

  /** The original takes a frame as often as it is sent. */
  @Test
  void aReplayedFrameEndsItsSession() throws Exception {
    byte[] pay = client.frame("pay 100");
    Outcome outcome = echo.uncut(TestBus.all(FIRST, pay, pay, client.frame("more")));
    assertThat(outcome.messages()).containsExactly("opening " + NAME + " 1", "pay 100");
    assertThat(read(outcome.output())).containsExactly(reply(), "pay 100");
    assertThat(outcome.end()).isEqualTo(CloseReason.PROTOCOL);
  }

  @Test
  void aFrameReplayedInAnotherWorkerEndsItsSession() {
    byte[] pay = client.frame("pay 100");
    try (RecordedSession session = new RecordedSession(TestBus.CODEC, TestBus.ECHO)) {
      session.read(TestBus.all(FIRST, pay));
      assertThat(session.move()).isTrue();
      session.read(pay);
      assertThat(session.finish().end()).isEqualTo(CloseReason.PROTOCOL);
    }
  }

  /** The original stops for everybody at the first three of these. */
  @Test
  void whatIsNoPacketEndsItsOwnSessionOnly() throws Exception {
    byte[] foreign = FIRST.clone();
    foreign[24] = 2;
    byte[] changed = FIRST.clone();
    changed[60] ^= 1;
    byte[] frame = client.frame("x");
    byte[] changedFrame = client.frame("y");
    changedFrame[changedFrame.length - 1] ^= 1;
    try (RecordedSession other = new RecordedSession(TestBus.CODEC, TestBus.ECHO)) {
      other.read(FIRST);
      for (byte[] each :
          List.of(
              "24 bytes of sheer noise.".getBytes(ISO_8859_1),
              foreign,
              changed,
              frame,
              TestBus.all(FIRST, FIRST),
              TestBus.all(FIRST, changedFrame),
              TestBus.all(FIRST, "noise".getBytes(ISO_8859_1)))) {
        assertThat(echo.uncut(each).end())
            .as(HexFormat.of().formatHex(each))
            .isEqualTo(CloseReason.PROTOCOL);
      }
      other.read(frame);
      assertThat(read(other.finish().output())).containsExactly(reply(), "x");
    }
  }

  /** Half a first packet stops the original for everybody, until the rest comes. */
  @Test
  void halfAFirstPacketIsNoSession() {
    Outcome outcome = echo.uncut(Arrays.copyOf(FIRST, 60));
    assertThat(outcome.messages()).isEmpty();
    assertThat(outcome.output()).isEmpty();
    assertThat(outcome.end()).isEqualTo(CloseReason.CLIENT);
  }

  @Test
  void lengthsAboveTheBoundEndTheSessionBeforeAnythingOfItCame() throws Exception {
    FrameSealer sealer = new FrameSealer(TestBus.SESSION_KEY, TestBus.ZEROS, 0);
    assertThat(echo.uncut(TestBus.all(FIRST, sealer.seal(new byte[TestBus.MAX_DATA]))).messages())
        .hasSize(2);
    byte[] head = Arrays.copyOf(sealer.seal(new byte[TestBus.MAX_DATA + 1]), 16);
    assertThat(echo.uncut(TestBus.all(FIRST, head)).end()).isEqualTo(CloseReason.PROTOCOL);
    byte[] first = Arrays.copyOf(FIRST, 24);
    first[21] = 16;
    assertThat(echo.uncut(first).end()).isEqualTo(CloseReason.PROTOCOL);
  }

  @Test
  void withoutMemoryALongFrameIsRefusedAndOnlyThatSessionEnds() {
    SoftBusSettings large =
        new SoftBusSettings(TestBus.KEYS, "baton", SoftBusSettings.MAX_MAX_DATA);
    byte[] frame = client.frame("x".repeat(SoftBusSettings.MAX_MAX_DATA));
    try (RecordedSession session =
        new RecordedSession(new SoftBusCodec(large, TestBus.ZEROS), TestBus.ECHO)) {
      session.read(FIRST);
      session.memoryIsShort();
      session.read(frame, 0, 100);
      assertThat(session.finish().end()).isEqualTo(CloseReason.LIMIT);
    }
  }

  @Test
  void whatIsKeptOfAFrameIsCounted() {
    try (RecordedSession session = new RecordedSession(TestBus.CODEC, TestBus.ECHO)) {
      session.read(FIRST);
      long before = session.held();
      session.read(client.frame("x".repeat(TestBus.MAX_DATA)), 0, 90);
      assertThat(session.held() - before).isBetween(90L, 1024L);
    }
  }

  @Test
  void aSessionMovesAtAnyByte() {
    byte[] talk =
        TestBus.all(
            FIRST,
            client.frame("one"),
            client.frame("2"),
            client.frame("three"),
            Arrays.copyOf(client.frame("half"), 20));
    assertThat(echo.everyCut(talk)).isEmpty();
    echo.randomly(talk, 100);
  }

  @Test
  void aSessionWhoseFirstPacketHasNoAnswerYetDoesNotMove() {
    try (RecordedSession session =
        new RecordedSession(TestBus.CODEC, (_, _) -> "is not answered")) {
      session.read(FIRST);
      assertThat(session.move()).isFalse();
      session.send(new SoftBusMessage.Accept());
      assertThat(session.move()).isTrue();
    }
  }

  @Test
  void dataBeforeTheConsentIsConsent() throws Exception {
    try (RecordedSession session =
        new RecordedSession(
            TestBus.CODEC,
            (_, send) -> {
              send.accept(new SoftBusMessage.Data("welcome".getBytes(ISO_8859_1)));
              send.accept(new SoftBusMessage.Accept());
              return "";
            })) {
      session.read(FIRST);
      assertThat(read(session.finish().output())).containsExactly(reply(), "welcome");
    }
  }

  @Test
  void anOperatorSeesNoKey() {
    try (RecordedSession session = new RecordedSession(TestBus.CODEC, TestBus.ECHO)) {
      assertThat(session.flow().details()).isEmpty();
      session.read(TestBus.all(FIRST, client.frame("one")));
      assertThat(session.flow().details())
          .hasToString("{name=" + NAME + ", key-index=1, next-sent=1, last-received=0}");
      assertThat(session.flow().current()).isEqualTo(NAME);
      assertThat(session.flow().save().orElseThrow().toString()).doesNotContain("40414243");
    }
  }

  @Test
  void theSavedFormIsThatOfVersion1() {
    try (RecordedSession session = new RecordedSession(TestBus.CODEC, TestBus.ECHO)) {
      session.read(TestBus.all(TestBus.first("e"), client.frame("one"), new byte[] {(byte) 0xCE}));
      var saved = session.flow().save().orElseThrow();
      assertThat(HexFormat.of().formatHex(bytes(saved.state())))
          .isEqualTo(
              "016500000001"
                  + "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f"
                  + "00000000000000010000000000000000");
      assertThat(bytes(saved.unread())).containsExactly(0xCE);
    }
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  /** What the original's client side was sent is what ours answers, but for the random bytes. */
  @Test
  void aConversationWithTheOriginalGoesTheSameWayHere() throws Exception {
    SoftBusSettings original = new SoftBusSettings(TestBus.KEYS, "original-device", 4096);
    List<Packet> packets = OriginalConversations.of("echo");
    FrameOpener theirs = new FrameOpener(TestBus.SESSION_KEY, FrameOpener.NONE);
    FrameOpener ours = new FrameOpener(TestBus.SESSION_KEY, FrameOpener.NONE);
    try (RecordedSession session =
        new RecordedSession(new SoftBusCodec(original, TestBus.ZEROS), TestBus.ECHO)) {
      int seen = 0;
      for (int i = 0; i < packets.size(); i += 2) {
        session.read(packets.get(i).bytes());
        byte[] output = session.outcome().output().getBytes(ISO_8859_1);
        byte[] answer = Arrays.copyOfRange(output, seen, output.length);
        byte[] wanted = packets.get(i + 1).bytes();
        seen = output.length;
        if (i == 0) {
          assertThat(SessionReply.open(TestBus.KEYS, answer))
              .isEqualTo(SessionReply.open(TestBus.KEYS, wanted));
          assertThat(Arrays.copyOf(answer, 24)).isEqualTo(Arrays.copyOf(wanted, 24));
        } else {
          assertThat(ours.open(answer)).isEqualTo(theirs.open(wanted));
          assertThat(Arrays.copyOf(answer, 20)).isEqualTo(Arrays.copyOf(wanted, 20));
        }
      }
      assertThat(session.finish().end()).isEqualTo(CloseReason.CLIENT);
    }
  }
}
