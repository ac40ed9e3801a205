package io.baton.spice;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.Seeds;
import java.util.BitSet;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class DamageTest {
  private static final int SIDE = 40;

  private static void mark(BitSet pixels, Area area, boolean as) {
    for (int y = area.y(); y < area.y() + area.height(); y++) {
      pixels.set(y * SIDE + area.x(), y * SIDE + area.x() + area.width(), as);
    }
  }

  @Test
  void everyPixelThatChangesIsTakenLater() {
    Seeds.many(DamageTest.class, 100_000, 1_000)
        .forEach(seed -> {
          Random random = new Random(seed);
          Damage damage = new Damage();
          BitSet waiting = new BitSet();
          for (int i = 0; i < 200; i++) {
            int x = random.nextInt(SIDE);
            int y = random.nextInt(SIDE);
            Area area = new Area(x, y, random.nextInt(SIDE - x + 1), random.nextInt(SIDE - y + 1));
            damage.add(area);
            mark(waiting, area, true);
            assertThat(damage.areas()).hasSizeLessThanOrEqualTo(Damage.MAX_AREAS + 1);
            if (random.nextInt(3) == 0) {
              take(damage, waiting, 1 + random.nextInt(200));
            }
          }
          while (!damage.isEmpty()) {
            take(damage, waiting, 50);
          }
          assertThat(waiting.isEmpty()).as("seed %d", seed).isTrue();
        });
  }

  private static void take(Damage damage, BitSet waiting, int maxPixels) {
    @Nullable Area next = damage.take(maxPixels);
    if (next != null) {
      assertThat(next.pixels()).isBetween(1L, (long) maxPixels);
      mark(waiting, next, false);
    }
  }

  @Test
  void anAreaWithinAnotherAddsNothing() {
    Damage damage = new Damage();
    damage.add(new Area(0, 0, 10, 10));
    damage.add(new Area(2, 2, 3, 3));
    damage.add(new Area(0, 0, 0, 5));
    assertThat(damage.areas()).containsExactly(new Area(0, 0, 10, 10));
    damage.add(new Area(0, 0, 20, 20));
    assertThat(damage.areas()).containsExactly(new Area(0, 0, 20, 20));
  }
}
