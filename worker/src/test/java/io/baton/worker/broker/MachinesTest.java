package io.baton.worker.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MachinesTest {
  private final Heard heard = new Heard();
  private final Machines machines = new Machines(heard);
  private long nowMs;

  private static final class Heard implements Machines.Listener {
    private final List<Long> here = new ArrayList<>();
    private final List<Long> forgotten = new ArrayList<>();

    @Override
    public void appeared(long worker, long machine) {
      here.add(worker);
    }

    @Override
    public void vanished(long worker) {
      assertThat(here.remove(worker)).isTrue();
    }

    @Override
    public void forgotten(long worker) {
      forgotten.add(worker);
    }
  }

  private void tick(long untilMs) {
    while (nowMs < untilMs) {
      nowMs = Math.min(nowMs + 100, untilMs);
      machines.tick(nowMs);
    }
  }

  private void hello(long machine, long worker) {
    assertThat(machines.heard(machine, worker)).isTrue();
    machines.named(machine, "server");
  }

  @Test
  void aMachineIsThereFromTheFirstHelloOfOneOfItsWorkers() {
    hello(1, 10);
    hello(1, 11);
    hello(2, 20);
    assertThat(machines.here()).isEqualTo(2);
  }

  @Test
  void aMachineIsGoneWhenNoWorkerHasSaidAnythingForThreeSeconds() {
    hello(1, 10);
    hello(1, 11);
    tick(2_000);
    hello(1, 11);
    tick(5_000);
    assertThat(machines.here()).isEqualTo(1);
    tick(5_001);
    assertThat(machines.here()).isZero();
    assertThat(heard.forgotten).isEmpty();
    hello(1, 10);
    assertThat(machines.here()).isEqualTo(1);
  }

  @Test
  void aMachineIsGoneWhenItsLastWorkerEnds() {
    hello(1, 10);
    hello(1, 11);
    machines.ended(10);
    assertThat(machines.here()).isEqualTo(1);
    machines.ended(11);
    machines.ended(11);
    assertThat(machines.here()).isZero();
  }

  @Test
  void aWorkerVanishesByItselfWhileOthersOfItsMachineAreThere() {
    hello(1, 10);
    hello(1, 11);
    tick(2_000);
    hello(1, 11);
    tick(3_100);
    assertThat(heard.here).containsExactly(11L);
    hello(1, 10);
    machines.ended(11);
    assertThat(heard.here).containsExactly(10L);
    assertThat(heard.forgotten).containsExactly(11L);
  }

  @Test
  void timeInWhichThisProcessWasStoppedCountsForNobody() {
    hello(1, 10);
    tick(2_000);
    machines.tick(60_000);
    assertThat(machines.here()).isEqualTo(1);
    assertThat(heard.here).containsExactly(10L);
  }

  @Test
  void aWorkerIsForgottenTenMinutesAfterItsLastWord() {
    hello(1, 10);
    tick(Machines.FORGET_MS);
    assertThat(heard.forgotten).isEmpty();
    tick(Machines.FORGET_MS + 1);
    assertThat(heard.forgotten).containsExactly(10L);
  }

  @Test
  void anOutageOfTheBrokerMakesNobodyGone() {
    hello(1, 10);
    tick(2_000);
    machines.reconnected();
    tick(4_000);
    assertThat(machines.here()).isEqualTo(1);
  }

  @Test
  void ofTooManyWorkersNoFurtherOneIsKnown() {
    for (int i = 0; i < Machines.MAX_WORKERS; i++) {
      assertThat(machines.heard(i % 7, i)).isTrue();
    }
    assertThat(machines.heard(1, -1)).isFalse();
    assertThat(machines.heard(1, 0)).isTrue();
  }

  @Test
  void ofTooManyWorkersTheOneThatHasBeenSilentForLongestMakesRoom() {
    for (int i = 0; i < Machines.MAX_WORKERS; i++) {
      assertThat(machines.heard(i % 7, i)).isTrue();
    }
    tick(1_000);
    assertThat(machines.heard(0, 0)).isTrue();
    assertThat(machines.heard(1, -1)).isFalse();
    tick(4_000);
    assertThat(machines.heard(2, 2)).isTrue();
    assertThat(machines.heard(1, -1)).isTrue();
    assertThat(heard.forgotten).singleElement().isNotIn(0L, 2L);
    assertThat(machines.of(2)).as("here").isEqualTo(2);
    assertThat(machines.of(-1)).isEqualTo(1);
  }
}
