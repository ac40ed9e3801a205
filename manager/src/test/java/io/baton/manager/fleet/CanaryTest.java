package io.baton.manager.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.manager.fleet.Effect.How;
import io.baton.manager.fleet.Outcome.End;
import io.baton.pipe.HandoffKind;
import io.baton.pipe.Message;
import io.baton.pipe.Message.First;
import io.baton.pipe.Refusal;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The first moves of a reload. Workers 1 and 2 serve, with connections 1 to 6 in turn; 3 and 4 are
 * to take their place.
 */
class CanaryTest extends WithFleet {
  private static final String WHY =
      "java.lang.IllegalStateException: no (com.acme.Chat of chat.jar)";
  private static final String CANARY = "fleet.canary = 2";

  private Generation second = first;

  @BeforeEach
  void serve() {
    with(TestSettings.with(2, 1, CANARY));
    running();
    for (long id = 1; id <= 6; id++) {
      visit(id, 0, PEER);
    }
    second = first.next(first.settings());
    talkative.addAll(List.of(1L, 2L, 3L, 4L));
  }

  /** The newcomers are READY, and worker 1 may give its first connection. */
  private List<Effect> proving() {
    on(new Event.Reload(second));
    ready(3);
    return ready(4);
  }

  private static Effect.Tell giveVaried(long worker, long total) {
    return new Effect.Tell(worker, new Message.AllowMigrations(total, First.VARIED));
  }

  private List<Effect> given(long worker, long id, String protocol) {
    return on(new Event.Given(worker, id, 0, PEER, HandoffKind.savedAside(protocol)));
  }

  private List<Effect> unreadable(long worker, long id) {
    return said(worker, new Message.Refused(id, Refusal.UNREADABLE, WHY));
  }

  /** All newcomers refuse it, and its own worker has it again. */
  private List<Effect> comesBack(long from, long id, String protocol) {
    List<Effect> effects = given(from, id, protocol);
    HandoffKind.Saved saved = HandoffKind.savedAside(protocol);
    while (place(effects).kind().equals(saved)) {
      effects = unreadable(place(effects).worker(), id);
    }
    assertThat(place(effects)).isEqualTo(place(id, from, saved.returning()));
    return said(from, new Message.Taken(id));
  }

  private List<Effect> goesOn(long from, long id, String protocol) {
    return said(place(given(from, id, protocol)).worker(), new Message.Taken(id));
  }

  private static Effect.Place place(List<Effect> effects) {
    return effects.stream()
        .filter(Effect.Place.class::isInstance)
        .map(Effect.Place.class::cast)
        .findFirst()
        .orElseThrow(() -> new AssertionError("nothing is placed: " + effects));
  }

  private static Outcome done(List<Effect> effects) {
    return effects.stream()
        .filter(Effect.Done.class::isInstance)
        .map(effect -> ((Effect.Done) effect).outcome())
        .findFirst()
        .orElseThrow(() -> new AssertionError("it is not done: " + effects));
  }

  private static boolean hasTurned(List<Effect> effects) {
    return effects.stream().anyMatch(Effect.Switch.class::isInstance);
  }

  @Test
  void oneConnectionMovesBeforeAnythingElseChanges() {
    assertThat(silently(proving())).containsExactly(giveVaried(1, 1));
    assertThat(states()).containsExactly("READY", "NEXT", "READY", "NEXT");
    assertThat(fleet.view().generation()).isEqualTo(1);
    assertThat(accept(50).getFirst()).as("new clients stay").isEqualTo(place(50, 1));
    assertThat(place(given(1, 1, "")).worker()).isIn(3L, 4L);
    assertThat(fleet.view().replacing()).contains("0 connections moved first");
  }

  @Test
  void theNextOneGoesWhenTheFirstHasArrivedAndThenAllDo() {
    proving();
    assertThat(silently(goesOn(1, 1, ""))).contains(giveVaried(2, 1));
    List<Effect> turn = silently(goesOn(2, 2, ""));
    assertThat(turn).contains(new Effect.Switch(second)).doesNotContain(giveVaried(1, 2));
    assertThat(states()).containsExactly("LEAVING", "READY", "LEAVING", "READY");
  }

