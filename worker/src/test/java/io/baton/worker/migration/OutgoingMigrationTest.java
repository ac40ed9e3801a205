package io.baton.worker.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.pipe.HandoffKind;
import io.baton.pipe.Message.Handoff;
import io.baton.service.SessionKey;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class OutgoingMigrationTest implements OutgoingMigration.Owner {
  private final EmbeddedChannel loop = new EmbeddedChannel();
  private final TestMovingSession session = new TestMovingSession(loop.eventLoop());

  /** What session and owner were told, in the order of it. */
  private final List<String> told = session.told;

  private final OutgoingMigration migration = new OutgoingMigration(session, this, List.of());
  private Consumer<OutgoingMigration> onSaved = _ -> {};

  @AfterEach
  void close() {
    loop.finishAndReleaseAll();
  }

  @Override
  public void saved(OutgoingMigration of) {
    assertThat(of).isSameAs(migration);
    told.add("saved");
    onSaved.accept(of);
  }

  @Override
  public void unsaved(OutgoingMigration of, String reason) {
    assertThat(of).isSameAs(migration);
    told.add("unsaved " + reason);
  }

  @Override
  public void over(OutgoingMigration of) {
    assertThat(of).isSameAs(migration);
    told.add("over");
  }

  enum Phase {
    QUIETING,
    SAVING,
    SAVED,
    OVER
  }

  enum Event {
    CHECK,
    GIVE_UP,
    THAW,
    ENDED,
    MOVED;

    void happensTo(OutgoingMigration migration) {
      switch (this) {
        case CHECK -> migration.check();
        case GIVE_UP -> migration.giveUp();
        case THAW -> migration.thaw();
        case ENDED -> migration.ended();
        case MOVED -> migration.moved();
      }
    }
  }

  private void bring(Phase to) {
    session.quiet = to != Phase.QUIETING;
    migration.begin();
    if (to == Phase.SAVED || to == Phase.OVER) {
      session.serviceSaves(9);
    }
    if (to == Phase.OVER) {
      migration.thaw();
    }
    told.clear();
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          QUIETING, CHECK,   save,              false, true
          QUIETING, GIVE_UP, unseal thaw over,  true,  false
          QUIETING, THAW,    unseal thaw over,  true,  false
          QUIETING, ENDED,   over,              true,  false
          SAVING,   CHECK,   '',                false, true
          SAVING,   GIVE_UP, '',                false, true
          SAVING,   THAW,    unseal thaw over,  true,  false
          SAVING,   ENDED,   over,              true,  false
          SAVED,    CHECK,   '',                false, false
          SAVED,    GIVE_UP, unseal thaw over,  true,  false
          SAVED,    THAW,    unseal thaw over,  true,  false
          SAVED,    ENDED,   over,              true,  false
          SAVED,    MOVED,   moved,             true,  false
          OVER,     CHECK,   '',                true,  false
          OVER,     GIVE_UP, '',                true,  false
          OVER,     THAW,    '',                true,  false
          OVER,     ENDED,   '',                true,  false
          """)
  void eachPhaseMeetsEachEventAsTheTableSays(
      Phase phase, Event event, String tells, boolean isOver, boolean isSaving) {
    bring(phase);
    session.quiet = true;
    event.happensTo(migration);
    assertThat(String.join(" ", told)).isEqualTo(tells);
    assertThat(migration.isOver()).isEqualTo(isOver);
    assertThat(migration.isSaving()).isEqualTo(isSaving);
  }

  @Test
  void anEndWithinTheMoveIsNotReportedAgain() {
    bring(Phase.SAVED);
    migration.moved();
    migration.ended(); // the copy that is left here closes
    assertThat(told).containsExactly("moved");
  }

  // ---- quieting and saving ----

  @Test
  void aQuietSessionIsAskedToSaveAtOnce() {
    migration.begin();
    assertThat(told).containsExactly("save");
    assertThat(migration.isSaving()).isTrue();
  }

  @Test
  void aBusySessionIsAskedToSaveOnceItIsQuiet() {
    session.quiet = false;
    migration.begin();
    migration.check();
    assertThat(told).isEmpty();
    session.quiet = true;
    migration.check();
    migration.check();
    assertThat(told).containsExactly("save");
  }

  @Test
  void aSessionWhoseCodecCannotMoveNowGoesOnHere() {
    session.codec = Optional.empty();
    migration.begin();
    assertThat(told).containsExactly("unseal", "thaw", "over");
  }

  @Test
  void aSessionThatEndsWhileItsCodecSavesIsNotThawed() {
    session.codec = Optional.empty();
    session.onSaveCodec = migration::ended;
    migration.begin();
    assertThat(told).containsExactly("over");
  }

  @Test
  void itsOwnerHearsWhenTheServiceHasSaved() {
    migration.begin();
    session.serviceSaves(9);
    assertThat(told).containsExactly("save", "saved");
  }

  @Test
  void aSessionWhoseServiceCannotSaveGoesOnHere() {
    migration.begin();
    migration.unsaved("it threw");
    session.serviceCannot();
    assertThat(told).containsExactly("save", "unsaved it threw", "unseal", "thaw", "over");
  }

  @Test
  void aSessionGivenUpWhileItsServiceSavesGoesOnWhenTheServiceReturns() {
    bring(Phase.SAVING);
    migration.giveUp();
    assertThat(told).isEmpty();
    session.serviceSaves(9);
    assertThat(told).containsExactly("unseal", "thaw", "over");
  }

  @Test
  void aSessionGivenUpWhoseServiceCannotSaveGoesOnHere() {
    bring(Phase.SAVING);
    migration.giveUp();
    session.serviceCannot();
    assertThat(told).containsExactly("unseal", "thaw", "over");
  }

  @Test
  void aServiceThatSavesAfterTheAttemptIsOverIsNotHeard() {
    bring(Phase.SAVING);
    migration.thaw();
    told.clear();
    session.serviceSaves(9);
    assertThat(told).isEmpty();
    assertThat(migration.state()).isEmpty();
  }

  @Test
  void aServiceThatHangsIsNamedWithItsTimeAndKey() {
    assertThat(migration.hanging(250))
        .contains("save()", "250 ms", "quiesce-timeout", TestMovingSession.class.getName());
  }

  // ---- the seal ----

  @Test
  void aSavedSessionWithNothingOnItsWayIsSealed() {
    bring(Phase.SAVED);
    assertThat(migration.seal()).isTrue();
    loop.runPendingTasks();
    assertThat(told).containsExactly("seal");
  }

  @Test
  void itsOwnerHearsOfASavedSessionAgainBehindWhatIsOnItsWay() {
    bring(Phase.SAVED);
    session.seals = false;
    assertThat(migration.seal()).isFalse();
    assertThat(told).containsExactly("seal");
    loop.runPendingTasks();
    assertThat(told).containsExactly("seal", "saved");
  }

  @Test
  void itsOwnerDoesNotHearOfItAgainIfWhatWasOnItsWayEndsIt() {
    bring(Phase.SAVED);
    session.seals = false;
    assertThat(migration.seal()).isFalse();
    migration.ended();
    loop.runPendingTasks();
    assertThat(told).containsExactly("seal", "over");
  }

  @Test
  void theSealIsTakenOffWithoutEndingTheAttempt() {
    bring(Phase.SAVED);
    assertThat(migration.seal()).isTrue();
    migration.unseal();
    assertThat(told).containsExactly("seal", "unseal");
    assertThat(migration.state()).isPresent();
  }

  @ParameterizedTest
  @EnumSource(value = Phase.class, names = "SAVED", mode = EnumSource.Mode.EXCLUDE)
  void nothingIsSealedInAnotherPhase(Phase phase) {
    bring(phase);
    assertThat(migration.seal()).isTrue();
    assertThat(told).isEmpty();
  }

  // ---- the state ----

  @Test
  void theStateIsThatOfServiceCodecAndOutputWhenItIsTaken() {
    bring(Phase.SAVED);
    assertThat(migration.state())
        .contains(
            new SavedSession(
                "protocol",
                TestMovingSession.CODEC,
                ByteBuffer.wrap(new byte[] {9}),
                TestMovingSession.UNSENT));
  }

  @ParameterizedTest
  @EnumSource(value = Phase.class, names = "SAVED", mode = EnumSource.Mode.EXCLUDE)
  void thereIsNoStateInAnotherPhase(Phase phase) {
    bring(phase);
    assertThat(migration.state()).isEmpty();
  }

  @Test
  void thereIsNoStateIfAFurtherConnectionCannotMove() {
    bring(Phase.SAVED);
    session.companions = Optional.empty();
    assertThat(migration.state()).isEmpty();
  }

  @Test
  void thereIsNoStateIfTheOutputCannotMove() {
    bring(Phase.SAVED);
    session.unsent = Optional.empty();
    assertThat(migration.state()).isEmpty();
    assertThat(migration.isOver()).as("which is for its owner to decide").isFalse();
  }

  @Test
  void thereIsNoStateIfTheCodecCannotMove() {
    bring(Phase.SAVED);
    session.codec = Optional.empty();
    assertThat(migration.state()).isEmpty();
  }

  @Test
  void thereIsNoStateIfTheSessionEndsWhileItIsTaken() {
    bring(Phase.SAVED);
    session.onSaveCodec = migration::ended;
    assertThat(migration.state()).isEmpty();
  }

  @Test
  void theManagerLearnsTheFactsWithTheKindOfHandoff() {
    Handoff facts = TestMovingSession.FACTS;
    HandoffKind.Saved kind = HandoffKind.savedAside("protocol");
    assertThat(migration.facts()).isEqualTo(facts);
    assertThat(migration.handoff(kind))
        .isEqualTo(new Handoff(facts.id(), facts.listener(), facts.peer(), kind));
    session.key = new SessionKey(1, 2);
    assertThat(migration.handoff(kind).kind()).isEqualTo(kind.under(new SessionKey(1, 2), false));
    assertThat(migration.protocol()).isEqualTo("protocol");
    assertThat(migration.kind()).isEqualTo("kind");
  }

  @Test
  void itsOwnerMayGiveTheSessionWithinTheCallThatSaysItIsSaved() {
    onSaved =
        saved -> {
          assertThat(saved.seal()).isTrue();
          assertThat(saved.state()).isPresent();
          saved.moved();
        };
    migration.begin();
    session.serviceSaves(9);
    assertThat(told).containsExactly("save", "saved", "seal", "moved");
  }
}
