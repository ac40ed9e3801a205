package io.baton.worker.services;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.baton.mesh.MeshMessage.Offers;
import io.baton.testing.Seeds;
import java.util.ArrayList;
import java.util.Collections;
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
    return new Offers(1, slot, false, 0, List.of("a"));
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
      directory.put(slot, new Offers(1, slot, true, 0, List.of("a")));
      assertThat(holders(directory)).isEqualTo(before);
      directory.remove(slot);
      assertThat(holders(directory)).isEqualTo(before);
    }
  }

  /** The directory of a worker of one machine, which knows some workers, of slot i % 4 each. */
  private static ServiceDirectory directory(long machine, List<Long> workers) {
    ServiceDirectory directory = new ServiceDirectory();
    directory.cluster(machine);
    directory.connected(true);
    for (long worker : workers) {
      if (worker % 3 == machine) {
        directory.put(worker, offers((int) worker / 3));
      } else {
        directory.put(worker, worker % 3, offers((int) worker / 3));
      }
    }
    return directory;
  }

  private static String holder(ServiceDirectory directory, String key) {
    Provider holder = directory.choose("a", key, RandomGenerator.getDefault());
    return holder == null ? "nobody" : holder.place();
  }

  @Test
  void aKeyHasTheSameHolderSeenFromEachMachineInWhateverOrderItsWorkersWereHeard() {
    for (long seed : Seeds.many(RendezvousTest.class, 500, 40).toArray()) {
      Random random = new Random(seed);
      List<Long> workers = new ArrayList<>();
      for (long worker = 0; worker < 12; worker++) {
        if (worker == 0 || random.nextBoolean()) {
          workers.add(worker);
        }
      }
      List<ServiceDirectory> all = new ArrayList<>();
      for (long machine = 0; machine < 3; machine++) {
        Collections.shuffle(workers, random);
        all.add(directory(machine, workers));
      }
      for (int key = 0; key < KEYS; key++) {
        String holder = holder(all.getFirst(), "user/" + key);
        assertThat(holder(all.get(1), "user/" + key)).as("seed %d", seed).isEqualTo(holder);
        assertThat(holder(all.get(2), "user/" + key)).as("seed %d", seed).isEqualTo(holder);
      }
    }
  }

  @Test
  void aSuccessorOnAnotherMachineTakesOverTheKeysOfItsSlotWhateverItsNumber() {
    ServiceDirectory directory = directory(1, List.of(0L, 1L, 2L, 3L, 4L, 5L));
    for (long successor : new long[] {100, -100}) {
      Map<String, String> before = new HashMap<>();
      for (int key = 0; key < KEYS; key++) {
        before.put("user/" + key, holder(directory, "user/" + key));
      }
      directory.put(successor, 2, offers(1));
      before.forEach((key, holder) -> assertThat(holder(directory, key)).isEqualTo(holder));
      Provider now =
          directory.choose(
              "a",
              before.entrySet().stream()
                  .filter(each -> each.getValue().equals("2:1"))
                  .findAny()
                  .orElseThrow()
                  .getKey(),
              RandomGenerator.getDefault());
      assertThat(now).isNotNull().matches(each -> each.worker == successor);
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
