package io.baton.manager.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.manager.fleet.Effect.How;
import io.baton.manager.fleet.Outcome.Kind;
import io.baton.pipe.Message;
import io.baton.pipe.Refusal;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Reload, recycling and scaling: newcomers, leavers, and how it ends. */
class ReplacementTest extends WithFleet {
  private Generation second = first.next(settings);

  private static Outcome done(List<Effect> effects) {
    List<Outcome> outcomes =
        effects.stream()
            .filter(Effect.Done.class::isInstance)
            .map(effect -> ((Effect.Done) effect).outcome())
            .toList();
    assertThat(outcomes).hasSize(1);
    return outcomes.getFirst();
  }

  /** Of a replacement that went well. */
  private static Outcome outcome(
      Kind kind,
      int from,
      int to,
      int started,
      int ended,
      long migrated,
      long finished,
      long closed,
      long ms) {
    return new Outcome(
        kind,
        Outcome.End.DONE,
        from,
        to,
        started,
        ended,
        migrated,
        finished,
        closed,
        ms,
        "",
        List.of());
  }

  private static String failure(List<Effect> effects) {
    return done(effects).failure();
  }

  /** Workers 3 and 4, of the second generation, serve; 1 and 2 leave. */
  private List<Effect> turned() {
    on(new Event.Reload(second));
    ready(3);
    return ready(4);
  }

  /** Worker 1 has these connections, and so has worker 2. */
  private void serving(long... ids) {
    for (long id : ids) {
      visit(id, 0, PEER);
      visit(id + 100, 0, PEER);
    }
  }

  @Test
  void aReloadStartsNewcomersThatGetNobodyUntilAllAreReady() {
    running();
    assertThat(silently(on(new Event.Reload(second))))
        .containsExactly(new Effect.Spawn(3, 0, 2), new Effect.Spawn(4, 1, 2));
    assertThat(states()).containsExactly("READY", "STARTING", "READY", "STARTING");
    assertThat(silently(ready(3))).isEmpty();
    assertThat(states()).containsExactly("READY", "NEXT", "READY", "STARTING");
    assertThat(accept(1)).containsExactly(place(1, 1));
    assertThat(accept(2)).containsExactly(place(2, 2));
    assertThat(accept(3)).containsExactly(place(3, 1));
    assertThat(fleet.room(nowMs)).as("of the old ones").isEqualTo(5);
    assertThat(fleet.view().replacing())
        .isEqualTo("the reload from generation 1 to 2: 1 of 2 new workers are ready");
  }

  @Test
  void whenAllAreReadyTheyServeAndTheOthersGiveWhatTheyHave() {
    running();
    serving(1, 2, 3);
    assertThat(silently(turned()))
        .containsExactly(new Effect.Switch(second), give(1, 2), give(2, 2));
    assertThat(states()).containsExactly("LEAVING", "READY", "LEAVING", "READY");
    assertThat(fleet.view().generation()).isEqualTo(2);
    assertThat(accept(50)).containsExactly(place(50, 3));
    assertThat(given(1, 1)).containsExactly(place(1, 4, SAVED));
    assertThat(said(4, new Message.Taken(1))).contains(new Effect.Release(1));
    assertThat(fleet.view().totals().migrated()).isEqualTo(1);
    assertThat(open()).containsExactly(7);
  }

  @Test
  void aReloadIsDoneWhenAllHasMovedAndTheOldWorkersAreGone() {
    running();
    serving(1);
    turned();
    given(1, 1);
    given(2, 101);
    said(3, new Message.Taken(1));
    nowMs += 20;
    assertThat(silently(said(4, new Message.Taken(101))))
        .containsExactly(new Effect.Release(101), drain(1, 1_000), drain(2, 1_000));
    assertThat(silently(exited(1))).isEmpty();
    nowMs += 80;
    List<Effect> end = exited(2);
    assertThat(silently(end))
        .containsExactly(
            new Effect.Forget(1), new Effect.Done(outcome(Kind.RELOAD, 1, 2, 2, 2, 2, 0, 0, 100)));
    assertThat(reports(end))
        .containsExactly(
            "the reload from generation 1 to 2 is done after 100 ms: 2 workers started, 2 ended;"
                + " of their connections 2 migrated, 0 finished, 0 closed");
    assertThat(fleet.view().totals().deaths()).isZero();
    assertThat(states()).containsExactly("READY", "READY");
    assertThat(fleet.view().workers()).allMatch(worker -> worker.generation() == 2);
  }