  @Test
  void whatMovedFirstIsInTheOutcome() {
    proving();
    goesOn(1, 1, "");
    goesOn(2, 2, "");
    for (long id = 3; id <= 6; id++) {
      long from = id % 2 == 1 ? 1 : 2;
      goesOn(from, id, "");
    }
    after(20);
    exited(1);
    Outcome outcome = done(exited(2));
    assertThat(outcome.migrated()).isEqualTo(6);
    assertThat(outcome.end()).isEqualTo(End.DONE);
  }

  @Test
  void codeThatCanGoOnWithNoneServesNobodyAndAllAreWhereTheyWere() {
    proving();
    comesBack(1, 1, "/chat");
    comesBack(2, 2, "/chat");
    List<Effect> third = comesBack(1, 3, "/chat");
    assertThat(hasTurned(third)).isFalse();
    assertThat(silently(after(20))).contains(drain(3, 1_000), drain(4, 1_000));
    exited(3);
    List<Effect> end = exited(4);
    Outcome outcome = done(end);
    assertThat(outcome.end()).isEqualTo(End.FAILED);
    assertThat(outcome.to()).isEqualTo(1);
    assertThat(outcome.closed()).isZero();
    assertThat(outcome.failure())
        .isEqualTo(
            "none of the first 3 sessions of l0 /chat could go on: "
                + WHY
                + "; fleet.canary = 0 would deploy all the same");
    assertThat(end).contains(new Effect.Forget(2));
    assertThat(reports(end)).anyMatch(line -> line.contains(WHY));
    assertThat(states()).containsExactly("READY", "READY");
    assertThat(open()).containsExactly(6);
    assertThat(fleet.view().totals().returned()).isEqualTo(3);
    assertThat(fleet.view().totals().migrated()).isZero();
    assertThat(place(accept(60)).worker()).isIn(1L, 2L);
  }

  @Test
  void oneProtocolThatCannotGoOnIsEnoughAndWhatHasMovedComesBack() {
    proving();
    long taker = place(given(1, 1, "")).worker();
    said(taker, new Message.Taken(1));
    comesBack(2, 2, "/chat");
    comesBack(1, 3, "/chat");
    List<Effect> failed = comesBack(2, 4, "/chat");
    assertThat(failed).contains(give(taker, 1));
    assertThat(place(given(taker, 1, "")))
        .satisfies(back -> {
          assertThat(back.worker()).isIn(1L, 2L);
          assertThat(back.kind()).isEqualTo(SAVED);
        });
    said(place(1, 1).worker(), new Message.Taken(1));
    assertThat(open()).containsExactly(6);
  }

  @Test
  void aSessionThatCannotGoOnWhereOthersCanDoesNotFailTheReload() {
    proving();
    comesBack(1, 1, "/chat");
    goesOn(2, 2, "/chat");
    assertThat(fleet.view().generation()).isEqualTo(2);
    goesOn(1, 3, "/chat");
    goesOn(1, 5, "/chat");
    goesOn(2, 4, "/chat");
    goesOn(2, 6, "/chat");
    after(20);
    talkative.remove(2L);
    exited(2);
    comesBack(1, 1, "/chat");
    said(1, new Message.Held("l0, 1 refused by the new workers"));
    assertThat(silently(after(30_000))).contains(drain(1, 5_000));
    said(1, new Message.Departed(0, null, 1));
    Outcome outcome = done(exited(1));
    assertThat(outcome.end()).isEqualTo(End.INCOMPLETE);
    assertThat(outcome.closed()).isEqualTo(1);
    assertThat(outcome.details())
        .containsExactly(
            "1 closed: l0, 1 refused by the new workers", "1 session could not go on: " + WHY);
    assertThat(fleet.view().totals().returned()).as("one, however often").isEqualTo(1);
  }

