package io.baton.link.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.testing.Seeds;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class VarintTest {
  @Test
  void numberIsReadAsItWasWrittenInAsManyBytesAsSaid() throws LinkProtocolException {
    long seed = Seeds.one(VarintTest.class);
    Random random = new Random(seed);
    for (int i = 0; i < 10_000; i++) {
      long value = random.nextLong() >>> (1 + random.nextInt(63));
      ByteBuffer bytes = ByteBuffer.allocate(Varint.MAX_BYTES);
      Varint.write(bytes, value);
      assertThat(bytes.position()).as("seed %d: %d", seed, value).isEqualTo(Varint.size(value));
      assertThat(Varint.read(bytes.flip())).as("seed %d", seed).isEqualTo(value);
      assertThat(bytes.hasRemaining()).isFalse();
    }
  }

  @Test
  void numberThatIsNotInItsShortestFormIsRefused() {
    assertThatThrownBy(() -> Varint.read(bytes("8000")))
        .isInstanceOf(LinkProtocolException.class)
        .hasMessageContaining("shortest");
  }

  @Test
  void numberOfMoreThan63BitsIsRefused() {
    assertThatThrownBy(() -> Varint.read(bytes("ffffffffffffffffff01")))
        .isInstanceOf(LinkProtocolException.class)
        .hasMessageContaining("63 bits");
  }

  @Test
  void numberThatGoesOnBehindTheEndIsRefused() {
    assertThatThrownBy(() -> Varint.read(bytes("ff"))).isInstanceOf(BufferUnderflowException.class);
    assertThatThrownBy(() -> Varint.read(bytes("ff"), 9, "a channel"))
        .hasMessage("a channel is cut off");
  }

  @Test
  void numberAboveItsBoundIsRefusedWithTheBound() {
    assertThatThrownBy(() -> Varint.read(bytes("0a"), 9, "a channel"))
        .hasMessage("a channel is 10; at most 9");
  }

  private static ByteBuffer bytes(String hex) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(hex));
  }
}
