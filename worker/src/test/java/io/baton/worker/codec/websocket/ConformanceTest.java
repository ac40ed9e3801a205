package io.baton.worker.codec.websocket;

import static io.baton.worker.codec.websocket.Frames.FIN;
import static io.baton.worker.codec.websocket.Frames.RSV1;
import static io.baton.worker.codec.websocket.Frames.begin;
import static io.baton.worker.codec.websocket.Frames.binary;
import static io.baton.worker.codec.websocket.Frames.close;
import static io.baton.worker.codec.websocket.Frames.end;
import static io.baton.worker.codec.websocket.Frames.frame;
import static io.baton.worker.codec.websocket.Frames.more;
import static io.baton.worker.codec.websocket.Frames.ping;
import static io.baton.worker.codec.websocket.Frames.pong;
import static io.baton.worker.codec.websocket.Frames.promise;
import static io.baton.worker.codec.websocket.Frames.promiseIn;
import static io.baton.worker.codec.websocket.Frames.server;
import static io.baton.worker.codec.websocket.Frames.text;
import static io.baton.worker.codec.websocket.Frames.unmasked;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.service.CloseReason;
import io.baton.testing.Seeds;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.CutAnywhere;
import io.baton.worker.codec.CutAnywhere.Outcome;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The cases of the Autobahn test suite, by their numbers there, as bytes: an echo service, a client
 * that sends all at once, then the same in pieces and with moves in between.
 */
@ExtendWith(NoLeaks.class)
final class ConformanceTest {
  private static final int MAX = 128 * 1024;
  private static final int GOING_ON = 0;
  private static final int EVERY_CUT_UP_TO = 200;

  private final CutAnywhere echo = Echo.cut(new WebSocketCodec(MAX, false));
  private final CutAnywhere packing = Echo.cut(new WebSocketCodec(MAX, true));

  /**
   * A case.
   *
   * @param talk what the client sends
   * @param output what it gets, before the close frame if there is one
   * @param code that it is closed with; {@link #GOING_ON}: it is not
   */
  record Case(String name, Frames talk, String output, int code) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case echoed(String name, String output, Frames... talk) {
    return new Case(name, Frames.joined(talk), output, GOING_ON);
  }

  private static Case closed(String name, int code, String output, Frames... talk) {
    return new Case(name, Frames.joined(talk), output, code);
  }

  private static String said(String text) {
    return server(FIN | 1, new String(text.getBytes(UTF_8), ISO_8859_1));
  }

  private static String ponged(String content) {
    return server(FIN | 10, content);
  }

  private void check(CutAnywhere cut, Case each) {
    byte[] talk = Frames.of(each.talk);
    Outcome outcome = cut.uncut(talk);
    if (each.code == GOING_ON) {
      assertThat(outcome.output()).isEqualTo(each.output);
      assertThat(outcome.end()).isEqualTo(CloseReason.CLIENT);
    } else {
      assertThat(outcome.output()).startsWith(each.output);
      assertCloseFrame(outcome.output().substring(each.output.length()), each.code);
    }
    if (talk.length <= EVERY_CUT_UP_TO) {
      cut.everyCut(talk);
    }
    cut.randomly(talk, 10);
  }

  private static void assertCloseFrame(String frame, int code) {
    assertThat(frame).startsWith("\u0088").hasSizeGreaterThanOrEqualTo(4);
    assertThat(frame.charAt(1)).as("its length").isEqualTo((char) (frame.length() - 2));
    assertThat((frame.charAt(2) << 8) | frame.charAt(3)).as("close code").isEqualTo(code);
  }

  @ParameterizedTest
  @MethodSource
  void messagesOfAnyLength(Case each) {
    check(echo, each);
  }

  static Stream<Case> messagesOfAnyLength() {
    return IntStream.of(0, 125, 126, 127, 128, 65_535, 65_536)
        .boxed()
        .flatMap(n ->
            Stream.of(
                echoed("1.1 text of " + n, said("*".repeat(n)), frame(FIN | 1, "*".repeat(n))),
                echoed(
                    "1.2 binary of " + n,
                    server(FIN | 2, "\u00FE".repeat(n)),
                    frame(FIN | 2, "\u00FE".repeat(n)))));
  }

  @ParameterizedTest
  @MethodSource
  void pingsAndPongs(Case each) {
    check(echo, each);
  }

