package io.baton.worker.topics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TopicHashTest {
  private final TopicHash hash = new TopicHash(1, 2);

  @Test
  void topicsThatDifferInLengthOrOneCharHaveDifferentHashes() {
    Set<Long> hashes = new HashSet<>();
    int topics = 0;
    for (int length = 0; length < 20; length++) {
      for (int i = 0; i <= length; i++) {
        StringBuilder topic = new StringBuilder("\0".repeat(length));
        if (i < length) {
          topic.setCharAt(i, 'x');
        }
        hashes.add(hash.of(topic.toString()));
        topics++;
      }
    }
    assertThat(hashes).hasSize(topics);
  }

  @Test
  void anotherKeyGivesAnotherHash() {
    assertThat(new TopicHash(1, 3).of("room/1")).isNotEqualTo(hash.of("room/1"));
    assertThat(new TopicHash(2, 2).of("room/1")).isNotEqualTo(hash.of("room/1"));
    assertThat(new TopicHash(1, 2).of("room/1")).isEqualTo(hash.of("room/1"));
  }

  /** Each bit of the hash is set in about half of them. */
  @Test
  void theHashesOfSimilarTopicsAreSpread() {
    int[] set = new int[Long.SIZE];
    for (int i = 0; i < 10_000; i++) {
      long each = hash.of("room/" + i);
      for (int bit = 0; bit < Long.SIZE; bit++) {
        set[bit] += (int) (each >>> bit & 1);
      }
    }
    for (int n : set) {
      assertThat(n).isBetween(4_700, 5_300);
    }
  }
}