  @Test
  void aSessionThatItsOwnWorkerWillNotHaveBackGoesToTheOthersThatServe() {
    proving();
    List<Effect> effects = given(1, 1, "/chat");
    effects = unreadable(place(effects).worker(), 1);
    assertThat(place(effects).worker()).as("back").isEqualTo(1);
    effects = unreadable(1, 1);
    assertThat(place(effects)).isEqualTo(place(1, 2, HandoffKind.savedAside("/chat")));
    assertThat(silently(unreadable(2, 1)))
        .as("nobody is left to ask")
        .containsExactly(new Effect.End(1));
    assertThat(silently(after(20))).as("the next one's turn").contains(giveVaried(2, 1));
  }

  @Test
  void aNewcomerThatHangsWithTheFirstSessionFailsTheReload() {
    proving();
    long hanging = place(given(1, 1, "/chat")).worker();
    talkative.remove(hanging);
    List<Effect> effects = after(6_200);
    assertThat(effects).contains(new Effect.Kill(hanging, How.DUMP));
    assertThat(hasTurned(effects)).isFalse();
    assertThat(after(2_200)).contains(kill(hanging));
    assertThat(silently(died(hanging)))
        .contains(place(1, 1, HandoffKind.savedAside("/chat").returning()));
    said(1, new Message.Taken(1));
    long other = 7 - hanging;
    after(20);
    Outcome outcome = done(exited(other));
    assertThat(outcome.end()).isEqualTo(End.FAILED);
    assertThat(outcome.failure())
        .contains("has not answered for 6.2 s (resume-timeout)", "l0 /chat");
    assertThat(open()).containsExactly(6);
    assertThat(states()).containsExactly("READY", "READY");
  }

  @Test
  void aNewcomerThatDiesWithTheFirstSessionFailsTheReload() {
    proving();
    long dying = place(given(1, 1, "")).worker();
    talkative.remove(dying);
    List<Effect> death = died(dying);
    assertThat(hasTurned(death)).isFalse();
    said(place(death).worker(), new Message.Taken(1));
    after(20);
    assertThat(done(exited(7 - dying)).failure())
        .contains("did not stay up: was killed by SIGKILL");
    assertThat(open()).containsExactly(6);
  }

  @Test
  void codeThatCannotSaveKeepsItsSessionsAndFailsTheReload() {
    proving();
    String why = "save() threw java.lang.IllegalStateException";
    for (long id = 1; id <= 3; id++) {
      said(1, new Message.Unsaved(id, 0, "/chat", why));
    }
    assertThat(silently(after(20))).contains(drain(3, 1_000), drain(4, 1_000));
    exited(3);
    assertThat(done(exited(4)).failure()).contains("l0 /chat could go on: " + why);
    assertThat(open()).containsExactly(6);
  }

  @Test
  void aFormerWorkerThatHangsWhenItIsToGiveFailsTheReloadBeforeAnotherOneIsAsked() {
    proving();
    talkative.remove(1L);
    List<Effect> effects = after(5_200);
    assertThat(effects).doesNotContain(giveVaried(2, 1));
    assertThat(hasTurned(effects)).isFalse();
    exited(3);
    assertThat(done(exited(4)).failure())
        .contains("worker 0 (pid 101) has said nothing for", "save()");
  }

  @Test
  void aWorkerWithNothingThatCanGoNowHasItsTurnTakenAway() {
    proving();
    assertThat(silently(after(1_400))).contains(giveVaried(1, 0), giveVaried(2, 1));
    List<Effect> turn = after(1_400);
    assertThat(hasTurned(turn)).as("nothing speaks against it").isTrue();
    assertThat(silently(turn)).as("from now on it is to give all").contains(give(2, 1));
  }

  @Test
  void connectionsOfAListenerThatGoesAreNoCanary() {
    talkative.clear();
    with(TestSettings.with(1, Map.of("l0", "", "old", ""), CANARY));
    after(0);
    ready(1);
    visit(1, 1, PEER);
    second = first.next(TestSettings.with(1, 1, CANARY));
    on(new Event.Reload(second));
    assertThat(hasTurned(ready(2))).isTrue();
  }

  @Test
  void aStopEndsIt() {
    proving();
    given(1, 1, "");
    List<Effect> stop = on(new Event.Stop(StopMode.GRACEFUL));
    assertThat(done(stop).failure()).isEqualTo("the server is stopping");
    assertThat(fleet.view().replacing()).isNull();
  }
}
