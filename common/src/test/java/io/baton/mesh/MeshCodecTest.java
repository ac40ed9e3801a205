package io.baton.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.mesh.MeshMessage.Answer;
import io.baton.mesh.MeshMessage.Ask;
import io.baton.mesh.MeshMessage.Begun;
import io.baton.mesh.MeshMessage.Claimed;
import io.baton.mesh.MeshMessage.Ended;
import io.baton.mesh.MeshMessage.Forward;
import io.baton.mesh.MeshMessage.Gap;
import io.baton.mesh.MeshMessage.Has;
import io.baton.mesh.MeshMessage.Member;
import io.baton.mesh.MeshMessage.Members;
import io.baton.mesh.MeshMessage.Offers;
import io.baton.mesh.MeshMessage.Passed;
import io.baton.mesh.MeshMessage.Publish;
import io.baton.mesh.MeshMessage.Reset;
import io.baton.mesh.MeshMessage.Stay;
import io.baton.mesh.MeshMessage.Synced;
import io.baton.mesh.MeshMessage.Tail;
import io.baton.mesh.MeshMessage.TailDone;
import io.baton.mesh.MeshMessage.Unwant;
import io.baton.mesh.MeshMessage.Verdict;
import io.baton.mesh.MeshMessage.Want;
import io.baton.mesh.MeshMessage.Who;
import io.baton.mesh.MeshMessage.Withdraw;
import io.baton.mesh.MeshMessage.Withdrawn;
import io.baton.pipe.MalformedMessageException;
import io.baton.testing.Seeds;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MeshCodecTest {
  /** The bytes in hexadecimal, a space before each field, as {@link MeshMessageType} says. */
  private static final Map<MeshMessage, String> BYTES =
      Map.ofEntries(
          Map.entry(new Synced(), "01"),
          Map.entry(new Want("ab", 3), "02 02 6162 03000000"),
          Map.entry(new Has("ab", 3, 4), "03 02 6162 03000000 0400000000000000"),
          Map.entry(new Unwant("ab"), "04 02 6162"),
          Map.entry(
              new Publish("ab", 4, new byte[] {5, 6}), "05 02 6162 0400000000000000 02000000 0506"),
          Map.entry(new Gap("ab", 4), "06 02 6162 0400000000000000"),
          Map.entry(new Tail(1, 2), "07 0100000000000000 02000000"),
          Map.entry(
              new Forward(1, 2, 3, "ab", 4, new byte[] {5}),
              "08 0100000000000000 02000000 0300000000000000 02 6162 0400000000000000 01000000 05"),
          Map.entry(
              new Passed(1, 2, 3, "ab", 4),
              "09 0100000000000000 02000000 0300000000000000 02 6162 0400000000000000"),
          Map.entry(
              new Begun(1, 2, 3, "ab", 4),
              "13 0100000000000000 02000000 0300000000000000 02 6162 0400000000000000"),
          Map.entry(
              new Claimed(1, 2, List.of(3L, 4L)),
              "15 0100000000000000 02000000 0200 0300000000000000 0400000000000000"),
          Map.entry(new Ended(1, 2, 3), "0a 0100000000000000 02000000 0300000000000000"),
          Map.entry(new TailDone(1, 2), "0b 0100000000000000 02000000"),
          Map.entry(new Who(1, "ab"), "0c 0100000000000000 02 6162"),
          Map.entry(
              new Members(1, true, 4, List.of(new Member(2, 3, Stay.HERE, false, "c", "d"))),
              "0d 0100000000000000 01 04000000 01 0200000000000000 03000000 01 00 0100 63 0100 64"),
          Map.entry(
              new Offers(9, 1, true, 2, List.of("ab")),
              "0e 0900000000000000 01000000 01 02000000 01 02 6162"),
          Map.entry(new Withdraw(), "0f"),
          Map.entry(new Withdrawn(), "10"),
          Map.entry(new Reset(), "14"),
          Map.entry(
              new Ask(1, "ab", "k", 2, new byte[] {3}),
              "11 0100000000000000 02 6162 01 01 6b 02000000 01000000 03"),
          Map.entry(
              new Ask(1, "ab", null, 2, new byte[] {3}),
              "11 0100000000000000 02 6162 00 02000000 01000000 03"),
          Map.entry(
              new Answer(1, Verdict.FAILED, 2, new byte[] {3}),
              "12 0100000000000000 02 02000000 01000000 03"));

  @Test
  void theBytesAreThoseThatAreDocumented() {
    BYTES.forEach((message, bytes) ->
        assertThat(HexFormat.of().formatHex(bytes(MeshSamples.written(message))))
            .as("%s", message)
            .isEqualTo(bytes.replace(" ", "")));
    assertThat(BYTES.keySet().stream().map(Object::getClass).collect(Collectors.toSet()))
        .containsExactlyInAnyOrder(MeshMessage.class.getPermittedSubclasses());
  }

  @Test
  void everyMessageIsReadAsItWasWritten() throws Exception {
    for (MeshMessage message : MeshSamples.ALL) {
      assertSame(MeshCodec.read(MeshSamples.written(message)), List.of(message));
    }
  }

  @Test
  void messagesInARowShareAPacket() throws Exception {
    List<MeshMessage> some = List.of(new Synced(), new Want("a", 1), new Gap("b", 2));
    ByteBuffer packet = MeshSamples.buffer(100);
    some.forEach(message -> assertThat(MeshCodec.write(message, packet)).isTrue());
    assertSame(MeshCodec.read(packet.flip()), some);
  }

  @Test
  void aMessageThatDoesNotFitLeavesThePacketAsItWas() throws Exception {
    ByteBuffer packet = MeshSamples.buffer(10);
    assertThat(MeshCodec.write(new Synced(), packet)).isTrue();
    assertThat(MeshCodec.write(new Want("topic", 1), packet)).isFalse();
    assertSame(MeshCodec.read(packet.flip()), List.of(new Synced()));
  }

  @Test
  void theLongestMessagesFitAPacketBehindAnOpening() throws Exception {
    for (MeshMessage message : MeshSamples.ALL) {
      ByteBuffer packet = MeshSamples.buffer(MeshCodec.MAX_PACKET);
      MeshCodec.open(packet);
      assertThat(MeshCodec.write(message, packet)).as("%s", message).isTrue();
      assertThat(MeshCodec.readOpening(packet.flip())).isEqualTo(MeshCodec.VERSION);
      assertSame(MeshCodec.read(packet), List.of(message));
    }
  }

  @Test
  void whatIsTooLongIsNotWritten() {
    ByteBuffer packet = MeshSamples.buffer(2 * MeshCodec.MAX_PACKET);
    String tooLong = "t".repeat(256);
    assertThatThrownBy(() -> MeshCodec.write(new Unwant(tooLong), packet))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a topic of 256 bytes");
    byte[] message = new byte[MeshMessage.MAX_MESSAGE_BYTES + 1];
    assertThatThrownBy(() -> MeshCodec.write(new Publish("t", 1, message), packet))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a message of 65537 bytes");
  }

  @ParameterizedTest
  @CsvSource({
    "00, an unknown message type 0",
    "ff, an unknown message type 255",
    "02, a message that ends too early",
    "04 02 61, a message that ends too early",
    "04 02 c328, a topic that is not UTF-8",
    "05 00 0000000000000000 01000100, a message of 65537 bytes",
    "05 00 0000000000000000 ffffffff, a count of -1",
    "0d 0000000000000000 02 00000000 00, a flag of 2",
    "0d 0000000000000000 00 00000000 41, a list of 65 members",
    "0d 0000000000000000 00 00000000 01 0000000000000000 00000000 03, an unknown stay 3",
    "0e 0100000000000000 00000000 00 ffffffff 00, a count of -1",
    "0e 0100000000000000 00000000 00 00000000 81, a list of 129 names",
    "11 0000000000000000 00 02, a flag of 2",
    "12 0000000000000000 00, an unknown verdict 0",
    "01 ee, an unknown message type 238",
  })
  void whatNoWorkerWouldSendIsMalformed(String bytes, String why) {
    assertThatThrownBy(() -> MeshCodec.read(packet(bytes)))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessage(why);
  }

  @ParameterizedTest
  @CsvSource({
    "01, a first packet that begins with 1",
    "00 01, a first packet that ends too early",
    "00 0000, version 0 of the messages between workers; 1 to 1 are read",
  })
  void aFirstPacketWithoutAReadableVersionIsMalformed(String bytes, String why) {
    assertThatThrownBy(() -> MeshCodec.readOpening(packet(bytes)))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessage(why);
  }

  @Test
  void aNeighbourOfALaterVersionIsUnderstood() throws Exception {
    assertThat(MeshCodec.readOpening(packet("00 0200"))).isEqualTo(2);
  }

  @Test
  void messagesCutOffAnywhereAreMalformed() {
    for (MeshMessage message : BYTES.keySet()) {
      byte[] whole = bytes(MeshSamples.written(message));
      for (int length = 1; length < whole.length; length++) {
        ByteBuffer part = ByteBuffer.wrap(whole, 0, length).order(ByteOrder.LITTLE_ENDIAN);
        assertThatThrownBy(() -> MeshCodec.read(part))
            .as("%s", message)
            .isInstanceOf(MalformedMessageException.class);
      }
    }
  }

  @Test
  void randomBytesAreMessagesOrMalformedAndNothingElse() {
    for (long seed : Seeds.many(MeshCodecTest.class, 1_000_000, 20_000).toArray()) {
      Random random = new Random(seed);
      byte[] bytes = new byte[1 + random.nextInt(60)];
      random.nextBytes(bytes);
      bytes[0] = (byte) random.nextInt(15);
      try {
        MeshCodec.read(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
      } catch (MalformedMessageException e) {
        assertThat(e.getMessage()).as("seed %d", seed).startsWith("a");
      }
    }
  }

  /** Their arrays are not equal, their bytes are. */
  private static void assertSame(List<MeshMessage> read, List<MeshMessage> written) {
    assertThat(read).hasSameSizeAs(written);
    for (int i = 0; i < read.size(); i++) {
      assertThat(read.get(i)).hasSameClassAs(written.get(i));
      assertThat(
              Arrays.equals(
                  bytes(MeshSamples.written(read.get(i))),
                  bytes(MeshSamples.written(written.get(i)))))
          .as("%s", written.get(i))
          .isTrue();
    }
  }

  private static byte[] bytes(ByteBuffer packet) {
    byte[] bytes = new byte[packet.remaining()];
    packet.get(packet.position(), bytes);
    return bytes;
  }

  private static ByteBuffer packet(String hex) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(hex.replace(" ", "")))
        .order(ByteOrder.LITTLE_ENDIAN);
  }
}
