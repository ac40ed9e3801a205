package io.baton.worker.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.pipe.Message.First;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class MigrationRoundsTest {
  private final List<TestSession> sessions = new ArrayList<>();
  private final MigrationRounds rounds = new MigrationRounds(() -> sessions);

  private static final class TestSession implements MovableSession {
    final String name;
    final String kind;
    final long lastActive;
    boolean mayMove = true;
    boolean quiet = true;

    TestSession(String name, String kind, long lastActive) {
      this.name = name;
      this.kind = kind;
      this.lastActive = lastActive;
    }

    @Override
    public boolean mayMove() {
      return mayMove;
    }

    @Override
    public boolean isQuiet() {
      return quiet;
    }

    @Override
    public String kind() {
      return kind;
    }

    @Override
    public HoldUp holdUp() {
      throw new UnsupportedOperationException("the order does not depend on it");
    }

    @Override
    public long lastActive() {
      return lastActive;
    }

    @Override
    public OutgoingMigration freeze(OutgoingMigration.Owner owner) {
      throw new UnsupportedOperationException("choosing a session does nothing to it");
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private TestSession session(String name, String kind, long lastActive) {
    TestSession made = new TestSession(name, kind, lastActive);
    sessions.add(made);
    return made;
  }

  private TestSession session(String name, long lastActive) {
    return session(name, "kind", lastActive);
  }

  private String next() {
    MovableSession next = rounds.next();
    return next == null ? "end" : next.toString();
  }

  private List<String> round() {
    List<String> names = new ArrayList<>();
    for (String next = next(); !next.equals("end"); next = next()) {
      names.add(next);
    }
    return names;
  }

  @ParameterizedTest
  @EnumSource(First.class)
  void withoutSessionsEachRoundEndsAtOnce(First first) {
    rounds.order(first);
    assertThat(round()).isEmpty();
    assertThat(round()).isEmpty();
  }

  @Test
  void theIdlestGoFirstUnlessAnotherOrderIsSet() {
    session("b", 0);
    session("c", 5);
    session("a", -5); // a monotonic clock may begin anywhere
    assertThat(round()).containsExactly("a", "b", "c");
    rounds.order(First.IDLEST);
    assertThat(round()).containsExactly("a", "b", "c");
  }

  @Test
  void theLiveliestGoFirstIfThatIsTheOrder() {
    session("b", 0);
    session("c", 5);
    session("a", -5);
    rounds.order(First.LIVELIEST);
    assertThat(round()).containsExactly("c", "b", "a");
  }

  @Test
  void anOrderHoldsFromTheNextRoundOn() {
    session("a", 1);
    session("b", 2);
    session("c", 3);
    assertThat(next()).isEqualTo("a");
    rounds.order(First.LIVELIEST);
    assertThat(round()).containsExactly("b", "c");
    assertThat(round()).containsExactly("c", "b", "a");
  }

  @ParameterizedTest
  @EnumSource(First.class)
  void busySessionsComeBehindAllThatAreQuiet(First first) {
    rounds.order(first);
    session("busy", 2).quiet = false;
    session("quiet 1", 1);
    session("quiet 3", 3);
    assertThat(round()).hasSize(3).endsWith("busy");
  }

  @Test
  void aSessionThatTurnsBusyWithinTheRoundIsWaitedForAtItsEnd() {
    session("a", 1);
    TestSession b = session("b", 2);
    session("c", 3);
    assertThat(next()).isEqualTo("a");
    b.quiet = false;
    assertThat(round()).containsExactly("c", "b");
  }

  @ParameterizedTest
  @EnumSource(First.class)
  void aSessionThatMayNotMoveIsLeftOutQuietOrBusy(First first) {
    rounds.order(first);
    session("a", 1);
    session("stays", 0).mayMove = false;
    TestSession busy = session("stays busy", 2);
    busy.mayMove = false;
    busy.quiet = false;
    assertThat(round()).containsExactly("a");
  }

  @Test
  void aBusySessionThatMayNoLongerMoveWhenItsTurnComesIsLeftOut() {
    TestSession busy = session("busy", 1);
    busy.quiet = false;
    session("quiet", 2);
    assertThat(next()).isEqualTo("quiet");
    busy.mayMove = false;
    assertThat(next()).isEqualTo("end");
  }

  @Test
  void aSessionThatCouldNotGoIsTriedAgainInTheNextRound() {
    session("a", 1);
    assertThat(round()).containsExactly("a");
    assertThat(round()).containsExactly("a");
  }

  @Test
  void sessionsThatOpenWithinARoundComeInTheNext() {
    session("a", 1);
    session("c", 3);
    assertThat(next()).isEqualTo("a");
    session("b", 2);
    assertThat(round()).containsExactly("c");
    assertThat(round()).containsExactly("a", "b", "c");
  }

  @Test
  void anEndedRoundBeginsAnew() {
    session("a", 1);
    session("b", 2).quiet = false;
    assertThat(next()).isEqualTo("a");
    rounds.end();
    assertThat(round()).containsExactly("a", "b");
  }

  // ---- kinds in turn ----

  @Test
  void theIdlestOfEachKindGoesFirstAndThenTheNextOneOfEach() {
    rounds.order(First.VARIED);
    session("web 1", "web", 1);
    session("web 2", "web", 2);
    session("web 3", "web", 3);
    session("chat 4", "chat", 4);
    session("chat 5", "chat", 5);
    assertThat(round()).containsExactly("web 1", "chat 4", "web 2", "chat 5", "web 3");
  }

  @Test
  void aKindOfWhichOneWasGivenWaitsForTheOthers() {
    rounds.order(First.VARIED);
    TestSession web = session("web 1", "web", 1);
    session("web 2", "web", 2);
    session("chat 3", "chat", 3);
    assertThat(next()).isEqualTo("web 1");
    sessions.remove(web);
    rounds.given("web");
    assertThat(next()).isEqualTo("chat 3");
  }

  @Test
  void aSessionThatMayNotMoveTakesNoPlaceOfItsKind() {
    rounds.order(First.VARIED);
    session("web 1", "web", 1).mayMove = false;
    session("web 2", "web", 2);
    session("chat 3", "chat", 3);
    session("chat 4", "chat", 4);
    assertThat(round()).containsExactly("web 2", "chat 3", "chat 4");
  }

  @Test
  void aGivenSessionDoesNotEndTheRoundIfKindsDoNotTakeTurns() {
    session("a", 1);
    session("b", 2);
    assertThat(next()).isEqualTo("a");
    rounds.given("kind");
    assertThat(next()).isEqualTo("b");
  }
}