  // Newcomers that fail.

  @Test
  void aNewcomerThatCannotStartEndsTheReloadAndNothingHasChanged() {
    running();
    on(new Event.Reload(second));
    ready(3);
    on(new Event.Spawned(4, 104));
    said(4, new Message.Failed("module x: boom"));
    assertThat(silently(on(new Event.Died(4, false, "exited with 1", "words"))))
        .containsExactly(kill(3));
    assertThat(accept(1)).containsExactly(place(1, 1));
    List<Effect> end = died(3);
    assertThat(silently(end)).startsWith(new Effect.Forget(2));
    assertThat(failure(end))
        .isEqualTo("worker 1 (pid 104) could not start: module x: boom (exited with 1)");
    assertThat(fleet.view().generation()).isEqualTo(1);
    assertThat(states()).containsExactly("READY", "READY");
    assertThat(fleet.view().totals().deaths()).as("of the one that failed").isEqualTo(1);
  }

  @Test
  void aNewcomerThatIsNotReadyInTimeEndsTheReload() {
    running();
    talkative.addAll(List.of(1L, 2L, 3L));
    on(new Event.Reload(second));
    ready(3);
    on(new Event.Spawned(4, 104));
    assertThat(silently(after(30_200))).containsOnlyOnce(new Effect.Kill(4, How.DUMP));
    assertThat(silently(after(1_800))).as("it has dump-grace").isEmpty();
    assertThat(silently(after(400))).contains(kill(4), kill(3));
    assertThat(silently(died(3))).isEmpty();
    assertThat(failure(died(4)))
        .isEqualTo(
            "worker 1 (pid 104) could not start: was not ready after 30 s (start-timeout); where it"
                + " was, is in its output");
  }

  @Test
  void aNewcomerThatDiesWhileTheOthersStartEndsTheReload() {
    running();
    on(new Event.Reload(second));
    ready(3);
    on(new Event.Spawned(4, 104));
    assertThat(silently(on(new Event.Died(3, false, "was killed by SIGKILL", "words"))))
        .containsExactly(kill(4));
    assertThat(failure(died(4)))
        .isEqualTo("worker 0 (pid 103) did not stay up: was killed by SIGKILL");
  }

  @Test
  void aNewcomerThatCannotBeMadeEndsTheReload() {
    running();
    on(new Event.Reload(second));
    assertThat(silently(on(new Event.SpawnFailed(3, "Cannot allocate memory"))))
        .containsExactly(kill(4));
    assertThat(failure(died(4))).isEqualTo("worker 0 could not start: Cannot allocate memory");
  }

  @Test
  void anOldWorkerThatDiesMeanwhileIsReplacedInItsOwnGeneration() {
    running();
    on(new Event.Reload(second));
    died(1);
    assertThat(silently(after(200))).containsExactly(new Effect.Spawn(5, 0, 1));
    ready(3);
    assertThat(silently(ready(4)))
        .as("it has nobody yet")
        .containsExactly(new Effect.Switch(second), kill(5));
    after(20);
    assertThat(silently(died(5))).isEmpty();
    assertThat(done(exited(2)).ended()).isEqualTo(2);
  }

  @Test
  void aBrokenSlotIsFilledByANewcomerAndItsPastForgotten() {
    running();
    talkative.add(2L);
    for (long worker = 1; worker < 5; worker = worker == 1 ? 3 : worker + 1) {
      died(worker);
      after(200);
    }
    assertThat(states()).containsExactly("BROKEN", "READY");
    second = first.next(settings);
    on(new Event.Reload(second));
    ready(5);
    assertThat(silently(ready(6))).containsExactly(new Effect.Switch(second));
    assertThat(states()).containsExactly("READY", "LEAVING", "READY");
    assertThat(fleet.view().workers().getFirst().problem()).isNull();
  }

  // One at a time, and when it is allowed.

  @Test
  void asLongAsOneIsUnderWayNoOtherIsBegun() {
    running();
    on(new Event.Reload(second));
    for (Event event :
        List.of(new Event.Reload(second), new Event.Recycle(List.of()), new Event.Scale(3))) {
      assertThat(failure(on(event))).isEqualTo("the reload from generation 1 to 2 is under way");
    }
  }

