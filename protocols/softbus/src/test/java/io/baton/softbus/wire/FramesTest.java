package io.baton.softbus.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

class FramesTest {
  private static final int MAX_DATA = 100;

  private final GcmKey key = GcmKey.random(new SecureRandom());
  private final FrameSealer sealer = new FrameSealer(key, Ivs.RANDOM, 0);
  private final FrameOpener opener = new FrameOpener(key, FrameOpener.NONE);

  private static byte[] bytes(String text) {
    return text.getBytes(US_ASCII);
  }

  private static ByteBuffer head(int magic, int body) {
    return ByteBuffer.allocate(16)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(magic)
        .putInt(0)
        .putInt(0)
        .putInt(body)
        .flip();
  }

  @Test
  void aFrameComesOutAsItWasSealed() throws Exception {
    assertThat(opener.open(sealer.seal(bytes("one")))).isEqualTo(bytes("one"));
    assertThat(opener.open(sealer.seal(bytes("two")))).isEqualTo(bytes("two"));
    assertThat(opener.last()).isEqualTo(1);
    assertThat(sealer.next()).isEqualTo(2);
  }

  @Test
  void aReplayedFrameIsRefused() throws Exception {
    byte[] one = sealer.seal(bytes("one"));
    opener.open(one);
    opener.open(sealer.seal(bytes("two")));
    assertThatExceptionOfType(SoftBusException.class)
        .isThrownBy(() -> opener.open(one))
        .withMessage("frame 0 after frame 1: it is replayed or out of order");
  }

  @Test
  void aReplayedFrameWithAnotherNumberInItsHeadIsRefused() throws Exception {
    byte[] one = sealer.seal(bytes("one"));
    opener.open(one);
    one[4] = 9;
    assertThatExceptionOfType(SoftBusException.class)
        .isThrownBy(() -> opener.open(one))
        .withMessage("frame 9 has an iv of another number");
    one[16] = 9;
    assertThatExceptionOfType(SoftBusException.class)
        .isThrownBy(() -> opener.open(one))
        .withMessageContaining("changed on its way");
  }

  @Test
  void numbersMayBeLeftOutAndGoUpToTheLastOf32Bits() throws Exception {
    assertThat(opener.open(new FrameSealer(key, Ivs.RANDOM, 7).seal(bytes("x")))).hasSize(1);
    FrameSealer end = new FrameSealer(key, Ivs.RANDOM, 0xFFFF_FFFFL);
    assertThat(opener.open(end.seal(bytes("last")))).isEqualTo(bytes("last"));
    assertThatIllegalStateException().isThrownBy(() -> end.seal(bytes("one more")));
  }

  @Test
  void eachChangedByteOfAFrameBehindItsHeadIsNoticed() {
    byte[] frame = sealer.seal(bytes("data"));
    for (int i = 16; i < frame.length; i++) {
      byte[] changed = frame.clone();
      changed[i] ^= 1;
      assertThatExceptionOfType(SoftBusException.class)
          .as("byte %d", i)
          .isThrownBy(() -> opener.open(changed));
    }
    assertThat(opener.last()).isEqualTo(FrameOpener.NONE);
  }

  @Test
  void aHeadIsRefusedFromItsFourthByteOn() {
    ByteBuffer garbage = ByteBuffer.wrap(bytes("GET "));
    assertThatExceptionOfType(SoftBusException.class)
        .isThrownBy(() -> DataFrame.length(garbage, MAX_DATA))
        .withMessage("bytes that begin with 0x20544547; allowed: 0xBABEFACE");
    assertThatExceptionOfType(SoftBusException.class)
        .isThrownBy(() -> SessionRequest.length(garbage));
  }

  @Test
  void lengthsHaveBounds() throws Exception {
    int over = GcmKey.OVERHEAD;
    assertThat(DataFrame.length(head(FirstPacket.MAGIC, over + 1), MAX_DATA)).isEqualTo(45);
    assertThat(DataFrame.length(head(FirstPacket.MAGIC, over + MAX_DATA), MAX_DATA)).isPositive();
    for (int wrong : new int[] {over + MAX_DATA + 1, over, 0, -1, Integer.MIN_VALUE, 1 << 30}) {
      assertThatExceptionOfType(SoftBusException.class)
          .isThrownBy(() -> DataFrame.length(head(FirstPacket.MAGIC, wrong), MAX_DATA))
          .withMessageContaining(Integer.toUnsignedString(wrong))
          .withMessageContaining("allowed: 29 to 128");
    }
  }

  @Test
  void keysHaveTheirLengthAndDoNotShowThemselves() {
    assertThatIllegalArgumentException().isThrownBy(() -> GcmKey.ofSession(new byte[31]));
    assertThatIllegalArgumentException().isThrownBy(() -> GcmKey.ofAuthentication(new byte[32]));
    AuthenticationKey seven = new AuthenticationKey(7, GcmKey.ofAuthentication(new byte[16]));
    assertThat(seven).hasToString("authentication key 7");
    assertThat(new SessionRequest("a", key, seven))
        .hasToString(
            "SessionRequest[name=a, key=an AES key of 256 bits, under=authentication key 7]");
  }
}
