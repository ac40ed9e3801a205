package io.baton.worker.elsewhere;

import io.baton.testing.Nightly;
import io.baton.testing.Seeds;
import io.baton.worker.elsewhere.TransferSimulation.Mood;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TransferSimulationTest {
  private static final int STEPS = Nightly.of(20_000, 3_000);

  @ParameterizedTest
  @EnumSource
  void aSessionHasOneOwnerAndNoneIsLostWithoutAWord(Mood mood) {
    Seeds.many(TransferSimulationTest.class, 4_096, 20)
        .forEach(seed -> {
          TransferSimulation simulation = new TransferSimulation(seed, mood);
          try {
            simulation.run(STEPS);
          } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed " + seed + ", " + simulation, e);
          }
        });
  }
}
