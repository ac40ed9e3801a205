package io.baton.worker.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class MemoryPressureTest {
  private static final int MIB = 1024 * 1024;
  private static final int SHARE = ByteBudget.MOST_SHARE;

  private final ByteBudget budget = new ByteBudget(100 * MIB);
  private final List<Connection> connections = new ArrayList<>();
  private final Queue<Runnable> soon = new ArrayDeque<>();
  private final Queue<Runnable> later = new ArrayDeque<>();
  private final Counts counts = new Counts();
  private final MemoryPressure pressure =
      new MemoryPressure(
          budget,
          new MemoryPressure.Scheduler() {
            @Override
            public void soon(Runnable task) {
              soon.add(task);
            }

            @Override
            public void later(Runnable task, long ms) {
              later.add(task);
            }
          },
          () -> List.copyOf(connections),
          connections::size,
          counts);

  private static final class Counts implements MemoryPressure.Listener {
    int heldBack;
    int refused;
    int evicted;

    @Override
    public void heldBack() {
      heldBack++;
    }

    @Override
    public void refused() {
      refused++;
    }

    @Override
    public void evicted() {
      evicted++;
    }
  }

  private final class Connection implements Holder {
    private long held;
    private long atWork;
    boolean isRead = true;
    boolean isEvicted;

    Connection() {
      connections.add(this);
    }

    Connection holds(long bytes) {
      long before = held;
      held = bytes;
      budget.add(bytes - before);
      if (bytes > before) {
        pressure.grew(this);
      }
      return this;
    }

    /** So much of what it holds is with its service. */
    Connection atWork(long bytes) {
      atWork = bytes;
      return this;
    }

    @Override
    public long held() {
      return held;
    }

    @Override
    public long releasable() {
      return held - atWork;
    }

    @Override
    public void holdBack() {
      isRead = false;
    }

    @Override
    public void readOn() {
      isRead = true;
    }

    @Override
    public void evict() {
      isEvicted = true;
      holds(atWork);
    }
  }

  private void turn() {
    for (int n = soon.size(); n > 0; n--) {
      soon.remove().run();
    }
  }

  private void timePasses() {
    for (int n = later.size(); n > 0; n--) {
      later.remove().run();
    }
    turn();
  }

  @Test
  void nobodyIsHeldBackWhileThereIsPlenty() {
    Connection large = new Connection().holds(69L * MIB);

    assertThat(large.isRead).isTrue();
    assertThat(pressure.admits(10 * MIB)).isTrue();
    assertThat(budget.level()).isEqualTo(ByteBudget.Level.AMPLE);
  }

  @Test
  void whatIsLongerThanWhatIsLeftIsNotAdmitted() {
    new Connection().holds(50L * MIB);

    assertThat(pressure.admits(51L * MIB)).isFalse();
    assertThat(counts.refused).isOne();
  }

  @Test
  void aConnectionThatGrowsBeyondItsShareWhileMemoryIsTightIsHeldBack() {
    Connection first = new Connection().holds(69L * MIB);
    Connection large = new Connection().holds(2L * MIB);
    Connection small = new Connection().holds(SHARE);

    assertThat(budget.level()).isEqualTo(ByteBudget.Level.TIGHT);
    assertThat(first.isRead).as("it has not grown since").isTrue();
    assertThat(large.isRead).isFalse();
    assertThat(small.isRead).isTrue();
    assertThat(counts.heldBack).isOne();
  }

  @Test
  void whoIsHeldBackIsReadAgainOnceEnoughIsFree() {
    Connection first = new Connection().holds(69L * MIB);
    Connection large = new Connection().holds(2L * MIB);

    first.holds(60L * MIB);
    turn();
    assertThat(large.isRead).as("still more than 60 percent").isFalse();

    first.holds(50L * MIB);
    turn();
    assertThat(large.isRead).isTrue();
  }

  @Test
  void messagesLongerThanAShareAreNotAdmittedWhileMemoryIsShort() {
    new Connection().holds(81L * MIB);

    assertThat(budget.level()).isEqualTo(ByteBudget.Level.SHORT);
    assertThat(pressure.admits(SHARE + 1)).isFalse();
    assertThat(pressure.admits(SHARE)).isTrue();
  }

  @Test
  void whoHoldsMostIsEndedWhenItIsCritical() {
    Connection small = new Connection().holds(SHARE);
    Connection middle = new Connection().holds(30L * MIB);
    Connection largest = new Connection().holds(35L * MIB);
    Connection last = new Connection().holds(26L * MIB);

    assertThat(largest.isEvicted).as("not in the middle of something").isFalse();
    turn();

    assertThat(largest.isEvicted).isTrue();
    assertThat(List.of(small, middle, last)).noneMatch(each -> each.isEvicted);
    assertThat(budget.level()).isEqualTo(ByteBudget.Level.AMPLE);
    assertThat(counts.evicted).isOne();
  }

  @Test
  void whoeverWouldFreeNothingIsNotEnded() {
    Connection working = new Connection().holds(60L * MIB).atWork(60L * MIB);
    Connection idle = new Connection().holds(31L * MIB);
    turn();

    assertThat(working.isEvicted).isFalse();
    assertThat(idle.isEvicted).isTrue();
  }

  @Test
  void asLongAsItIsCriticalItIsLookedAtAgain() {
    Connection working = new Connection().holds(95L * MIB).atWork(95L * MIB);
    turn();
    timePasses();
    assertThat(working.isEvicted).isFalse();

    working.atWork(0);
    timePasses();
    assertThat(working.isEvicted).isTrue();
    timePasses();
    assertThat(soon).isEmpty();
  }

  @Test
  void theLargestOfThoseHeldBackAreEndedIfNoReliefComes() {
    Connection first = new Connection().holds(69L * MIB);
    Connection larger = new Connection().holds(9L * MIB);
    Connection smaller = new Connection().holds(2L * MIB / 4);
    assertThat(larger.isRead).isFalse();
    assertThat(smaller.isRead).isFalse();

    timePasses();

    assertThat(larger.isEvicted).isTrue();
    assertThat(first.isEvicted).as("it was not held back").isFalse();
  }

  @Test
  void nobodyIsEndedForBeingHeldBackIfOthersLetGo() {
    Connection first = new Connection().holds(65L * MIB);
    Connection large = new Connection().holds(6L * MIB);

    first.holds(0);
    turn();
    timePasses();

    assertThat(large.isEvicted).isFalse();
    assertThat(large.isRead).isTrue();
    assertThat(later).as("nothing is waited for any more").isEmpty();
  }

  @Test
  void aShareIsSmallerTheMoreConnectionsThereAre() {
    assertThat(budget.share(1)).isEqualTo(ByteBudget.MOST_SHARE);
    assertThat(budget.share(10_000)).isEqualTo(100 * MIB / 4 / 10_000);
    assertThat(budget.share(10_000_000)).isEqualTo(ByteBudget.LEAST_SHARE);
  }

  @Test
  void exhaustionIsToldOnceAndNotWhenItIsTheConnectionsThatHoldTheMemory() {
    List<String> told = new ArrayList<>();
    long[] used = {0};
    Exhaustion exhaustion =
        new Exhaustion(
            new MemoryLimits(budget, () -> used[0], 200L * MIB),
            pressure::allocationFailed,
            told::add);

    look(exhaustion, Exhaustion.FULL_LOOKS);
    assertThat(told).isEmpty();

    used[0] = 195L * MIB;
    Connection all = new Connection().holds(80L * MIB);
    look(exhaustion, Exhaustion.FULL_LOOKS);
    assertThat(told).isEmpty();

    all.holds(MIB);
    look(exhaustion, Exhaustion.FULL_LOOKS - 1);
    assertThat(told).isEmpty();
    look(exhaustion, 2);
    exhaustion.failed(new OutOfMemoryError("no more"));
    assertThat(told)
        .singleElement()
        .asString()
        .startsWith("nearly all direct memory is used (199680 of 204800 KiB")
        .contains("connections hold 1024 KiB");
  }

  private static void look(Exhaustion exhaustion, int times) {
    for (int i = 0; i < times; i++) {
      exhaustion.look();
    }
  }

  @Test
  void anAllocationThatFailsWhileConnectionsHoldMuchEndsTheLargest() {
    List<String> told = new ArrayList<>();
    Exhaustion exhaustion =
        new Exhaustion(
            new MemoryLimits(budget, () -> 0, 200L * MIB), pressure::allocationFailed, told::add);
    Connection small = new Connection().holds(5L * MIB);
    Connection large = new Connection().holds(69L * MIB);
    new Connection().holds(MIB);

    exhaustion.failed(new OutOfMemoryError("no more"));
    turn();

    assertThat(large.isEvicted).isTrue();
    assertThat(small.isEvicted).isFalse();
    assertThat(told).isEmpty();
  }
}
