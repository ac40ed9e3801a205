package io.baton.worker.topics;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.mesh.MeshMessage;
import io.baton.testing.Seeds;
import io.baton.worker.memory.LimitedMemory;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class InterestTableTest {
  private static final int MILLION = 1_000_000;

  private final LimitedMemory memory = new LimitedMemory();
  private final InterestTable table = new InterestTable(memory);

  /** Few hashes, so that most of them are neighbours in the table, and many wrap around its end. */
  private static long hash(Random random) {
    long home = random.nextBoolean() ? -1L : random.nextInt(4);
    return (home << 58) | random.nextInt(6);
  }

  @Test
  void theTableIsWhatAMapOfSetsIs() {
    long seed = Seeds.one(InterestTableTest.class);
    Random random = new Random(seed);
    Map<Long, Set<Integer>> model = new HashMap<>();
    Map<Long, Long> numbers = new HashMap<>();
    for (int step = 0; step < 50_000; step++) {
      long hash = hash(random);
      int who = random.nextInt(8) == 0 ? 63 + random.nextInt(192) : random.nextInt(5);
      switch (random.nextInt(4)) {
        case 0 -> {
          long n = table.want(hash, who);
          assertThat(n).as("seed %d", seed).isEqualTo(numbers.computeIfAbsent(hash, _ -> 0L));
          model.computeIfAbsent(hash, _ -> new HashSet<>()).add(who);
        }
        case 1 -> {
          table.unwant(hash, who);
          model.getOrDefault(hash, new HashSet<>()).remove(who);
        }
        case 2 -> {
          int entry = table.find(hash);
          if (entry >= 0) {
            assertThat(table.count(entry)).isEqualTo(numbers.merge(hash, 1L, Long::sum));
          }
        }
        default -> {
          if (random.nextInt(50) == 0) {
            table.unwantAll(who);
            model.values().forEach(each -> each.remove(who));
          }
        }
      }
      if (random.nextInt(200) == 0) {
        table.sweep();
        table.sweep();
        model.values().removeIf(Set::isEmpty);
        numbers.keySet().retainAll(model.keySet());
        assertThat(table.size()).as("seed %d", seed).isEqualTo(model.size());
      }
      assertThat(wanting(hash)).as("seed %d", seed).isEqualTo(model.getOrDefault(hash, Set.of()));
    }
  }

  private Set<Integer> wanting(long hash) {
    Set<Integer> all = new HashSet<>();
    int entry = table.find(hash);
    for (int word = 0; entry >= 0 && word < table.words(); word++) {
      for (int bit = 0; bit < Long.SIZE; bit++) {
        if ((table.wanting(entry, word) >>> bit & 1) != 0) {
          all.add(InterestTable.first(word) + bit);
        }
      }
    }
    return all;
  }

  @Test
  void aTopicThatIsWantedAgainSoonKeepsItsNumbers() {
    table.want(1, 3);
    table.count(table.find(1));
    table.unwant(1, 3);
    table.sweep();
    assertThat(table.want(1, 4)).isEqualTo(1);
    table.unwant(1, 4);
    table.sweep();
    assertThat(table.want(1, 5)).isEqualTo(1);
  }

  @Test
  void aTopicThatIsWantedAgainLateHasHigherNumbersOfAnotherRun() {
    long before = table.want(1, 3);
    table.unwant(1, 3);
    table.sweep();
    table.begin(1L << MeshMessage.RUN_BITS);
    table.sweep();
    assertThat(table.find(1)).isNegative();
    long after = table.want(1, 3);
    assertThat(after).isGreaterThan(before);
    assertThat(MeshMessage.sameRun(before, after)).isFalse();
  }

  @Test
  void aMillionTopicsTakeLessThan48BytesEach() {
    Random random = new Random(1);
    for (int i = 0; i < MILLION; i++) {
      table.want(random.nextLong(), 1 + i % 3);
    }
    assertThat(table.size()).isEqualTo(MILLION);
    assertThat(table.bytes()).isLessThan(48L * MILLION);
    assertThat(memory.held).as("booked").isEqualTo(table.bytes() - SimulatedWorker.EMPTY_TABLE);
  }

  @Test
  void aTableWhoseTopicsAreGoneGivesItsMemoryBackAndKeepsTheOthers() {
    Random random = new Random(1);
    for (int i = 0; i < MILLION / 10; i++) {
      table.want(random.nextLong(), 1);
    }
    for (int i = 0; i < 100; i++) {
      table.want(i, 2);
      table.count(table.find(i));
    }
    table.unwantAll(1);
    table.sweep();
    assertThat(table.size()).as("kept for one sweep").isEqualTo(MILLION / 10 + 100);
    table.sweep();
    assertThat(table.bytes()).isLessThan(48L * 100 * 4);
    assertThat(memory.held).as("booked").isEqualTo(table.bytes() - SimulatedWorker.EMPTY_TABLE);
    for (int i = 0; i < 100; i++) {
      assertThat(table.number(table.find(i))).isEqualTo(1);
      assertThat(wanting(i)).containsExactly(2);
    }
  }

  @Test
  void aTableWithoutMemoryRefusesFurtherTopicsAndKeepsThoseItHas() {
    memory.limit = 0;
    InterestTable small = new InterestTable(memory);
    int size = 0;
    while (small.want(size, 1) != InterestTable.NONE) {
      size++;
    }
    assertThat(small.size()).isEqualTo(size).isPositive();
    assertThat(small.want(0, 2)).isZero();
    assertThat(small.want(0, InterestTable.FIRST_WORD + 1)).isEqualTo(InterestTable.NONE);
  }
}
