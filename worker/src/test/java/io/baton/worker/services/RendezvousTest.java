package io.baton.worker.services;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.baton.mesh.MeshMessage.Offers;
import io.baton.testing.Seeds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class RendezvousTest {
  private static final int KEYS = 500;

  /** Which slot holds each key; no key if nobody offers. */
  private static Map<String, Integer> holders(ServiceDirectory directory) {
    Map<String, Integer> holders = new HashMap<>();
    for (int i = 0; i < KEYS; i++) {
      Provider holder = directory.choose("a", "user/" + i, RandomGenerator.getDefault());
      if (holder != null) {
        holders.put("user/" + i, holder.slot);
      }
    }
    return holders;
  }

  private static Offers offers(int slot) {
    return new Offers(slot, false, 0, List.of("a"));
  }

  @Test
  void aWorkerThatComesOrGoesMovesItsOwnKeysOnly() {
    for (long seed : Seeds.many(RendezvousTest.class, 500, 40).toArray()) {
      Random random = new Random(seed);
      ServiceDirectory directory = new ServiceDirectory();
      Map<Integer, Long> workers = new HashMap<>(); // by slot
      Map<String, Integer> before = Map.of();
      for (int i = 0; i < 30; i++) {
        int slot = random.nextInt(12);
        Long gone = workers.remove(slot);
        if (gone == null) {
          workers.put(slot, (long) i);
          directory.put(i, offers(slot));
        } else {
          directory.remove(gone);
        }
        Map<String, Integer> after = holders(directory);
        for (Map.Entry<String, Integer> each : after.entrySet()) {
          Integer was = before.get(each.getKey());
          int holder = each.getValue();
          if (!workers.containsKey(holder)
              || (was != null && was != holder && was != slot && holder != slot)) {
            fail(
                "seed %d: slot %d has come or gone, but %s went from %s to %d",
                seed, slot, each.getKey(), was, holder);
          }
        }
        assertThat(after).as("seed %d", seed).hasSize(workers.isEmpty() ? 0 : KEYS);
        before = after;
      }
    }
  }

  @Test
  void aSuccessorInTheSlotTakesOverTheKeysAndNoOtherKeyMoves() {
    ServiceDirectory directory = new ServiceDirectory();
    for (int slot = 0; slot < 8; slot++) {
      directory.put(slot, offers(slot));
    }
    Map<String, Integer> before = holders(directory);
    for (int slot = 0; slot < 8; slot++) {
      directory.put(100 + slot, offers(slot));
      assertThat(holders(directory)).isEqualTo(before);
      directory.put(slot, new Offers(slot, true, 0, List.of("a")));
      assertThat(holders(directory)).isEqualTo(before);
      directory.remove(slot);
      assertThat(holders(directory)).isEqualTo(before);
    }
  }

  @Test
  void keysAreSpreadEvenly() {
    ServiceDirectory directory = new ServiceDirectory();
    for (int slot = 0; slot < 5; slot++) {
      directory.put(slot, offers(slot));
    }
    List<Integer> counts = new ArrayList<>(List.of(0, 0, 0, 0, 0));
    holders(directory).values().forEach(slot -> counts.set(slot, counts.get(slot) + 1));
    assertThat(counts).allMatch(count -> count > 60 && count < 140); // 100 of 500 each, 4 sigma
  }
}
