package io.baton.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MovesTest {
  private static final long SECOND = 1_000_000_000;
  private final Moves moves = new Moves();

  @Test
  void theTimeIsFromTheLastLookBeforeToTheFirstWithAll() {
    moves.saw(100, SECOND);
    moves.saw(100, 2 * SECOND);
    moves.saw(400, 3 * SECOND);
    moves.saw(1100, 4 * SECOND);
    moves.saw(1100, 9 * SECOND);

    assertThat(moves.count()).isEqualTo(1000);
    assertThat(moves.seconds()).isEqualTo(2.0);
    assertThat(moves).hasToString("1,000 moved in 2.00 s: 500/s");
  }

  @Test
  void nothingMoved() {
    moves.saw(7, SECOND);
    moves.saw(7, 2 * SECOND);

    assertThat(moves.count()).isZero();
    assertThat(moves.seconds()).isZero();
    assertThat(moves).hasToString("no move was seen");
  }

  @Test
  void nothingSeen() {
    assertThat(moves.count()).isZero();
    assertThat(moves).hasToString("no move was seen");
  }
}
