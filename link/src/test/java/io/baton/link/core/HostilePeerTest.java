package io.baton.link.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.baton.testing.Seeds;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A client that breaks the rules, and a server that says so and holds no more than it has to. */
class HostilePeerTest {
  private static final Limits LIMITS = new Limits(1_024, 2_048, 4_096, 65_536);

  private final Random random = new Random(1);
  private final LinkCore server = Handshakes.open(LIMITS, LIMITS, random).server();
  private final RecordingEvents events = new RecordingEvents();

  @ParameterizedTest
  @CsvSource({
    "01000007, 'PROTOCOL: a frame announces 65536 bytes; the longest has 65535'",
    "00000063, 'PROTOCOL: unknown frame type 99'",
    "00000000, 'PROTOCOL: unknown frame type 0'",
    "00000001, 'PROTOCOL: HELLO in an open session'",
    "0000010700, 'PROTOCOL: an empty DATA frame'",
    "00000007, 'PROTOCOL: a channel is cut off'",
    "0000020780ff, 'PROTOCOL: a channel is cut off'",
    "00000907ffffffffffffffffff, 'PROTOCOL: a number has more than 63 bits'",
    "0000040700020000, 'PROTOCOL: a message of the undefined type set 0'",
    "000004070002, 'none'",
    "00000407000201, 'none'",
    "0000040700020100, 'PROTOCOL: ask 0 after ask 0'",
    "0000040700020080, 'PROTOCOL: a message''s type set is cut off'",
    "00000407000100, 'none'",
    "0000040700020105, 'PROTOCOL: a message''s type set is cut off'",
    "000006070004010500 00, 'PROTOCOL: a message of the undefined type set 0'",
    "0000040700020201, 'PROTOCOL: an answer to ask 1; the last was 0'",
    "0000060700040301 0000, 'PROTOCOL: an answer to ask 1; the last was 0'",
    "0000040700020401, 'PROTOCOL: CANCEL of ask 1, which has not come'",
    "0000040700020580, 'PROTOCOL: a message of kind 5; known are 0 to 4'",
    "0000060701 0000010200, 'PROTOCOL: a message channel has no length'",
    "0000040701 000000 00000708010400 00000000, 'PROTOCOL: END of channel 1 at 4, after 3 bytes'",
    "0000050701 00000002 00000708010400 00000000, 'PROTOCOL: END of channel 1 inside a message'",
    "0000040701 000000 00000708010300 00000000, 'none'",
    "0000040701 0001ff, 'none'",
    "0000050701 0001ff00, 'PROTOCOL: a channel''s name is not UTF-8'",
    "0000030700FF0F, 'TOO_LONG: a message of more than 2048 bytes; send what is longer as a stream'",
    "0000030700FE0F, 'none'",
    "00000307008010, 'TOO_LONG: a message of more than 2048 bytes; send what is longer as a stream'",
    "0000030700ffff, 'TOO_LONG: a message of more than 2048 bytes; send what is longer as a stream'",
    "00040207, 'none'",
    "00040207000000000000000000, 'PROTOCOL: DATA beyond the window of channel 0'",
    "0000010780, 'PROTOCOL: a channel is cut off'",
    "000002070201, 'PROTOCOL: channel 2 is none that the peer writes'",
    "000002070102, 'PROTOCOL: a channel of kind 2; known are 0 and 1'",
    "00000607010180808001, 'PROTOCOL: a channel''s name of 2097152 bytes; at most 255'",
    "00000708010000 00000000, 'PROTOCOL: END of channel 1, which is not open'",
    "000002090001, 'PROTOCOL: a GRANT of channel 0 to 1; allowed are 0 to 0'",
    "000002090101, 'PROTOCOL: channel 1 is none that this side writes'",
    "000002090201, 'PROTOCOL: channel 2 is none that this side writes'",
    "00000309000000, 'PROTOCOL: GRANT has 1 bytes too many'",
    "00000109 00, 'PROTOCOL: GRANT is too short'",
    "0000010f01, 'PROTOCOL: a CREDIT to 1; allowed are 0 to 0'",
    "0000020a0000, 'PROTOCOL: channel 0 is none that this side writes'",
    "0000010b00, 'PROTOCOL: PING is too short'",
    "0000020680020000, 'PROTOCOL: DEFINE: a type set is 256; at most 255'",
    "0000020600AA0000020600AB, 'DIVERGED: type set 0 is defined with two schemas'",
    "0000030e001202, 'PROTOCOL: GOODBYE: a flag is 0 or 1, not 2'",
    "0000050e00120101ff, 'PROTOCOL: GOODBYE: text is not UTF-8'",
  })
  void violationIsAnsweredWithItsReason(String hex, String reason) {
    byte[] bytes = java.util.HexFormat.of().parseHex(hex.replace(" ", ""));
    server.read(ByteBuffer.wrap(bytes), events);
    if (reason.equals("none")) {
      assertThat(server.isOver()).isFalse();
    } else {
      assertThat(events.lines.getLast()).isEqualTo("closed " + reason);
      ByteBuffer answer = ByteBuffer.allocate(2_000);
      server.write(answer);
      int length = answer.getInt(0) >>> 8;
      assertThat(answer.get(3)).isEqualTo((byte) FrameType.GOODBYE.number());
      assertThat(answer.position()).isEqualTo(Frame.HEAD_BYTES + length);
      server.read(ByteBuffer.wrap(bytes), events);
      assertThat(events.lines).as("closed once").doesNotHaveDuplicates();
      assertThat(LinkCore.restore(server.save()).isOver()).isTrue();
    }
  }

