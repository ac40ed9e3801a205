package io.baton.manager.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many connections may be on their way. */
class MovesTest extends WithFleet {
  private static final int MOST = 64;
  private static final int SLOW_MS = Moves.QUICK_MS + 1;

  private final Moves moves = new Moves();
  private final Worker source = worker(1);
  private final Worker taker = worker(2);

  private Worker worker(long id) {
    return new Worker(id, 0, first, Worker.Duty.SERVING, nowMs);
  }

  private Handoff handoff(long id) {
    return Handoff.given(id, 0, PEER, SAVED, source, nowMs);
  }

  private void arrive(int count, long tookMs) {
    for (int i = 0; i < count; i++) {
      moves.begun(handoff(1), source);
      moves.arrived(handoff(i), source, taker, tookMs, MOST);
    }
  }

  @Test
  void itDoublesWithEachWindowsWorthOfQuickOnesUpToTheMost() {
    assertThat(moves.window()).isEqualTo(Moves.LEAST_WINDOW);
    arrive(Moves.LEAST_WINDOW, Moves.QUICK_MS);
    assertThat(moves.window()).isEqualTo(2 * Moves.LEAST_WINDOW);
    arrive(1_000, 0);
    assertThat(moves.window()).isEqualTo(MOST);
  }

  @Test
  void itShrinksWithSlowOnesDownToTheLeast() {
    arrive(1_000, 0);
    arrive(10, SLOW_MS);
    assertThat(moves.window()).isEqualTo(MOST - 10);
    arrive(1_000, SLOW_MS);
    assertThat(moves.window()).isEqualTo(Moves.LEAST_WINDOW);
  }

  @Test
  void itIsTheLeastAgainWhenOthersTake() {
    arrive(1_000, 0);
    moves.begin();
    assertThat(moves.window()).isEqualTo(Moves.LEAST_WINDOW);
  }

  @Test
  void whatComesBackCountsLikewise() {
    moves.begun(handoff(1), source);
    moves.arrived(handoff(1), source, source, 0, MOST);
    assertThat(moves.returned()).isOne();
    assertThat(moves.window()).isEqualTo(Moves.LEAST_WINDOW + 1);
  }

  @Test
  void whatComesBackAgainAndAgainIsCountedOnce() {
    for (int i = 0; i < 5; i++) {
      moves.begun(handoff(1), source);
      moves.arrived(handoff(1), source, source, 0, MOST);
    }
    assertThat(moves.returned()).isOne();
  }

  @ParameterizedTest
  @CsvSource({
    "LEAVING, SERVING, 1", // a newcomer serves it now
    "LEAVING, LEAVING, 0", // of a listener that is gone: it will leave the other one, too
    "SERVING, NEXT, 1", // a newcomer has it, on trial
    "SERVING, SERVING, 0", // was rebalanced, and will be moved from there
  })
  void ofThoseThatLeaveOnlyWhatHasGoneToTheOtherSideIsCounted(
      Worker.Duty from, Worker.Duty to, int counted) {
    Leave leave = new Leave(0);
    source.duty = from;
    source.leave = leave;
    taker.duty = to;
    arrive(1, 0);
    assertThat(leave.migrated).isEqualTo(counted);
    assertThat(moves.migrated()).isOne();
  }
}