  static Stream<Case> pingsAndPongs() {
    Frames[] ten =
        IntStream.range(0, 10).mapToObj(i -> ping("payload-" + i)).toArray(Frames[]::new);
    String tenPongs =
        IntStream.range(0, 10).mapToObj(i -> ponged("payload-" + i)).reduce("", String::concat);
    String bytes = "\u0000\u00FF\u00FE\u00FD\u00FC\u00FB\u0000\u00FF";
    String most = "\u00FE".repeat(125);
    return Stream.of(
        echoed("2.1 empty ping", ponged(""), ping("")),
        echoed("2.2 ping with text", ponged("Hello"), ping("Hello")),
        echoed("2.3 ping with bytes", ponged(bytes), frame(FIN | 9, bytes)),
        echoed("2.4 ping of 125", ponged(most), frame(FIN | 9, most)),
        closed("2.5 ping of 126", 1002, "", frame(FIN | 9, most + "x")),
        echoed("2.7 pong nobody asked for", "", pong("")),
        echoed("2.8 pong with content", "", pong("unsolicited")),
        echoed("2.9 pong, then ping", ponged("ping"), pong("pong"), ping("ping")),
        echoed("2.10 ten pings", tenPongs, ten));
  }

  @ParameterizedTest
  @MethodSource
  void reservedBits(Case each) {
    check(echo, each);
  }

  static Stream<Case> reservedBits() {
    return Stream.of(
        closed("3.1 text with 1", 1002, "", frame(FIN | (1 << 4) | 1, "*")),
        closed("3.2 text, text with 2", 1002, said("a"), text("a"), frame(FIN | (2 << 4) | 1, "b")),
        closed("3.3 text with 3", 1002, said("a"), text("a"), frame(FIN | (3 << 4) | 1, "b")),
        closed("3.4 text with 4", 1002, said("a"), text("a"), frame(FIN | (4 << 4) | 1, "b")),
        closed("3.5 binary with 5", 1002, "", frame(FIN | (5 << 4) | 2, "b")),
        closed("3.6 ping with 6", 1002, "", frame(FIN | (6 << 4) | 9, "b")),
        closed("3.7 close with 7", 1002, "", frame(FIN | (7 << 4) | 8, "")));
  }

  @ParameterizedTest(name = "4.1, 4.2 opcode {0}")
  @ValueSource(ints = {3, 4, 5, 6, 7, 11, 12, 13, 14, 15})
  void reservedOpcodes(int opcode) {
    check(echo, closed("alone", 1002, "", frame(FIN | opcode, "")));
    check(echo, closed("after", 1002, said("a"), text("a"), frame(FIN | opcode, "x"), ping("")));
  }

  @ParameterizedTest
  @MethodSource
  void fragments(Case each) {
    check(echo, each);
  }