  @Test
  void beforeTheServerHasStartedNothingIsReplaced() {
    after(0);
    assertThat(failure(on(new Event.Recycle(List.of())))).isEqualTo("the server is starting");
  }

  @Test
  void aStopEndsWhatIsUnderWay() {
    running();
    on(new Event.Reload(second));
    ready(3);
    List<Effect> stop = on(new Event.Stop(StopMode.GRACEFUL));
    assertThat(stop).contains(kill(3), kill(4));
    assertThat(failure(stop)).isEqualTo("the server is stopping");
    assertThat(failure(on(new Event.Scale(3)))).isEqualTo("the server is stopping");
  }

  @Test
  void aStopWhileConnectionsMoveTakesBackWhatIsAllowedAndDrainsEverybody() {
    running();
    serving(1, 2, 3);
    turned();
    given(1, 1);
    List<Effect> stop = on(new Event.Stop(StopMode.GRACEFUL));
    assertThat(stop).contains(give(1, 1), give(2, 0));
    assertThat(failure(stop)).isEqualTo("the server is stopping");
    given(2, 101);
    assertThat(fleet.view().totals().garbled()).as("it was on its way").isZero();
    said(3, new Message.Taken(1));
    said(4, new Message.Taken(101));
    after(200);
    assertThat(silently(on(new Event.ListenersClosed())))
        .extracting(effect -> ((Effect.Tell) effect).worker())
        .containsExactly(1L, 2L, 3L, 4L);
  }

  // Undoing one, and ending one for another.

  @Test
  void aReloadThatIsAbortedWhileItsWorkersStartChangesNothing() {
    running();
    on(new Event.Reload(second));
    ready(3);
    assertThat(silently(on(new Event.Abort()))).containsExactly(kill(3), kill(4));
    died(3);
    Outcome outcome = done(died(4));
    assertThat(outcome.end()).isEqualTo(Outcome.End.FAILED);
    assertThat(outcome.failure()).isEqualTo("aborted by bin/reload --abort");
    assertThat(states()).containsExactly("READY", "READY");
  }

  @Test
  void aReloadThatIsAbortedWhileConnectionsMoveGoesBackToTheFormerWorkers() {
    running();
    serving(1, 2);
    turned();
    given(1, 1);
    said(3, new Message.Taken(1));
    assertThat(fleet.whyNotAborted()).isEmpty();
    List<Effect> abort = silently(on(new Event.Abort()));
    assertThat(abort).contains(new Effect.Switch(first), give(3, 1));
    assertThat(states()).containsExactly("READY", "LEAVING", "READY", "LEAVING");
    assertThat(accept(50).getFirst())
        .isInstanceOfSatisfying(
            Effect.Place.class, place -> assertThat(place.worker()).isIn(1L, 2L));
    assertThat(given(3, 1))
        .first()
        .isInstanceOfSatisfying(
            Effect.Place.class, place -> assertThat(place.worker()).isIn(1L, 2L));
  }

  @Test
  void aSlotWhoseFormerWorkerHasEndedGetsAFreshOneWhenAReloadIsAborted() {
    running();
    visit(1, 0, PEER);
    turned();
    assertThat(silently(after(20))).containsExactly(drain(2, 1_000));
    exited(2);
    on(new Event.Abort());
    assertThat(silently(after(20))).contains(new Effect.Spawn(5, 1, 1));
    assertThat(fleet.view().generation()).isEqualTo(1);
  }

  @Test
  void aReloadOfWhichNoFormerWorkerServesCannotBeAborted() {
    running();
    turned();
    after(20);
    assertThat(fleet.whyNotAborted())
        .isEqualTo("no worker of generation 1 is left; deploy what it had with bin/reload");
    exited(1);
    exited(2);
    assertThat(fleet.whyNotAborted()).isEqualTo("no reload is under way");
  }

