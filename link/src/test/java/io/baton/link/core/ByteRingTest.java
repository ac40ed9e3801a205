package io.baton.link.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.Seeds;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ByteRingTest {
  /** The byte at each offset is known, so no other copy is needed. */
  @Test
  void bytesAreThereFromStartToEndWhateverIsAppendedAndDropped() {
    long seed = Seeds.one(ByteRingTest.class);
    Random random = new Random(seed);
    ByteRing ring = new ByteRing();
    for (int i = 0; i < 20_000; i++) {
      if (i % 50 == 0) {
        ring = new ByteRing();
        ring.skip(random.nextLong(1L << 40));
      }
      int n = random.nextInt(400);
      switch (random.nextInt(4)) {
        case 0, 1 -> append(ring, n);
        case 2 -> ring.dropTo(ring.start() + Math.min(random.nextInt(600), ring.size()));
        default -> ring.cutTo(ring.end() - Math.min(n / 8, ring.size()));
      }
      if (ring.size() > 0) {
        long from = ring.start() + random.nextInt(ring.size());
        int length = random.nextInt((int) (ring.end() - from) + 1);
        check(ring.view(from, length), from, length, seed);
        ByteBuffer copy = ByteBuffer.allocate(length);
        ring.copy(from, length, copy);
        check(copy.flip(), from, length, seed);
        assertThat(ring.at(from)).isEqualTo((byte) (from * 31));
      }
      assertThat(ring.capacity()).isLessThanOrEqualTo(Math.max(256, largest(ring) * 2));
    }
  }

  @Test
  void emptyRingGivesLargeMemoryBack() {
    ByteRing ring = new ByteRing();
    append(ring, 100_000);
    ring.dropTo(100_000);
    assertThat(ring.capacity()).isZero();
    append(ring, 10);
    check(ring.view(100_000, 10), 100_000, 10, 0);
  }

  private int most;

  private int largest(ByteRing ring) {
    most = Math.max(most, ring.size());
    return most;
  }

  private static void append(ByteRing ring, int n) {
    ByteBuffer bytes = ByteBuffer.allocate(n);
    for (int i = 0; i < n; i++) {
      bytes.put((byte) ((ring.end() + i) * 31));
    }
    ring.append(bytes.flip());
  }

  private static void check(ByteBuffer bytes, long from, int length, long seed) {
    assertThat(bytes.remaining()).isEqualTo(length);
    for (int i = 0; i < length; i++) {
      if (bytes.get() != (byte) ((from + i) * 31)) {
        throw new AssertionError("seed " + seed + ": another byte at " + (from + i));
      }
    }
  }
}
