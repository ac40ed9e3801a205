package io.baton.manager.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.FleetSettings;
import io.baton.config.SettingsFixture;
import io.baton.manager.fleet.Balance.Move;
import io.baton.manager.fleet.Balance.Share;
import java.util.List;
import org.junit.jupiter.api.Test;

class BalanceTest {
  private static final FleetSettings.Rebalance AT_ONCE = rule(1);
  private static final FleetSettings.Rebalance THRICE = rule(3);

  private static final List<Share> UNEVEN = List.of(new Share(1, 980, 98), new Share(2, 180, 10));

  private final Balance balance = new Balance();

  private static FleetSettings.Rebalance rule(int intervals) {
    return SettingsFixture.settings(
            "fleet.rebalance { interval = 100ms, intervals = %d, pause = 1s }".formatted(intervals))
        .fleet()
        .rebalance();
  }

  @Test
  void movesAsManyAsMakeTheBusySharesEqual() {
    assertThat(balance.look(AT_ONCE, UNEVEN)).isEqualTo(new Move(1, 40, 800, 0));
  }

  @Test
  void waitsForSoManyLooksInARow() {
    assertThat(balance.look(THRICE, UNEVEN)).isNull();
    assertThat(balance.look(THRICE, UNEVEN)).isNull();
    assertThat(balance.look(THRICE, List.of(new Share(1, 900, 98), new Share(2, 180, 10))))
        .as("less busy now")
        .isNull();
    assertThat(balance.look(THRICE, UNEVEN)).isNull();
    assertThat(balance.look(THRICE, UNEVEN)).isNull();
    assertThat(balance.look(THRICE, UNEVEN)).isNotNull();
  }

  @Test
  void forgettingBeginsAnew() {
    balance.look(THRICE, UNEVEN);
    balance.look(THRICE, UNEVEN);
    balance.forget();
    assertThat(balance.look(THRICE, UNEVEN)).isNull();
  }

  @Test
  void movesNothingWhenAllHaveTooMuchToDo() {
    assertThat(balance.look(AT_ONCE, List.of(new Share(1, 1_000, 50), new Share(2, 960, 10))))
        .isNull();
  }

  @Test
  void movesNothingWhenThereIsNobodyElse() {
    assertThat(balance.look(AT_ONCE, List.of(new Share(1, 1_000, 50)))).isNull();
  }

  @Test
  void movesNothingThatHelpsTooLittle() {
    assertThat(
            balance.look(
                AT_ONCE,
                List.of(new Share(1, 960, 3), new Share(2, 940, 10), new Share(3, 600, 1))))
        .as("360 to 340 is 5 percent")
        .isNull();
  }

  @Test
  void aConnectionThatTakesAllTheTimeStaysWhereItIs() {
    assertThat(balance.look(AT_ONCE, List.of(new Share(1, 1_000, 1), new Share(2, 0, 5)))).isNull();
  }

  @Test
  void aBusyWorkerWithoutConnectionsHasNothingToMove() {
    assertThat(balance.look(AT_ONCE, List.of(new Share(1, 1_000, 0), new Share(2, 0, 5)))).isNull();
  }

  @Test
  void theBusiestGivesToWhoeverIsTheLeastBusyThen() {
    Move move =
        balance.look(
            AT_ONCE,
            List.of(
                new Share(1, 960, 96),
                new Share(2, 1_000, 100),
                new Share(3, 100, 1),
                new Share(4, 100, 1)));
    assertThat(move).isEqualTo(new Move(2, 60, 900, 560));
  }

  @Test
  void neverMovesMoreThanItsBound() {
    assertThat(balance.look(AT_ONCE, List.of(new Share(1, 1_000, 10_000), new Share(2, 0, 0))))
        .isNull();
    assertThat(balance.look(AT_ONCE, List.of(new Share(1, 1_000, 1_000), new Share(2, 0, 0))))
        .extracting(Move::connections)
        .isEqualTo(Balance.MAX_MOVED);
  }
}