  @Test
  void anotherReloadEndsOneOfWhichOnlyFormerWorkersAreLeft() {
    running();
    serving(1);
    turned();
    assertThat(fleet.isDraining()).isTrue();
    List<Effect> superseded = on(new Event.Supersede());
    Outcome outcome = done(superseded);
    assertThat(outcome.end()).isEqualTo(Outcome.End.SUPERSEDED);
    assertThat(outcome.to()).isEqualTo(2);
    assertThat(outcome.failure())
        .isEqualTo("superseded by another reload; 2 connections left on 2 workers");
    assertThat(silently(superseded)).doesNotContain(new Effect.Forget(1));

    Generation third = second.next(settings);
    on(new Event.Reload(third));
    ready(5);
    assertThat(ready(6)).contains(new Effect.Switch(third));
    assertThat(given(1, 1)).as("it still moves").contains(place(1, 5, SAVED));
    said(5, new Message.Taken(1));
    said(2, new Message.Departed(0, null, 1));
    after(20);
    exited(1);
    List<Effect> last = exited(2);
    assertThat(last).doesNotContain(new Effect.Forget(3));
    exited(3);
    List<Effect> end = exited(4);
    assertThat(done(end).end()).isEqualTo(Outcome.End.DONE);
    assertThat(end).contains(new Effect.Forget(1), new Effect.Forget(2));
  }

  // Recycling and scaling.

  @Test
  void recyclingReplacesAllWorkersOfTheSameGeneration() {
    running();
    assertThat(silently(on(new Event.Recycle(List.of()))))
        .containsExactly(new Effect.Spawn(3, 0, 1), new Effect.Spawn(4, 1, 1));
    ready(3);
    assertThat(silently(ready(4))).isEmpty();
    assertThat(silently(after(20))).containsExactly(drain(1, 1_000), drain(2, 1_000));
    exited(1);
    Outcome outcome = done(exited(2));
    assertThat(outcome).isEqualTo(outcome(Kind.RECYCLE, 1, 1, 2, 2, 0, 0, 0, 20));
  }

  @Test
  void recyclingOneLeavesTheOtherAlone() {
    running();
    assertThat(silently(on(new Event.Recycle(List.of(1, 1)))))
        .containsExactly(new Effect.Spawn(3, 1, 1));
    ready(3);
    assertThat(states()).containsExactly("READY", "LEAVING", "READY");
  }

  @Test
  void recyclingWhatIsNotThereSaysWhatIs() {
    running();
    assertThat(failure(on(new Event.Recycle(List.of(0, 2)))))
        .isEqualTo("there is no worker 2: allowed are 0 to 1");
    assertThat(fleet.view().replacing()).isNull();
  }

  @Test
  void scalingUpAddsWorkersAndNobodyLeaves() {
    running();
    assertThat(silently(on(new Event.Scale(4))))
        .containsExactly(new Effect.Spawn(3, 2, 1), new Effect.Spawn(4, 3, 1));
    ready(3);
    assertThat(done(ready(4))).isEqualTo(outcome(Kind.SCALE, 1, 1, 2, 0, 0, 0, 0, 0));
    assertThat(states()).containsExactly("READY", "READY", "READY", "READY");
    assertThat(fleet.room(nowMs)).isEqualTo(16);
  }

  @Test
  void scalingUpThatFailsLeavesNoSlotBehind() {
    running();
    on(new Event.Scale(3));
    assertThat(failure(on(new Event.SpawnFailed(3, "ENOMEM")))).contains("ENOMEM");
    assertThat(states()).containsExactly("READY", "READY");
  }

  @Test
  void scalingDownLetsTheHighestSlotsGo() {
    running();
    serving(1);
    assertThat(silently(on(new Event.Scale(1)))).containsExactly(give(2, 1));
    assertThat(states()).containsExactly("READY", "LEAVING");
    assertThat(given(2, 101)).containsExactly(place(101, 1, SAVED));
    nowMs += 20;
    assertThat(silently(said(1, new Message.Taken(101))))
        .containsExactly(new Effect.Release(101), drain(2, 1_000));
    assertThat(done(exited(2))).isEqualTo(outcome(Kind.SCALE, 1, 1, 0, 1, 1, 0, 0, 20));
    assertThat(states()).containsExactly("READY");
  }

  @Test
  void scalingToNobodyOrTooManyIsRefused() {
    running();
    assertThat(failure(on(new Event.Scale(0))))
        .isEqualTo("there cannot be 0 workers: allowed are 1 to 256");
    assertThat(failure(on(new Event.Scale(257)))).contains("allowed are 1 to 256");
  }

  @Test
  void aReloadFollowsTheConfiguredNumberOfWorkersAndPolicy() {
    running();
    second = first.next(TestSettings.with(1, 1, "fleet.max-unacked = 32"));
    on(new Event.Reload(second));
    ready(3);
    assertThat(states()).containsExactly("LEAVING", "READY", "LEAVING");
    assertThat(fleet.room(nowMs)).isEqualTo(32);
  }