  @Test
  void sessionThatAViolationHasEndedIsSavedWhateverWasHalfRead() {
    LinkCore ended = Handshakes.open(LIMITS, LIMITS, random).server();
    ended.read(ByteBuffer.wrap(Frame.of(FrameType.DEFINE, new byte[1])), events);
    events.takes = false;
    byte[] messages = {0, 2, 0, 0, 2, 0, 0, 2, 0, 1, 2, 0, 0};
    ended.read(ByteBuffer.wrap(Frame.of(FrameType.DATA, messages)), events);
    assertThat(ended.holdsBack()).isTrue();
    events.takes = true;
    ended.deliver(events);
    assertThat(events.lines).endsWith("closed PROTOCOL: a message of the undefined type set 1");
    assertThat(LinkCore.restore(ended.save()).isOver()).isTrue();

    byte[] kind = new ByteSink().varint(1).raw(new byte[300]).toFrame(FrameType.DATA);
    server.read(ByteBuffer.wrap(kind), events);
    assertThat(LinkCore.restore(server.save()).isOver()).isTrue();
  }

  @Test
  void peerThatPinsEveryWindowHoldsNoMoreThanTheCredit() {
    ByteSink hostile = new ByteSink();
    for (int channel = 1; channel < 129; channel += 2) {
      byte[] head = {1, 0, 0};
      hostile.raw(new ByteSink().varint(channel).raw(head).toFrame(FrameType.DATA));
    }
    server.read(ByteBuffer.wrap(hostile.toBytes()), events);
    assertThat(events.lines).hasSize(64);
    long sent = 64 * 3;
    for (int channel = 1; sent + 1_000 <= LIMITS.credit(); channel += 2) {
      byte[] data = new ByteSink().varint(channel).raw(new byte[1_000]).toFrame(FrameType.DATA);
      server.read(ByteBuffer.wrap(data), events);
      sent += 1_000;
    }
    assertThat(server.isOver()).isFalse();
    assertThat(server.buffered()).isLessThan(2L * LIMITS.credit() + 64 * 256);
    byte[] more = new ByteSink().varint(127).raw(new byte[1_000]).toFrame(FrameType.DATA);
    server.read(ByteBuffer.wrap(more), events);
    assertThat(events.lines.getLast())
        .isEqualTo("closed PROTOCOL: DATA beyond the credit of the session");
  }

  @Test
  void channelBeyondThe64thIsRefused() {
    for (int channel = 1; channel <= 129; channel += 2) {
      byte[] head = new ByteSink().varint(channel).raw(new byte[] {1}).toFrame(FrameType.DATA);
      server.read(ByteBuffer.wrap(head), events);
    }
    assertThat(events.lines.getLast()).isEqualTo("closed TOO_MANY: more than 64 open channels");
  }

  @Test
  void announcedLengthsTakeNoMemoryBeforeTheBytesCome() {
    byte[] goodbye = {0, (byte) 0xFF, (byte) 0xFF, 6, 0};
    server.read(ByteBuffer.wrap(goodbye), events);
    assertThat(server.buffered()).isLessThan(64);
  }

  @Test
  void damagedSavedBytesAreRestoredOrRefusedWithAReason() {
    Handshakes.Pair pair = Handshakes.open(LIMITS, LIMITS, random);
    LinkCore client = pair.client();
    client.define(3, ByteBuffer.allocate(20));
    for (int i = 0; i < 4; i++) {
      client.send(3, ByteBuffer.allocate(300));
    }
    int channel = client.streams().open("s", 10);
    client.streams().write(channel, ByteBuffer.allocate(10));
    ByteBuffer bytes = ByteBuffer.allocate(900);
    client.write(bytes);
    events.takes = false;
    pair.server().read(bytes.flip(), events);
    long seed = Seeds.one(HostilePeerTest.class);
    damage(client.save(), new Random(seed), seed);
    damage(pair.server().save(), new Random(seed), seed);
  }

  private void damage(byte[] saved, Random damages, long seed) {
    assertThat(LinkCore.restore(saved).save()).isEqualTo(saved);
    for (int i = 0; i < saved.length; i++) {
      byte[] cut = Arrays.copyOf(saved, i);
      assertThatCode(() -> LinkCore.restore(cut)).isInstanceOf(IllegalArgumentException.class);
    }
    for (int i = 0; i < 5_000; i++) {
      byte[] damaged = saved.clone();
      for (int n = 1 + damages.nextInt(3); n > 0; n--) {
        damaged[damages.nextInt(saved.length)] = (byte) damages.nextInt();
      }
      use(damaged, seed);
    }
  }

  private static void use(byte[] damaged, long seed) {
    LinkCore core;
    try {
      core = LinkCore.restore(damaged);
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageContaining("saved");
      return;
    }
    try {
      RecordingEvents events = new RecordingEvents();
      core.write(ByteBuffer.allocate(5_000));
      core.deliver(events);
      core.lost();
      core.save();
    } catch (RuntimeException e) {
      throw new AssertionError("seed " + seed, e);
    }
  }
}
