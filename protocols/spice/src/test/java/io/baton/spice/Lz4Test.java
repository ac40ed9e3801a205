package io.baton.spice;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.spice.testing.Lz4Block;
import io.baton.testing.Seeds;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class Lz4Test {
  private final Lz4 lz4 = new Lz4();

  private byte[] throughBoth(byte[] bytes) {
    byte[] block = lz4.compress(bytes);
    assertThat(block.length).isLessThanOrEqualTo(Lz4.bound(bytes.length));
    return Lz4Block.decompress(block, bytes.length);
  }

  @Test
  void whatIsCompressedIsTheSameAfterwards() {
    Seeds.many(Lz4Test.class, 100_000, 1_000)
        .forEach(seed -> {
          Random random = new Random(seed);
          byte[] bytes = new byte[random.nextInt(1 << random.nextInt(17))];
          int values = 1 + random.nextInt(256);
          for (int i = 0; i < bytes.length; i++) {
            boolean repeats = i > 300 && random.nextInt(100) < 95;
            bytes[i] =
                repeats ? bytes[i - 1 - random.nextInt(3) * 99] : (byte) random.nextInt(values);
          }
          assertThat(throughBoth(bytes)).as("seed %d", seed).isEqualTo(bytes);
        });
  }

  @Test
  void allLengthsOfLiteralsAndMatchesAreWrittenRight() {
    for (int length = 0; length < 1200; length++) {
      byte[] same = new byte[length];
      assertThat(throughBoth(same)).isEqualTo(same);
      byte[] noise = new byte[length];
      new Random(length).nextBytes(noise);
      assertThat(throughBoth(noise)).isEqualTo(noise);
      byte[] twice = Arrays.copyOf(noise, 2 * length);
      System.arraycopy(noise, 0, twice, length, length);
      assertThat(throughBoth(twice)).isEqualTo(twice);
    }
  }

  @Test
  void aPlainAreaBecomesSmall() {
    assertThat(lz4.compress(new byte[64 * 1024])).hasSizeLessThan(300);
  }
}
