package io.baton.manager.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.Settings;
import io.baton.pipe.Load;
import io.baton.pipe.Message;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How many connections workers may give, and who decides that some are to move at all. */
class AllowancesTest extends WithFleet {

  /** The total that each worker was told last. */
  private long allowed(long worker, List<Effect> effects) {
    return effects.stream()
        .filter(effect -> effect instanceof Effect.Tell tell && tell.worker() == worker)
        .map(effect -> ((Effect.Tell) effect).message())
        .filter(Message.AllowMigrations.class::isInstance)
        .mapToLong(message -> ((Message.AllowMigrations) message).total())
        .reduce(-1, (_, last) -> last);
  }

  private static Settings settings(int workers, String hocon) {
    return TestSettings.with(workers, 1, "fleet.max-unacked = 64\n" + hocon);
  }

  /** So many connections are open, evenly. */
  private void connected(int count) {
    for (int id = 1; id <= count; id++) {
      visit(id, 0, PEER);
    }
  }

  @Test
  void theWindowOpensWithEachConnectionThatHasArrivedAndNoFurtherThanMaxFrozen() {
    with(settings(1, "fleet.max-frozen = 8"));
    after(0);
    ready(1);
    connected(200);
    on(new Event.Reload(first.next(first.settings())));
    long allowed = allowed(1, ready(2));
    assertThat(allowed).isEqualTo(Moves.LEAST_WINDOW);
    int tells = 0;
    int most = 0;
    List<Long> moving = new ArrayList<>();
    for (long id = 1; id <= 200; id++) {
      if (allowed < id) {
        // It has given all that it may: one after the other arrives, until it may again.
        while (allowed < id) {
          long told = allowed(1, said(2, new Message.Taken(moving.removeFirst())));
          if (told > 0) {
            tells++;
            allowed = told;
            most = Math.max(most, (int) (told - id + 1) + moving.size());
          }
        }
      }
      assertThat(given(1, id)).contains(place(id, 2, SAVED));
      moving.add(id);
    }
    assertThat(most).isEqualTo(8);
    assertThat(tells).as("not one for each connection").isLessThan(60);
  }

  @Test
  void leaversShareEvenlyAndAStoppedOneKeepsTheOthersFromNothing() {
    with(settings(3, "fleet.max-frozen = 9"));
    after(0);
    ready(1);
    ready(2);
    ready(3);
    connected(60);
    on(new Event.Reload(first.next(settings(1, "fleet.max-frozen = 9"))));
    List<Effect> turn = ready(4);
    assertThat(allowed(1, turn)).isEqualTo(1);
    assertThat(allowed(2, turn)).isEqualTo(1);
    assertThat(allowed(3, turn)).isEqualTo(1);
    long allowed = 1;
    for (long id = 1; id <= 20 * 3; id += 3) { // worker 1 has 1, 4, 7, …
      assertThat(allowed).isPositive();
      given(1, id);
      allowed += Math.max(0, allowed(1, said(4, new Message.Taken(id))) - allowed);
    }
    assertThat(fleet.view().totals().migrated()).isEqualTo(20);
  }

  @Test
  void oneThatCannotGiveKeepsTheOthersFromNothingWhenTheWindowCloses() {
    with(settings(2, ""));
    after(0);
    ready(1);
    ready(2);
    connected(80);
    on(new Event.Reload(first.next(settings(1, ""))));
    List<Effect> effects = ready(3);
    long allowed = allowed(2, effects);
    long ofTheOther = allowed(1, effects);
    for (int given = 0; given < 39; given++) {
      assertThat(allowed).as("after %d", given).isGreaterThan(given);
      long id = 2L * (given + 1);
      effects = new ArrayList<>(given(2, id));
      if (given >= 10) {
        effects.addAll(after(Moves.QUICK_MS + 1)); // the taker cannot keep up any more
      }
      effects.addAll(said(3, new Message.Taken(id)));
      allowed = allowed(2, effects) < 0 ? allowed : allowed(2, effects);
      ofTheOther = allowed(1, effects) < 0 ? ofTheOther : allowed(1, effects);
    }
    assertThat(fleet.view().totals().migrated()).isEqualTo(39);
    assertThat(ofTheOther).isEqualTo(Moves.LEAST_WINDOW / 2);
  }

  @Test
  void nothingIsToBeGivenWhileNobodyCouldTakeIt() {
    running();
    connected(4);
    on(new Event.Reload(first.next(TestSettings.with(1, 1))));
    ready(3);
    List<Effect> effects = died(3);
    assertThat(effects).contains(give(1, 0), give(2, 0));
    assertThat(silently(after(200))).contains(new Effect.Spawn(4, 0, 2));
    effects = ready(4);
    assertThat(effects).contains(give(1, 2), give(2, 2));
  }

