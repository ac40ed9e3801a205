package io.baton.worker.time;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class WheelTest {
  private static final long TICK = 10;
  private static final int SLOTS = 8;
  private static final long START = -1_000_003; // a monotonic clock may begin anywhere

  private final Wheel wheel = new Wheel(TICK, SLOTS, START);
  private final List<String> rung = new ArrayList<>();

  private final class Named extends Wheel.Alarm {
    private final String name;

    Named(String name) {
      this.name = name;
    }

    @Override
    protected void ring() {
      rung.add(name);
    }
  }

  private Named set(String name, long in) {
    Named alarm = new Named(name);
    wheel.set(alarm, START + in);
    return alarm;
  }

  @Test
  void anAlarmRingsOnceAndNeverEarly() {
    Named alarm = set("a", 25);
    wheel.advance(START + 29);
    assertThat(rung).isEmpty();
    assertThat(alarm.isSet()).isTrue();

    wheel.advance(START + 30);
    wheel.advance(START + 500);
    assertThat(rung).containsExactly("a");
    assertThat(alarm.isSet()).isFalse();
    assertThat(wheel.isEmpty()).isTrue();
  }

  @Test
  void anAlarmOfALaterRoundWaitsForIt() {
    set("later", 10 + 3 * TICK * SLOTS);
    set("soon", 10);
    wheel.advance(START + 3 * TICK * SLOTS);
    assertThat(rung).containsExactly("soon");
    wheel.advance(START + 10 + 3 * TICK * SLOTS);
    assertThat(rung).containsExactly("soon", "later");
  }

  @Test
  void whatIsClearedDoesNotRing() {
    Named alarm = set("a", 10);
    alarm.clear();
    alarm.clear();
    wheel.advance(START + 100);
    assertThat(rung).isEmpty();
    assertThat(wheel.isEmpty()).isTrue();
  }

  @Test
  void settingAnewMovesIt() {
    Named alarm = set("a", 10);
    wheel.set(alarm, START + 50);
    wheel.advance(START + 40);
    assertThat(rung).isEmpty();
    wheel.advance(START + 50);
    assertThat(rung).containsExactly("a");
  }

  @Test
  void whatIsPastRingsInTheNextTick() {
    wheel.advance(START + 100);
    set("past", 5);
    assertThat(rung).isEmpty();
    wheel.advance(START + 110);
    assertThat(rung).containsExactly("past");
  }

  @Test
  void anAlarmMayClearAnotherOfItsTickAndSetItselfAgain() {
    Named other = new Named("other");
    Wheel.Alarm first =
        new Wheel.Alarm() {
          @Override
          protected void ring() {
            rung.add("first");
            other.clear();
            wheel.set(this, START + 40);
          }
        };
    wheel.set(first, START + 10);
    wheel.set(other, START + 10);
    wheel.advance(START + 10);
    assertThat(rung).containsExactly("first");
    assertThat(first.isSet()).isTrue();
  }

  @Test
  void nothingRingsBeforeTheNextRingItNames() {
    set("a", 35);
    set("b", 35 + TICK * SLOTS * 2);
    assertThat(wheel.nextRing()).isEqualTo(START + 40);
    wheel.advance(START + 40);
    assertThat(wheel.nextRing()).isGreaterThan(START + 40).isLessThan(Long.MAX_VALUE);
    wheel.advance(START + 400);
    assertThat(wheel.nextRing()).isEqualTo(Long.MAX_VALUE);
  }

  static LongStream itDoesWhatAListOfAlarmsWouldDo() {
    return Seeds.many(WheelTest.class, 1_000, 8);
  }

  /** Against the obvious: all alarms in a list. */
  @ParameterizedTest
  @MethodSource
  void itDoesWhatAListOfAlarmsWouldDo(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Long> rangAt = new ArrayList<>();
    List<Long> due = new ArrayList<>();
    long[] now = {START};
    for (int step = 0; step < 2_000; step++) {
      if (random.nextInt(3) > 0) {
        long at = now[0] + random.nextLong(-5, 40 * TICK);
        due.add(at);
        wheel.set(
            new Wheel.Alarm() {
              @Override
              protected void ring() {
                assertThat(now[0]).isGreaterThanOrEqualTo(at);
                rangAt.add(at);
              }
            },
            at);
      }
      now[0] += random.nextLong(random.nextInt(20) == 0 ? 30 * TICK : 2 * TICK);
      wheel.advance(now[0]);
      // Whatever is more than a tick late has rung.
      long limit = now[0] - 2 * TICK;
      assertThat(rangAt.stream().filter(at -> at <= limit).count())
          .isEqualTo(due.stream().filter(at -> at <= limit).count());
    }
  }
}
