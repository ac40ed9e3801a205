package io.baton.manager.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.manager.fleet.DrainOutcome.Counted;
import io.baton.manager.fleet.DrainOutcome.Undrained;
import io.baton.pipe.Message.Change;
import io.baton.pipe.Message.Recounted;
import io.baton.pipe.Message.Redirect;
import io.baton.pipe.Message.Redirected;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A server that stops while other machines take its sessions. Workers 1 and 2 serve, each with one
 * connection; clients may come back.
 */
class DrainTest extends WithFleet {
  @BeforeEach
  void start() {
    with(TestSettings.with(2, Map.of("l0", "awaits-return = 1m"), TestSettings.CLUSTER));
    running();
    talkative.addAll(List.of(1L, 2L));
    visit(1, 0, PEER);
    visit(2, 0, PEER);
    assertThat(open()).containsExactly(2);
  }

  private void startAgain() {
    talkative.clear();
    running();
    talkative.addAll(List.of(1L, 2L));
  }

  /** Until the workers have been told. */
  private List<Effect> drain() {
    on(new Event.Stop(StopMode.DRAIN));
    after(500);
    return silently(on(new Event.ListenersClosed()));
  }

  private List<Effect> fails(long worker) {
    talkative.remove(worker);
    return died(worker);
  }

  private List<Effect> ends(long worker) {
    talkative.remove(worker);
    return exited(worker);
  }

  @Test
  void workersAreToldOfOtherMachines() {
    assertThat(drain())
        .containsExactly(
            new Effect.Tell(1, new Redirect(28_500)), new Effect.Tell(2, new Redirect(28_500)));
  }

  @Test
  void sessionsOfAWorkerThatDiesBeforeItIsToldAreLost() {
    on(new Event.Stop(StopMode.DRAIN));
    said(1, new Recounted(0, null, Change.LOST, 1));
    said(1, new Recounted(0, null, Change.AWAY_ARRIVED, 3));
    fails(1);
    after(500);
    on(new Event.ListenersClosed());
    said(2, new Redirected(1, 0, 0));
    ends(2);
    assertThat(fleet.drainOutcome()).isEqualTo(new Counted(1, 0, 4, 4));
  }

  @Test
  void sessionsOfAWorkerThatDiesWhileItDrainsCountAsItHasSaidLast() {
    drain();
    said(1, new Redirected(0, 1, 5));
    said(1, new Redirected(2, 1, 3));
    assertThat(reports(fails(1)))
        .singleElement()
        .asString()
        .contains("was killed by SIGKILL while the server was stopping");
    said(2, new Redirected(0, 1, 0));
    assertThat(states()).containsExactly("ENDED", "DRAINING");
    List<Effect> end = ends(2);
    assertThat(silently(end)).containsExactly(new Effect.Finished(""));
    assertThat(reports(end))
        .containsExactly(
            "sessions: 2 taken by other machines, 2 ended, 3 lost, 3 of them with workers that"
                + " failed");
    assertThat(fleet.drainOutcome()).isEqualTo(new Counted(2, 2, 3, 3));
    assertThat(fleet.view().totals().deaths()).isOne();
  }

  @Test
  void sessionsOfAWorkerThatIsOutOfTimeAreLostThoughItDidNotFail() {
    drain();
    said(1, new Redirected(1, 0, 1));
    ends(1);
    after(29_000);
    said(2, new Redirected(0, 0, 1));
    ends(2);
    assertThat(fleet.drainOutcome()).isEqualTo(new Counted(1, 0, 2, 0));
  }

  @Test
  void aWorkerThatHasToBeKilledAtTheEndHasFailed() {
    drain();
    ends(1);
    after(29_500);
    fails(2);
    assertThat(fleet.drainOutcome()).isEqualTo(new Counted(0, 0, 2, 1));
  }

  @Test
  void aSessionOnItsWayFromOneWorkerToAnotherThatNobodyTakesIsLost() {
    on(new Event.Recycle(List.of(0)));
    ready(3);
    talkative.add(3L);
    given(1, 1);
    drain();
    after(30_000);
    for (long worker : List.of(1L, 2L, 3L)) {
      said(worker, new Redirected(0, worker == 2 ? 1 : 0, 0));
      ends(worker);
    }
    assertThat(fleet.drainOutcome()).isEqualTo(new Counted(0, 1, 1, 0));
  }

  @Test
  void aHurriedDrainCountsTheSame() {
    drain();
    said(1, new Redirected(0, 0, 1));
    assertThat(silently(on(new Event.Stop(StopMode.NOW))))
        .containsExactly(new Effect.Tell(1, new Redirect(0)), new Effect.Tell(2, new Redirect(0)));
    ends(1);
    said(2, new Redirected(1, 0, 0));
    ends(2);
    assertThat(fleet.drainOutcome()).isEqualTo(new Counted(1, 0, 1, 0));
  }

  @Test
  void aDrainThatComesAfterAnotherStopSaysThatItHasNoEffect() {
    on(new Event.Stop(StopMode.GRACEFUL));
    drain();
    assertThat(fleet.drainOutcome())
        .isEqualTo(new Undrained("the server was stopping already, without --drain"));
  }

  @Test
  void aSecondDrainChangesNothing() {
    drain();
    on(new Event.Stop(StopMode.DRAIN));
    said(1, new Redirected(1, 0, 0));
    ends(1);
    said(2, new Redirected(1, 0, 0));
    ends(2);
    assertThat(fleet.drainOutcome()).isEqualTo(new Counted(2, 0, 0, 0));
  }

  @Test
  void aDrainWithoutABrokerSaysAtOnceWhatHappensInstead() {
    with(TestSettings.with(2, 1));
    startAgain();
    String why = "baton.cluster.broker is not set, so this server knows no other machine";
    assertThat(reports(on(new Event.Stop(StopMode.DRAIN))))
        .contains("--drain stops like bin/stop without it: sessions end here, because " + why);
    after(500);
    assertThat(silently(on(new Event.ListenersClosed())))
        .containsExactly(drain(1, 28_500), drain(2, 28_500));
    on(new Event.Stop(StopMode.DRAIN));
    ends(1);
    ends(2);
    assertThat(fleet.drainOutcome()).isEqualTo(new Undrained(why));
  }

  @Test
  void norDoesOneWithoutASecretHaveSessionsLeaveTheirMachine() {
    with(TestSettings.with(2, 1, "cluster.broker = \"nats://127.0.0.1:4222\""));
    startAgain();
    on(new Event.Stop(StopMode.DRAIN));
    assertThat(fleet.drainOutcome())
        .isEqualTo(
            new Undrained(
                "baton.cluster.secret is not set, and without it no session leaves its machine"));
  }

  @Test
  void aServerThatIsStillStartingHasNothingToDrain() {
    with(TestSettings.with(2, 1, TestSettings.CLUSTER));
    talkative.clear();
    after(0);
    on(new Event.Stop(StopMode.DRAIN));
    assertThat(fleet.drainOutcome()).isEqualTo(new Undrained("the server was still starting"));
  }
}
