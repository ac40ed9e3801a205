package io.baton.worker.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Flow;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MigrationGateTest implements OutgoingMigration.Owner {
  private final EmbeddedChannel loop = new EmbeddedChannel();
  private final TestMovingSession session = new TestMovingSession(loop.eventLoop());
  private final List<String> told = session.told;
  private final MigrationGate gate = new MigrationGate(session);

  @AfterEach
  void close() {
    loop.finishAndReleaseAll();
  }

  @Override
  public void saved(OutgoingMigration migration) {
    told.add("saved");
  }

  @Override
  public void unsaved(OutgoingMigration migration, String reason) {
    told.add("unsaved " + reason);
  }

  @Override
  public void over(OutgoingMigration migration) {
    told.add("over");
  }

  // ---- may it move ----

  @Test
  void aSessionMayMoveUnlessItMovesAlready() {
    assertThat(gate.mayMove()).isTrue();
    var _ = gate.begin(this);
    assertThat(gate.mayMove()).isFalse();
    gate.over();
    assertThat(gate.mayMove()).isTrue();
  }

  @Test
  void aSessionThatCameBackStaysForASecond() {
    gate.stay();
    assertThat(gate.mayMove()).isFalse();
    session.now += TimeUnit.SECONDS.toNanos(1) - 1;
    assertThat(gate.mayMove()).isFalse();
    session.now += 1;
    assertThat(gate.mayMove()).isTrue();
  }

  @Test
  void aSessionThatCannotBeSavedStaysAndIsReportedAsNewOnlyOnce() {
    OutgoingMigration migration = gate.begin(this);
    migration.begin();
    assertThat(gate.unsaved("it threw")).isTrue();
    assertThat(told).containsExactly("save", "unsaved it threw");
    gate.over();
    assertThat(gate.mayMove()).isFalse();
    assertThat(gate.unsaved("it threw")).isFalse();
    assertThat(told).as("no migration is there to hear it").hasSize(2);
  }

  // ---- the migration that there is ----

  @Test
  void aQuietSessionIsSavedIfAMigrationWaitsForThat() {
    assertThat(gate.check()).isFalse();
    session.quiet = false;
    gate.begin(this).begin();
    assertThat(gate.check()).isTrue();
    assertThat(told).isEmpty();
    session.quiet = true;
    assertThat(gate.check()).isTrue();
    assertThat(told).containsExactly("save");
  }

  @Test
  void aSessionThatIsToEndHereGoesOnUntilThen() {
    gate.stop();
    gate.begin(this).begin();
    gate.stop();
    assertThat(told).containsExactly("save", "unseal", "thaw", "over");
  }

  @Test
  void theEndOfASessionEndsItsMigrationOnce() {
    gate.ended();
    gate.begin(this).begin();
    gate.ended();
    gate.ended();
    assertThat(told).containsExactly("save", "over");
    assertThat(gate.check()).isFalse();
  }

  // ---- why it has not moved ----

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          false, IDLE,   answer pending
          false, HEAD,   answer pending
          true,  ANSWER, answer pending
          true,  HEAD,   message arriving
          true,  BODY,   message arriving
          true,  IDLE,   cannot move now
          """)
  void theOperatorLearnsWhereTheConversationIs(boolean quiet, Flow.Phase phase, String why) {
    session.quiet = quiet;
    session.phase = phase;
    assertThat(MigrationGate.whyNot(null, session)).isEqualTo(why);
    assertThat(MigrationGate.whyNot(gate, session)).isEqualTo(why);
  }

  @Test
  void theOperatorLearnsThatOtherWorkersRefusedItOrThatItCannotBeSaved() {
    session.quiet = false;
    gate.stay();
    assertThat(MigrationGate.whyNot(gate, session)).isEqualTo("refused by the other workers");
    var _ = gate.unsaved("it threw");
    assertThat(MigrationGate.whyNot(gate, session)).isEqualTo("cannot be saved");
  }
}
