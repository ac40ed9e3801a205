package io.baton.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class SeedsTest {
  private static final long CLOCK = 5_000_000;

  private static Seeds ordinary() {
    return new Seeds(null, false, () -> CLOCK);
  }

  private static Seeds nightly() {
    return new Seeds(null, true, () -> CLOCK);
  }

  private static Seeds set(boolean nightly) {
    return new Seeds(7L, nightly, () -> CLOCK);
  }

  @Test
  void ordinarySeedsAreTheSameEachTimeAndAShare() {
    assertThat(ordinary().oneOf(SeedsTest.class)).isOne();
    assertThat(ordinary().manyOf(SeedsTest.class, 100, 3)).containsExactly(1L, 2L, 3L);
  }

  @Test
  void nightlySeedsAreNewAndAllOfThem() {
    assertThat(nightly().oneOf(SeedsTest.class)).isEqualTo(5_001);
    assertThat(nightly().manyOf(SeedsTest.class, 3, 1)).containsExactly(5_001L, 5_002L, 5_003L);
  }

  @Test
  void aFreshSeedIsNewEachTime() {
    assertThat(ordinary().freshOf(SeedsTest.class)).isEqualTo(5_001);
  }

  @Test
  void theSeedThatIsSetIsTheOnlyOne() {
    for (boolean nightly : new boolean[] {false, true}) {
      assertThat(set(nightly).oneOf(SeedsTest.class)).isEqualTo(7);
      assertThat(set(nightly).freshOf(SeedsTest.class)).isEqualTo(7);
      assertThat(set(nightly).manyOf(SeedsTest.class, 100, 3)).containsExactly(7L);
    }
  }

  @Test
  void aShareIsNotMoreThanAllAndNotNothing() {
    assertThat(Nightly.of(false, 100, 3)).isEqualTo(3);
    assertThat(Nightly.of(true, 100, 3)).isEqualTo(100);
    assertThatThrownBy(() -> Nightly.of(false, 3, 4)).hasMessage("a share of 4 of 3");
    assertThatThrownBy(() -> Nightly.of(false, 3, 0)).hasMessage("a share of 0 of 3");
  }
}
