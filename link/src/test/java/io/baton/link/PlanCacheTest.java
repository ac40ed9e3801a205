package io.baton.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.link.types.Output;
import io.baton.link.types.ReadingPlan;
import io.baton.link.types.SchemaException;
import io.baton.link.types.Types;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlanCacheTest {
  private final Counting types = new Counting();
  private final PlanCache<String> plans = new PlanCache<>(types);

  /** Types whose schemas are single bytes, own 0, of which it counts the plans made. */
  private static final class Counting implements Types<String> {
    final List<Byte> made = new ArrayList<>();

    @Override
    public byte[] schema() {
      return new byte[] {0};
    }

    @Override
    public void write(String message, Output out) {
      throw new AssertionError("nothing is written");
    }

    @Override
    public ReadingPlan<String> reading(byte[] peers) throws SchemaException {
      made.add(peers[0]);
      if (peers[0] < 0) {
        throw new SchemaException("refused");
      }
      return bytes -> "read as " + peers[0];
    }
  }

  private static TypeSet set(int schema) {
    return new TypeSet(new byte[] {(byte) schema});
  }

  @Test
  void thePlanOfAnEqualTypeSetIsMadeOnce() throws Exception {
    assertThat(plans.plan(set(1))).isSameAs(plans.plan(set(1))).isNotSameAs(plans.plan(set(0)));
    assertThat(types.made).containsExactly((byte) 1, (byte) 0);
  }

  @Test
  void theOwnPlanAndThe64OthersUsedLastAreKept() throws Exception {
    plans.plan(set(0));
    for (int i = 1; i <= 100; i++) {
      plans.plan(set(i));
    }
    types.made.clear();
    for (int i = 37; i <= 100; i++) {
      plans.plan(set(i));
    }
    plans.plan(set(0));
    assertThat(types.made).isEmpty();
    plans.plan(set(36));
    assertThat(types.made).containsExactly((byte) 36);
  }

  @Test
  void aRefusedTypeSetIsNotKept() {
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> plans.plan(set(-1))).isInstanceOf(SchemaException.class);
    }
    assertThat(types.made).hasSize(2);
  }
}
