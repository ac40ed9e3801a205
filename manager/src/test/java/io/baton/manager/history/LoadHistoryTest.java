package io.baton.manager.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.manager.fleet.FleetView;
import io.baton.manager.history.LoadHistory.Reading;
import io.baton.pipe.Load;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class LoadHistoryTest {
  private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

  private long nowMs = 70_000;
  private Reading reading = new Reading(0, 0, 0, OptionalLong.empty());
  private int readings;
  private final LoadHistory history =
      new LoadHistory(() -> START.plusMillis(nowMs - 70_000), nowMs);

  private void after(long ms) {
    nowMs += ms;
    history.tick(
        nowMs,
        () -> {
          readings++;
          return reading;
        });
  }

  @Test
  void aSampleHasWhatHappenedSinceTheOneBefore() {
    reading = new Reading(3, 1_000, 2, OptionalLong.of(1_500_000));
    after(5_000);
    reading = new Reading(2, 1_500, 2, OptionalLong.empty());
    after(5_000);
    assertThat(history.all())
        .containsExactly(
            new LoadSample(START.plusSeconds(5), 3, 200, OptionalLong.of(1_500_000), 2),
            new LoadSample(START.plusSeconds(10), 2, 100, OptionalLong.empty(), 0));
  }

  @Test
  void noSampleIsTakenBeforeItIsDue() {
    after(4_999);
    assertThat(history.all()).isEmpty();
    after(1);
    after(0);
    assertThat(history.all()).hasSize(1);
    assertThat(readings).isEqualTo(1);
  }

  @Test
  void ticksThatComeLateDoNotShiftTheSamplesAfterThem() {
    after(5_100);
    after(4_900);
    after(5_150);
    assertThat(history.all())
        .extracting(LoadSample::at)
        .containsExactly(
            START.plusMillis(5_100), START.plusMillis(10_000), START.plusMillis(15_150));
  }

  @Test
  void aStandstillOfTheManagerIsOneSampleWithItsMeanRate() {
    reading = new Reading(1, 600, 0, OptionalLong.empty());
    after(60_000);
    after(200);
    after(4_800);
    assertThat(history.all()).extracting(LoadSample::messagesPerSecond).containsExactly(10.0, 0.0);
  }

  @Test
  void countsThatFallAreNoNegativeRates() {
    reading = new Reading(5, 500, 7, OptionalLong.empty());
    after(5_000);
    reading = new Reading(5, 400, 6, OptionalLong.empty());
    after(5_000);
    assertThat(history.all().getLast())
        .isEqualTo(new LoadSample(START.plusSeconds(10), 5, 0, OptionalLong.empty(), 0));
  }

  @Test
  void fifteenMinutesAreKeptAndNoMore() {
    for (int i = 0; i < 2 * LoadHistory.MAX; i++) {
      after(LoadHistory.PERIOD_MS);
    }
    assertThat(history.all()).hasSize(LoadHistory.MAX);
    assertThat(history.all().getFirst().at()).isEqualTo(START.plusSeconds(15 * 60 + 5));
    assertThat(history.all().getLast().at()).isEqualTo(START.plusSeconds(30 * 60));
  }

  @Test
  void refusedClientsAndConnectionsLostWithTheirWorkerAreErrors() {
    FleetView.Totals totals =
        new FleetView.Totals(
            Load.Counters.NONE,
            1,
            40,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            new FleetView.Searches(0, 0, 0, 0, 0));
    FleetView fleet =
        new FleetView(
            FleetView.Phase.RUNNING,
            1,
            List.of(),
            List.of(
                new FleetView.ListenerCounts(9, 2, 100, 100, 0),
                new FleetView.ListenerCounts(9, 3, 0, 0, 0)),
            0,
            0,
            0,
            null,
            totals);
    assertThat(Reading.of(fleet, OptionalLong.of(7)))
        .isEqualTo(new Reading(0, 0, 45, OptionalLong.of(7)));
  }
}