  @Test
  void whatWasOnItsWayWhenTheAllowanceWasTakenBackIsWelcome() {
    running();
    connected(4);
    on(new Event.Reload(first.next(TestSettings.with(1, 1))));
    ready(3);
    died(3);
    assertThat(given(1, 1)).contains(place(1, 1, RETURNING));
    assertThat(fleet.view().totals().garbled()).isZero();
  }

  @Test
  void anEmptyLeaverIsAllowedNothing() {
    running();
    assertThat(silently(on(new Event.Scale(1)))).isEmpty();
  }

  // Automatic recycling.

  private static Load load(int busyPermille, long rssBytes) {
    return new Load(
        0,
        0,
        busyPermille,
        0,
        0,
        rssBytes,
        0,
        0,
        Load.Counters.NONE,
        Load.Memory.NONE,
        Load.Callbacks.NONE,
        Load.Mesh.NONE);
  }

  private void recycling(String bound) {
    with(settings(2, "worker." + bound));
    running();
    talkative.addAll(List.of(1L, 2L));
  }

  @Test
  void aWorkerThatHasBecomeTooBigIsReplacedAndNobodyHadToAsk() {
    recycling("max-rss = 1m");
    said(2, new Message.LoadReport(load(0, 1_048_576)));
    assertThat(silently(after(20))).isEmpty();
    said(2, new Message.LoadReport(load(0, 2_000_000)));
    List<Effect> effects = after(20);
    assertThat(silently(effects)).containsExactly(new Effect.Spawn(3, 1, 1));
    assertThat(reports(effects))
        .startsWith(
            "worker 1 (pid 102) has 1.9 MiB of resident memory (max-rss is 1.0 MiB): replacing it");
    ready(3);
    assertThat(silently(after(20))).containsExactly(drain(2, 1_000));
    talkative.remove(2L);
    assertThat(silently(exited(2))).as("nobody waits for an outcome").isEmpty();
    assertThat(fleet.view().replacing()).isNull();
  }

  @Test
  void workersThatHaveServedForLongAreReplacedOneAfterTheOther() {
    recycling("max-age = 1m");
    assertThat(silently(after(60_000))).isEmpty();
    assertThat(silently(after(400))).containsExactly(new Effect.Spawn(3, 0, 1));
    ready(3);
    after(20);
    talkative.remove(1L);
    exited(1);
    assertThat(silently(after(20))).containsExactly(new Effect.Spawn(4, 1, 1));
  }

  @Test
  void aWorkerThatHasTakenManyIsReplacedWithWhatItHas() {
    recycling("max-connections-served = 3");
    connected(5);
    assertThat(silently(after(20))).containsExactly(new Effect.Spawn(3, 0, 1));
    assertThat(ready(3)).contains(give(1, 3));
  }

  @Test
  void whenAReplacementHasFailedItIsNotTriedAgainForAMinute() {
    recycling("max-connections-served = 1");
    visit(1, 0, PEER);
    after(20);
    on(new Event.SpawnFailed(3, "Cannot allocate memory"));
    assertThat(silently(after(59_800))).isEmpty();
    assertThat(silently(after(400))).containsExactly(new Effect.Spawn(4, 0, 1));
  }

  // Rebalancing.

  @Test
  void aWorkerThatIsTooBusyGivesWhatADryRunSaysOnceInAPause() {
    with(settings(2, "fleet.rebalance { interval = 100ms, intervals = 3, pause = 10s }"));
    running();
    talkative.addAll(List.of(1L, 2L));
    connected(20);
    said(1, new Message.LoadReport(load(1_000, 0)));
    said(2, new Message.LoadReport(load(200, 0)));
    after(1);
    assertThat(silently(after(200))).as("it may pass").isEmpty();
    List<Effect> effects = after(200);
    assertThat(silently(effects)).containsExactly(giveLiveliest(1, 4));
    assertThat(reports(effects))
        .containsExactly(
            "worker 0 (pid 101) is 100 % busy: moving 4 of its 10 connections, so that workers"
                + " differ by about 0 rather than 80 points; the next look is in 10 s");
    assertThat(fleet.view().totals().rebalances()).isEqualTo(1);
    assertThat(given(1, 1)).containsExactly(place(1, 2, SAVED));
    said(2, new Message.Taken(1));
    assertThat(silently(after(9_800))).as("pause").isEmpty();
    assertThat(silently(after(200)))
        .as("what it has not given it keeps")
        .containsExactly(giveLiveliest(1, 1));
    assertThat(fleet.view().workers()).allMatch(worker -> worker.state().equals("READY"));
  }

  @Test
  void unlessItIsAskedForNothingIsMovedHoweverBusyAWorkerIs() {
    running();
    talkative.addAll(List.of(1L, 2L));
    connected(20);
    said(1, new Message.LoadReport(load(1_000, 0)));
    assertThat(silently(after(60_000))).isEmpty();
  }
}