  // What becomes of leavers.

  @Test
  void whatIsLeftAtTheDeadlineGetsItsGoodbyeAndIsCountedAsClosed() {
    running();
    serving(1, 2);
    talkative.addAll(List.of(1L, 2L, 3L, 4L));
    turned();
    said(1, new Message.Departed(0, null, 1));
    assertThat(silently(after(29_900))).doesNotContain(drain(1, 5_000));
    assertThat(silently(after(100))).containsExactly(drain(1, 5_000), drain(2, 5_000));
    talkative.removeAll(List.of(1L, 2L));
    said(1, new Message.Departed(0, null, 1));
    exited(1);
    Outcome outcome = done(exited(2));
    assertThat(outcome.finished()).isEqualTo(1);
    assertThat(outcome.closed()).isEqualTo(3);
    assertThat(outcome.details()).isEmpty();
    assertThat(fleet.view().totals().deaths()).isZero();
  }

  @Test
  void aLeaverThatDoesNotEndAfterItsDrainIsKilled() {
    running();
    turned();
    talkative.addAll(List.of(1L, 2L, 3L, 4L));
    assertThat(silently(after(20))).containsExactly(drain(1, 1_000), drain(2, 1_000));
    talkative.remove(2L);
    exited(2);
    assertThat(silently(after(6_000))).isEmpty();
    assertThat(silently(after(200))).containsExactly(kill(1));
    assertThat(done(died(1)).failure()).isEmpty();
  }

  @Test
  void aLeaverThatFailsWhileItDrainsIsTold() {
    running();
    serving(1);
    talkative.addAll(List.of(1L, 2L, 3L, 4L));
    turned();
    after(30_000);
    talkative.removeAll(List.of(1L, 2L));
    assertThat(reports(died(1)))
        .containsExactly(
            "worker 0 (pid 101) was killed by SIGKILL; up to 1 connection ended with it,"
                + " 0 untaken go to other workers");
    Outcome outcome = done(exited(2));
    assertThat(outcome.closed()).isEqualTo(2);
    assertThat(outcome.details())
        .containsExactly("1 closed: worker 0 (pid 101) was killed by SIGKILL");
    assertThat(fleet.view().totals().deaths()).isOne();
  }

  @Test
  void theConnectionsOfALeaverThatDiesAreCountedAsClosed() {
    running();
    serving(1, 2, 3);
    turned();
    given(1, 1);
    said(3, new Message.Taken(1));
    List<Effect> death = died(1);
    assertThat(reports(death))
        .containsExactly(
            "worker 0 (pid 101) was killed by SIGKILL; up to 2 connections ended with it,"
                + " 0 untaken go to other workers");
    assertThat(silently(after(1_000)))
        .as("no slot of its own")
        .doesNotContain(new Effect.Spawn(5, 0, 2));
    Outcome outcome = done(died(2));
    assertThat(outcome.migrated()).isEqualTo(1);
    assertThat(outcome.closed()).isEqualTo(5);
  }

  @Test
  void aReloadIsNotDoneWhileAConnectionIsOnItsWay() {
    running();
    serving(1);
    turned();
    said(2, new Message.Departed(0, null, 1));
    given(1, 1);
    assertThat(silently(died(1))).isEmpty();
    after(20);
    assertThat(silently(exited(2))).isEmpty();
    Outcome outcome = done(said(3, new Message.Taken(1)));
    assertThat(outcome.migrated()).isEqualTo(1);
    assertThat(outcome.finished()).isEqualTo(1);
    assertThat(outcome.closed()).isZero();
  }

  @Test
  void aHungLeaverIsDumpedAndKilledAsAnyOther() {
    running();
    serving(1);
    turned();
    talkative.addAll(List.of(2L, 3L, 4L));
    assertThat(after(10_200)).contains(new Effect.Kill(1, Effect.How.DUMP));
    assertThat(after(2_200)).contains(kill(1));
  }

  @Test
  void aLeaverKeepsServingWhoIsOnTheWayToIt() {
    running();
    accept(1);
    turned();
    assertThat(silently(after(20))).as("the other one").containsExactly(drain(2, 1_000));
    assertThat(silently(said(1, new Message.Refused(1, Refusal.NO_DESCRIPTORS, ""))))
        .containsExactly(drain(1, 1_000), place(1, 4));
  }
}