  static Stream<Case> fragments() {
    return Stream.of(
        closed("5.1 ping in fragments", 1002, "", frame(9, "a"), end("b")),
        closed("5.2 pong in fragments", 1002, "", frame(10, "a"), end("b")),
        echoed("5.3 two", said("ab"), begin("a"), end("b")),
        echoed("5.6 ping among them", ponged("p") + said("ab"), begin("a"), ping("p"), end("b")),
        closed("5.9 end of nothing", 1002, "", end("a"), text("b")),
        closed("5.12 more of nothing", 1002, "", more("a"), text("b")),
        closed("5.15 end behind an end", 1002, said("ab"), begin("a"), end("b"), more("c")),
        closed("5.16 twice nothing", 1002, "", more("a"), text("b"), end("c")),
        closed("5.18 text in a text", 1002, "", begin("a"), text("b")),
        closed("5.18 begin in a text", 1002, "", begin("a"), begin("b")),
        echoed(
            "5.19 five and two pings",
            ponged("1") + ponged("2") + said("abcde"),
            begin("a"),
            more("b"),
            ping("1"),
            more("c"),
            more("d"),
            ping("2"),
            end("e")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "6.1.1:", // empty
        "6.2.1:48656c6c6f2dc2b540c39fc3b6c3a4c3bcc3a0c3a12d5554462d382121",
        "6.5.1:cebae1bdb9cf83cebcceb5",
        "6.7.1:00",
        "6.7.2:c280",
        "6.7.3:e0a080",
        "6.7.4:f0908080",
        "6.9.1:7f",
        "6.9.2:dfbf",
        "6.9.3:efbfbf",
        "6.9.4:f48fbfbf",
        "6.11.1:ed9fbf",
        "6.11.2:ee8080",
        "6.11.3:efbfbd",
        "6.22.1:efbfbe",
        "6.22.3:f09fbfbe",
        "6.22.34:f48fbfbf",
        "6.23.1:efbfb9"
      })
  void validUtf8(String row) {
    String bytes = bytes(row);
    check(echo, echoed("whole", server(FIN | 1, bytes), frame(FIN | 1, bytes)));
    // 6.2.3: a fragment for each byte
    Frames[] each =
        Stream.of(
                Stream.of(frame(1, "")),
                bytes.chars().mapToObj(c -> frame(0, "" + (char) c)),
                Stream.of(frame(FIN, "")))
            .flatMap(s -> s)
            .toArray(Frames[]::new);
    check(echo, echoed("by byte", server(FIN | 1, bytes), each));
    check(packing, echoed("packed", server(FIN | 1, bytes), frame(FIN | RSV1 | 1, packed(bytes))));
  }

  private static byte[] packed(String bytes) {
    return Frames.packed(bytes.getBytes(ISO_8859_1));
  }

  private static String bytes(String row) {
    return new String(HexFormat.of().parseHex(row.substring(row.indexOf(':') + 1)), ISO_8859_1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "6.3.1:cebae1bdb9cf83cebcceb5eda080656469746564",
        "6.4.1:cebae1bdb9cf83cebcceb5f490808065646974656420",
        "6.6.1:ce",
        "6.6.3:cebae1",
        "6.6.4:cebae1bd",
        "6.6.11:cebae1bdb9cf83cebcce",
        "6.8.1:f888808080",
        "6.8.2:fc8480808080",
        "6.10.1:f7bfbfbf",
        "6.10.2:fbbfbfbfbf",
        "6.10.3:fdbfbfbfbfbf",
        "6.11.5:f4908080",
        "6.12.1:80",
        "6.12.2:bf",
        "6.12.8:80bf80bf80bf",
        "6.13.1:c020c120df20",
        "6.13.2:e020e120ef20",
        "6.13.3:f020f120f720",
        "6.14.1:c0",
        "6.14.2:e080",
        "6.14.3:f08080",
        "6.14.6:df",
        "6.14.7:efbf",
        "6.14.8:f7bfbf",
        "6.15.1:c0e080f08080f8808080",
        "6.16.1:fe",
        "6.16.2:ff",
        "6.16.3:fefeffff",
        "6.17.1:c0af",
        "6.17.2:e080af",
        "6.17.3:f08080af",
        "6.18.1:c1bf",
        "6.18.2:e09fbf",
        "6.18.3:f08fbfbf",
        "6.19.1:c080",
        "6.19.2:e08080",
        "6.19.3:f0808080",
        "6.20.1:eda080",
        "6.20.3:edaebf",
        "6.20.5:edb080",
        "6.20.7:edbfbf",
        "6.21.1:eda080edb080",
        "6.21.8:edafbfedbfbf"
      })
  void invalidUtf8(String row) {
    String bytes = bytes(row);
    int middle = bytes.length() / 2;
    check(echo, closed("whole", 1007, "", frame(FIN | 1, bytes), text("late")));
    check(
        echo,
        closed(
            "in two",
            1007,
            "",
            frame(1, bytes.substring(0, middle)),
            frame(FIN, bytes.substring(middle))));
    check(packing, closed("packed", 1007, "", frame(FIN | RSV1 | 1, packed(bytes))));
    check(echo, echoed("as binary", server(FIN | 2, bytes), frame(FIN | 2, bytes)));
  }

  @ParameterizedTest
  @MethodSource
  void closeHandshakes(Case each) {
    check(echo, each);
  }

  static Stream<Case> closeHandshakes() {
    Frames bye = close(1000, "");
    return Stream.of(
        closed("7.1.1 message, close", 1000, said("a"), text("a"), bye),
        closed("7.1.2 two closes", 1000, "", bye, bye),
        closed("7.1.3 ping behind it", 1000, "", bye, ping("p")),
        closed("7.1.4 text behind it", 1000, "", bye, text("a")),
        closed("7.1.5 fragment, close, rest", 1000, "", begin("a"), bye, end("b")),
        closed("7.1.6 long message behind", 1000, "", bye, frame(FIN | 2, "x".repeat(70_000))),
        closed("7.3.2 one byte", 1002, "", frame(FIN | 8, "a")),
        closed("7.3.4 with a reason", 1000, "", close(1000, "Hello World!")),
        closed("7.3.5 reason of 123", 1000, "", close(1000, "*".repeat(123))),
        closed("7.3.6 reason of 124", 1002, "", close(1000, "*".repeat(124))),
        closed("7.5.1 reason not UTF-8", 1007, "", frame(FIN | 8, "\3\u00E8\u00CE\u00BA\u00ED")));
  }

  @Test
  void anEmptyCloseIsEchoedEmpty() { // 7.3.1
    check(echo, echoed("7.3.1", server(FIN | 8, ""), frame(FIN | 8, "")));
  }

  @ParameterizedTest(name = "7.7 code {0}")
  @ValueSource(
      ints = {
        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000,
        4999
      })
  void closeCodesThatMayBeSentAreEchoed(int code) {
    check(echo, closed("7.7", code, "", close(code, "")));
    assertThat(echo.uncut(Frames.of(close(code, ""))).end()).isEqualTo(CloseReason.CLIENT);
  }

  @ParameterizedTest(name = "7.9, 7.13 code {0}")
  @ValueSource(ints = {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535})
  void closeCodesThatMayNotBeSentBreakTheProtocol(int code) {
    check(echo, closed("7.9", 1002, "", close(code, "")));
    assertThat(echo.uncut(Frames.of(close(code, ""))).end()).isEqualTo(CloseReason.PROTOCOL);
  }

  @ParameterizedTest(name = "9.3, 9.4, 10.1.1 fragments of {0}")
  @CsvSource({"64", "256", "1000", "1300", "4096", "65536"})
  void longMessagesInFragments(int piece) {
    String all = "*".repeat(MAX);
    Frames[] frames =
        IntStream.range(0, (MAX + piece - 1) / piece)
            .mapToObj(i ->
                frame(
                    (i == 0 ? 2 : 0) | ((i + 1) * piece >= MAX ? FIN : 0),
                    all.substring(i * piece, Math.min(MAX, (i + 1) * piece))))
            .toArray(Frames[]::new);
    check(echo, echoed("9.4", server(FIN | 2, all), frames));
  }

  @ParameterizedTest
  @MethodSource
  void tooLong(Case each) {
    check(each.name.startsWith("packed") ? packing : echo, each);
  }

  static Stream<Case> tooLong() {
    String most = "*".repeat(MAX);
    byte[] bomb = Frames.packed(new byte[MAX + 1]);
    byte[] half = Arrays.copyOf(bomb, bomb.length / 2);
    byte[] rest = Arrays.copyOfRange(bomb, half.length, bomb.length);
    return Stream.of(
        closed("said in the header", 1009, "", promise(FIN | 2, MAX + 1)),
        closed("said in 63 bits", 1009, "", promise(FIN | 2, Long.MAX_VALUE)),
        closed("said in 64 bits", 1002, "", promise(FIN | 2, Long.MIN_VALUE)),
        closed("a control frame's header", 1002, "", promise(FIN | 9, 126)),
        closed("in the next fragment", 1009, "", frame(2, most), promise(FIN, 1)),
        closed("in one of many", 1009, "", frame(2, most), frame(0, ""), promise(0, 1)),
        closed("packed: a bomb", 1009, "", frame(FIN | RSV1 | 2, bomb)),
        closed("packed: a bomb in two", 1009, "", frame(RSV1 | 2, half), frame(FIN, rest)),
        closed("packed: by its header", 1009, "", promise(FIN | RSV1 | 2, MAX * 2L)));
  }

  @ParameterizedTest
  @MethodSource
  void lengthsInMoreBytesThanTheyNeed(Case each) {
    check(echo, each);
  }

  static Stream<Case> lengthsInMoreBytesThanTheyNeed() { // RFC 6455, 5.2
    return Stream.of(
        closed("125 in 16 bits", 1002, "", promiseIn(2, FIN | 2, 125)),
        closed("0 in 16 bits", 1002, "", promiseIn(2, FIN | 2, 0)),
        closed("a ping's", 1002, "", promiseIn(2, FIN | 9, 5)),
        closed("65,535 in 64 bits", 1002, "", promiseIn(8, FIN | 2, 65_535)),
        closed("5 in 64 bits", 1002, "", promiseIn(8, FIN | 2, 5)),
        closed("a fragment's", 1002, "", frame(2, "a"), promiseIn(8, FIN, 5)));
  }

  @Test
  void theClientHasToMask() {
    check(echo, closed("RFC 6455, 5.1", 1002, "", unmasked(FIN | 1, "hi")));
    check(echo, closed("RFC 6455, 5.1", 1002, "", unmasked(FIN | 9, "")));
  }

  @ParameterizedTest
  @MethodSource
  void packedMessages(Case each) {
    check(packing, each);
  }

  static Stream<Case> packedMessages() {
    byte[] hello = Frames.packed("Hello".getBytes(UTF_8));
    byte[] first = Arrays.copyOf(hello, 3);
    byte[] rest = Arrays.copyOfRange(hello, 3, hello.length);
    return Stream.of(
        echoed("12.1 text", said("Hello"), frame(FIN | RSV1 | 1, hello)),
        echoed("12.2 binary", server(FIN | 2, "Hello"), frame(FIN | RSV1 | 2, hello)),
        echoed("empty", said(""), frame(FIN | RSV1 | 1, Frames.packed(new byte[0]))),
        echoed("empty, in no bytes", said(""), frame(FIN | RSV1 | 1, "")),
        echoed("13 in two", said("Hello"), frame(RSV1 | 1, first), frame(FIN, rest)),
        echoed("not packed though agreed", said("Hello"), text("Hello")),
        echoed("RFC 7692, 7.2.3.1", said("Hello"), frame(FIN | RSV1 | 1, bytes(":f248cdc9c90700"))),
        echoed(
            "RFC 7692, 7.2.3.3, without packing",
            said("Hello"),
            frame(FIN | RSV1 | 1, bytes(":000500faff48656c6c6f00"))),
        echoed(
            "RFC 7692, 7.2.3.4, a last block",
            said("Hello"),
            frame(FIN | RSV1 | 1, bytes(":f348cdc9c9070000"))),
        echoed(
            "RFC 7692, 7.2.3.5, two blocks",
            said("Hello"),
            frame(FIN | RSV1 | 1, bytes(":f24805000000ffffcac9c90700"))),
        closed("never packed", 1007, "", frame(FIN | RSV1 | 1, "\u00FF\u00FF\u00FF\u00FF")),
        closed("bit on a continuation", 1002, "", begin("a"), frame(FIN | RSV1, hello)),
        closed("bit on a ping", 1002, "", frame(FIN | RSV1 | 9, "")),
        closed("another bit with it", 1002, "", frame(FIN | RSV1 | 0x20 | 1, hello)));
  }

  /** Blocks of deflate that hold nothing (RFC 1951, 3.2.4), in front of a packed text. */
  private static Frames behindEmptyBlocks(int blocks, String text) {
    byte[] packed = Frames.packed(text.getBytes(UTF_8));
    ByteBuffer all = ByteBuffer.allocate(5 * blocks + packed.length);
    for (int i = 0; i < blocks; i++) {
      all.put(bytes(":000000ffff").getBytes(ISO_8859_1));
    }
    return frame(FIN | RSV1 | 1, all.put(packed).array());
  }

  @Test
  void blocksThatBringNothingAreBounded() {
    String text = "Hello".repeat(200);
    check(
        packing, echoed("of a sender that flushed", said("Hello"), behindEmptyBlocks(10, "Hello")));
    String answer = server(FIN | RSV1 | 1, new String(packed(text), ISO_8859_1));
    check(packing, echoed("some for much", answer, behindEmptyBlocks(100, text)));
    check(packing, closed("some for little", 1007, "", behindEmptyBlocks(20, "Hello")));
    check(packing, closed("more than it brings", 1007, "", behindEmptyBlocks(300, text)));
    check(packing, closed("a whole message of them", 1007, "", behindEmptyBlocks(20_000, "")));
  }

  @Test
  void eachMessageIsUnpackedByItself() {
    byte[] packed = Frames.packed("Hello".getBytes(UTF_8));
    // With context takeover the second of two could be "f2 00 11 00 00": a reference to the first.
    check(
        packing,
        closed(
            "RFC 7692, 7.2.3.2",
            1007,
            said("Hello"),
            frame(FIN | RSV1 | 1, packed),
            frame(FIN | RSV1 | 1, bytes(":f200110000"))));
  }

  @Test
  void longAnswersArePacked() {
    byte[] content = "again and ".repeat(100).getBytes(UTF_8);
    check(
        packing,
        echoed(
            "13",
            server(FIN | RSV1 | 2, new String(packed(new String(content, UTF_8)), ISO_8859_1)),
            binary(content)));
  }

  @Test
  void whatPackingMakesNoShorterIsSentAsItIs() {
    byte[] noise = new byte[1000];
    new Random(Seeds.one(ConformanceTest.class)).nextBytes(noise);
    check(packing, echoed("noise", server(FIN | 2, new String(noise, ISO_8859_1)), binary(noise)));
  }

  @Test
  void theLongestMessageMayResistPacking() {
    byte[] noise = new byte[MAX];
    new Random(Seeds.one(ConformanceTest.class)).nextBytes(noise);
    byte[] packed = Frames.packed(noise);
    assertThat(packed.length).isGreaterThan(MAX);
    check(
        packing,
        echoed(
            "noise",
            server(FIN | 2, new String(noise, ISO_8859_1)),
            frame(FIN | RSV1 | 2, packed)));
  }
}
