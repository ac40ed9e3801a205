package io.baton.worker.broker.nats;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.Seeds;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WantedSubjectsTest {
  private final WantedSubjects wanted = new WantedSubjects();
  private final List<String> told = new ArrayList<>();

  @Test
  void aConnectionIsToldOfAllSomeAtATime() {
    List.of("a", "b", "c").forEach(wanted::add);
    wanted.connected();
    assertThat(wanted.tellSome(2, told::add)).isTrue();
    assertThat(told).hasSize(2);
    assertThat(wanted.isAllTold()).isFalse();
    wanted.tellSome(2, told::add);
    assertThat(told).containsExactlyInAnyOrder("a", "b", "c");
    assertThat(wanted.isAllTold()).isTrue();
    wanted.connected();
    assertThat(wanted.isAllTold()).isFalse();
    wanted.tellSome(9, told::add);
    assertThat(told).hasSize(6);
  }

  @Test
  void whatTheConnectionHasNoRoomForIsToldLater() {
    wanted.connected();
    wanted.add("a");
    assertThat(wanted.tellSome(9, _ -> false)).isFalse();
    assertThat(wanted.isAllTold()).isFalse();
    assertThat(wanted.remove("a")).as("told").isFalse();
    assertThat(wanted.isAllTold()).isTrue();
  }

  @Test
  void theConnectionKnowsWhatItWasToldWhileSubjectsComeAndGo() {
    for (long seed : Seeds.many(WantedSubjectsTest.class, 2_000, 200).toArray()) {
      Random random = new Random(seed);
      WantedSubjects all = new WantedSubjects();
      Set<String> want = new HashSet<>();
      Set<String> knows = new HashSet<>();
      all.connected();
      for (int step = 0; step < 300; step++) {
        String subject = "s" + random.nextInt(20);
        switch (random.nextInt(20)) {
          case 0 -> {
            all.connected();
            knows.clear();
          }
          case 1, 2, 3, 4, 5, 6, 7 -> {
            all.add(subject);
            want.add(subject);
          }
          case 8, 9, 10, 11, 12 -> {
            assertThat(all.remove(subject)).isEqualTo(knows.remove(subject));
            want.remove(subject);
          }
          default ->
              all.tellSome(
                  1 + random.nextInt(3),
                  each -> {
                    boolean isTold = random.nextInt(4) > 0;
                    assertThat(isTold && !knows.add(each)).as("told twice").isFalse();
                    return isTold;
                  });
        }
        assertThat(all.isAllTold()).isEqualTo(knows.equals(want));
      }
    }
  }
}
