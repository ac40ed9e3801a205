package io.baton.worker.topics;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.Seeds;
import io.baton.worker.topics.SubscriptionGraph.Topic;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WalkableListTest {
  private final WalkableList<Topic> list = new WalkableList<>();
  private final List<Topic> there = new ArrayList<>();
  private int begun;

  private Topic begin() {
    Topic topic = new Topic("t" + begun, begun, ++begun);
    list.add(topic);
    there.add(topic);
    return topic;
  }

  private Topic end(int i) {
    Topic topic = there.remove(i);
    list.remove(topic);
    return topic;
  }

  /** A walk, and what it is to visit. */
  private final class Checked {
    private final Set<Topic> due = new HashSet<>(there);
    private final Set<Topic> visited = new HashSet<>();
    private final WalkableList<Topic>.Walk walk = list.walk();

    boolean goOn(int atMost) {
      int before = visited.size();
      boolean isAll =
          walk.goOn(
              atMost,
              topic -> {
                assertThat(there).contains(topic);
                assertThat(due).contains(topic);
                assertThat(visited.add(topic)).as("visited once").isTrue();
              });
      assertThat(visited.size() - before).isLessThanOrEqualTo(atMost);
      if (isAll) {
        due.retainAll(there);
        assertThat(visited).containsAll(due);
      }
      return isAll;
    }
  }

  @Test
  void walksVisitAllThatWereThereOnceWhileTopicsComeAndGo() {
    for (long seed : Seeds.many(WalkableListTest.class, 2_000, 200).toArray()) {
      Random random = new Random(seed);
      List<Checked> walks = new ArrayList<>();
      for (int step = 0; step < 300; step++) {
        switch (random.nextInt(6)) {
          case 0, 1 -> begin();
          case 2, 3 -> {
            if (!there.isEmpty()) {
              end(random.nextInt(there.size()));
            }
          }
          case 4 -> walks.add(new Checked());
          default -> walks.removeIf(each -> each.goOn(1 + random.nextInt(4)));
        }
      }
      walks.forEach(each -> assertThat(each.goOn(1_000)).isTrue());
      while (!there.isEmpty()) {
        end(there.size() - 1);
      }
    }
  }

  @Test
  void aWalkThroughNothingIsOver() {
    WalkableList<Topic>.Walk walk = list.walk();
    begin();
    assertThat(walk.goOn(1, _ -> {})).isTrue();
    end(0);
    assertThat(list.walk().goOn(1, _ -> {})).isTrue();
  }

  @Test
  void whatGoesWhileOthersAreRemovedIsRemovedAfterThem() {
    for (int i = 0; i < TopicLimits.CLEANED_AT_A_TIME + 1; i++) {
      begin();
    }
    List<Long> removed = new ArrayList<>();
    List<Long> done = new ArrayList<>();
    TopicCleanup cleanup = new TopicCleanup(list, (_, worker) -> removed.add(worker), done::add);
    cleanup.add(7);
    assertThat(removed).hasSize(TopicLimits.CLEANED_AT_A_TIME);
    cleanup.add(8);
    cleanup.add(9);
    assertThat(removed).hasSize(TopicLimits.CLEANED_AT_A_TIME);
    cleanup.goOn();
    assertThat(removed).containsOnly(7L).hasSize(there.size());
    assertThat(done).containsExactly(7L);
    while (cleanup.isBusy()) {
      removed.clear();
      cleanup.goOn();
      assertThat(removed).hasSizeLessThanOrEqualTo(TopicLimits.CLEANED_AT_A_TIME);
    }
    assertThat(done).containsExactly(7L, 8L, 9L);
  }
}
