package io.baton.manager.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.manager.fleet.FleetView.Phase;
import io.baton.pipe.HandoffKind;
import io.baton.pipe.Load;
import io.baton.pipe.Message;
import io.baton.pipe.PeerKey;
import io.baton.pipe.Refusal;
import io.baton.pipe.Refusals;
import io.baton.service.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The fleet's rules one by one, with a clock that the test turns. */
class FleetTest extends WithFleet {
  @Test
  void startsOneWorkerForEachSlotAndIsStartedWhenAllAreReady() {
    assertThat(after(0)).containsExactly(new Effect.Spawn(1, 0, 1), new Effect.Spawn(2, 1, 1));
    on(new Event.Spawned(1, 101));
    on(new Event.Spawned(2, 102));
    assertThat(silently(said(1, READY))).isEmpty();
    assertThat(fleet.room(nowMs)).isZero();
    assertThat(silently(said(2, READY))).containsExactly(new Effect.Started());
    assertThat(fleet.room(nowMs)).isEqualTo(8);
  }

  @Test
  void aDeathBeforeAllWereReadyFailsTheServerAndNothingIsLeft() {
    after(0);
    on(new Event.Spawned(1, 101));
    on(new Event.Spawned(2, 102));
    said(1, READY);
    said(2, new Message.Failed("module x: boom"));
    assertThat(silently(on(new Event.Died(2, false, "exited with 1", "words"))))
        .containsExactly(new Effect.Kill(1, Effect.How.KILL), new Effect.StopListening());
    on(new Event.ListenersClosed());
    assertThat(silently(died(1)))
        .containsExactly(
            new Effect.Finished(
                "worker 1 (pid 102) could not start: module x: boom (exited with 1)"));
  }

  @Test
  void aWorkerThatSaysNothingBeforeItDiesIsReportedWithItsLastWords() {
    after(0);
    on(new Event.Spawned(1, 101));
    on(new Event.SpawnFailed(2, "could not be started: Cannot allocate memory (ENOMEM)"));
    on(new Event.ListenersClosed());
    assertThat(silently(died(1)))
        .containsExactly(
            new Effect.Finished(
                "worker 1 could not start: could not be started: Cannot allocate memory (ENOMEM)"));
  }

  @Test
  void takenEndsTheHandoffAndRefusedPlacesItElsewhere() {
    running();
    assertThat(accept(7)).containsExactly(place(7, 1));
    assertThat(silently(said(1, new Message.Refused(7, Refusal.NO_DESCRIPTORS, ""))))
        .containsExactly(place(7, 2));
    assertThat(said(2, new Message.Taken(7))).containsExactly(new Effect.Release(7));
    assertThat(fleet.view().listeners().getFirst().refused()).isZero();
  }

  @Test
  void aClientThatAllRefuseIsEndedAndCounted() {
    running();
    accept(7);
    said(1, new Message.Refused(7, Refusal.UNUSABLE, ""));
    assertThat(said(2, new Message.Refused(7, Refusal.UNUSABLE, "")))
        .containsExactly(new Effect.TurnAway(7, 0));
    assertThat(fleet.view().listeners().getFirst().refused()).isEqualTo(1);
  }

  @Test
  void aWorkerOutOfDescriptorsGetsNothingUntilItsNextReport() {
    running();
    accept(7);
    said(1, new Message.Refused(7, Refusal.NO_DESCRIPTORS, ""));
    assertThat(fleet.room(nowMs)).isEqualTo(3);
    said(1, new Message.LoadReport(Load.NONE));
    assertThat(fleet.room(nowMs)).isEqualTo(7);
  }

  @Test
  void creditsBoundWhatIsUnderWay() {
    running();
    for (int id = 1; id <= 8; id++) {
      assertThat(accept(id)).hasSize(1);
    }
    assertThat(fleet.room(nowMs)).isZero();
    assertThat(accept(9)).isEmpty();
    assertThat(said(2, new Message.Taken(2))).containsExactly(new Effect.Release(2), place(9, 2));
  }

  @Test
  void whatAStalledWorkerHasNotReceivedGoesToTheOthers() {
    running();
    accept(1);
    accept(2);
    said(2, new Message.Taken(2));
    assertThat(after(101)).containsExactly(new Effect.Recall(1));
    assertThat(on(new Event.Recalled(1, 1))).containsExactly(place(1, 2));
    said(2, new Message.Taken(1));
    assertThat(fleet.view().totals().recalled()).isEqualTo(1);
    assertThat(fleet.room(nowMs)).as("nothing for it until it is heard").isEqualTo(4);
    said(1, new Message.Pong(1));
    assertThat(fleet.room(nowMs)).isEqualTo(8);
  }

  @Test
  void aStalledWorkerIsLeftAloneWhileNobodyElseCouldTakeItsClients() {
    running();
    accept(1);
    accept(2);
    assertThat(after(101)).isEmpty();
    said(2, new Message.Taken(2));
    assertThat(after(1)).containsExactly(new Effect.Recall(1));
    assertThat(after(1)).as("once is enough").isEmpty();
  }

  @Test
  void theUntakenClientsOfADeadWorkerAreServedByAnother() {
    running();
    accept(1);
    accept(2);
    List<Effect> effects = silently(died(1));
    assertThat(effects).containsExactly(place(1, 2));
    assertThat(silently(after(1_000))).as("back-off").contains(new Effect.Spawn(3, 0, 1));
  }

  @Test
  void failuresInARowDoubleTheDelayThenBreakTheSlot() {
    running();
    talkative.add(2L);
    List<Long> delays = new ArrayList<>();
    for (int worker = 1; worker < 6; worker = worker == 1 ? 3 : worker + 1) {
      died(worker);
      delays.add(fleet.view().workers().getFirst().retryInMs());
      assertThat(silently(after(delays.getLast() - 1))).isEmpty();
      assertThat(silently(after(1)))
          .containsExactly(new Effect.Spawn(worker == 1 ? 3 : worker + 1, 0, 1));
    }
    assertThat(delays).containsExactly(100L, 200L, 60_000L, 60_000L);
    assertThat(fleet.view().workers().getFirst().problem()).isEqualTo("was killed by SIGKILL");
    assertThat(fleet.room(nowMs)).as("the other one serves").isEqualTo(4);
  }

  @Test
  void aWorkerThatWasStableIsReplacedAtOnceAndItsSlotForgiven() {
    running();
    talkative.addAll(List.of(1L, 2L));
    after(10_001);
    talkative.remove(1L);
    died(1);
    assertThat(silently(after(0))).containsExactly(new Effect.Spawn(3, 0, 1));
  }

  @Test
  void aSilentWorkerIsPingedThenDumpedThenKilled() {
    running();
    after(501);
    assertThat(after(500))
        .contains(
            new Effect.Tell(1, new Message.Ping(nowMs)),
            new Effect.Tell(2, new Message.Ping(nowMs)));
    talkative.add(2L);
    assertThat(silently(after(8_900))).doesNotContain(new Effect.Kill(1, Effect.How.DUMP));
    assertThat(silently(after(200))).contains(new Effect.Kill(1, Effect.How.DUMP));
    assertThat(silently(after(2_000))).isEmpty();
    assertThat(silently(after(200))).containsExactly(new Effect.Kill(1, Effect.How.KILL));
  }

  @Test
  void aHungWorkerThatIsHeardAgainLives() {
    running();
    talkative.add(2L);
    after(10_200);
    assertThat(fleet.view().workers().getFirst().state()).isEqualTo("HUNG");
    said(1, new Message.LoadReport(Load.NONE));
    assertThat(fleet.view().workers().getFirst().state()).isEqualTo("READY");
  }

  @Test
  void timeInWhichTheManagerDidNotRunIsNobodysSilence() {
    running();
    accept(1);
    nowMs += 3_600_000;
    assertThat(fleet.room(nowMs)).as("nobody has stalled").isEqualTo(7);
    assertThat(silently(on(new Event.Tick()))).isEmpty();
    assertThat(silently(after(90))).isEmpty();
  }

  @Test
  void aManagerThatSleptWhileItsWorkersStartedHearsThemFirst() {
    after(0);
    on(new Event.Spawned(1, 101));
    on(new Event.Spawned(2, 102));
    nowMs += 3_600_000;
    assertThat(silently(on(new Event.Tick()))).isEmpty();
    said(1, READY);
    assertThat(silently(said(2, READY))).containsExactly(new Effect.Started());
  }

  @Test
  void aWorkerThatAnswersForAClientItHasNotReceivedTalksNonsense() {
    running();
    accept(1);
    said(1, new Message.Taken(1));
    assertThat(silently(on(new Event.Recalled(1, 1))))
        .containsExactly(new Effect.Kill(1, Effect.How.KILL));
  }

  @Test
  void aClientThatWaitsForOneWorkerDoesNotKeepOthersFromTheRest() {
    running();
    accept(1);
    accept(2);
    after(101);
    said(1, new Message.Refused(1, Refusal.NO_DESCRIPTORS, ""));
    assertThat(fleet.view().waiting()).as("worker 2 is stalled").isEqualTo(1);
    said(1, new Message.LoadReport(Load.NONE));
    assertThat(fleet.room(nowMs)).isEqualTo(3);
  }

  // Limits.

  private static final PeerKey UID_0 = new PeerKey(PeerKey.Kind.UNIX, 0);

  /** Three listeners: with a limit of 2, with one of 1 per peer, without; 4 in all. */
  private static Fleet limited() {
    return new Fleet(
        Generation.first(
            TestSettings.with(
                2,
                Map.of(
                    "l0", "max-connections = 2",
                    "l1", "max-connections-per-peer = 1",
                    "l2", ""),
                "max-connections = 4")),
        5_000);
  }

  /** Whether the client was sent on as one to be served. */
  private boolean isAdmitted(long id, int listener, Peer peer) {
    return silently(visit(id, listener, peer)).stream()
        .noneMatch(effect -> ((Effect.Place) effect).kind().equals(HandoffKind.BEYOND_LIMIT));
  }

  private List<Long> limitedClients() {
    return fleet.view().listeners().stream().map(FleetView.ListenerCounts::limited).toList();
  }

  @Test
  void aListenersLimitIsReachedAndADepartureMakesRoom() {
    fleet = limited();
    running();
    assertThat(isAdmitted(1, 0, PEER)).isTrue();
    assertThat(isAdmitted(2, 0, PEER)).isTrue();
    assertThat(isAdmitted(3, 0, OTHER)).isFalse();
    assertThat(open()).containsExactly(2, 0, 0);
    assertThat(said(1, new Message.Departed(0, null, 1))).isEmpty();
    assertThat(open()).containsExactly(1, 0, 0);
    assertThat(isAdmitted(4, 0, OTHER)).isTrue();
    assertThat(limitedClients()).containsExactly(1L, 0L, 0L);
  }

  @Test
  void aPeersLimitIsItsOwn() {
    fleet = limited();
    running();
    assertThat(isAdmitted(1, 1, PEER)).isTrue();
    assertThat(isAdmitted(2, 1, new Peer.Unix(99, 0))).as("the same user").isFalse();
    assertThat(isAdmitted(3, 1, OTHER)).isTrue();
    assertThat(said(1, new Message.Departed(1, UID_0, 1))).isEmpty();
    assertThat(isAdmitted(4, 1, OTHER)).isFalse();
    assertThat(isAdmitted(5, 1, PEER)).isTrue();
    assertThat(open()).containsExactly(0, 2, 0);
  }

  @Test
  void theLimitOfAllListenersTogetherIsReached() {
    fleet = limited();
    running();
    for (int id = 1; id <= 4; id++) {
      assertThat(isAdmitted(id, id <= 2 ? 0 : 2, PEER)).isTrue();
    }
    assertThat(isAdmitted(5, 2, PEER)).isFalse();
    assertThat(isAdmitted(6, 1, PEER)).isFalse();
    assertThat(open()).containsExactly(2, 0, 2);
    assertThat(limitedClients()).containsExactly(0L, 1L, 1L);
  }

  @Test
  void aClientCountsFromItsAcceptThoughNobodyHasTakenIt() {
    fleet = limited();
    running();
    accept(1, 0, PEER);
    accept(2, 0, PEER);
    assertThat(isAdmitted(3, 0, PEER)).isFalse();
    for (long worker = 1; worker <= 2; worker++) {
      said(worker, new Message.Refused(1, Refusal.UNUSABLE, ""));
      said(3 - worker, new Message.Refused(1, Refusal.UNUSABLE, ""));
    }
    assertThat(open()).as("nobody wanted the first").containsExactly(1, 0, 0);
    assertThat(fleet.view().listeners().getFirst().refused()).isEqualTo(1);
  }

  @Test
  void whatADeadWorkerHeldIsFree() {
    fleet = limited();
    running();
    isAdmitted(1, 0, PEER);
    isAdmitted(2, 0, PEER);
    isAdmitted(3, 1, PEER);
    assertThat(open()).containsExactly(2, 1, 0);
    died(1); // it had one of the first listener's and that of the second
    assertThat(open()).containsExactly(1, 0, 0);
    assertThat(isAdmitted(4, 1, PEER)).isTrue();
  }

  @Test
  void aClientBeyondALimitIsCountedAsLimitedAndAsNothingElse() {
    fleet = limited();
    running();
    isAdmitted(1, 0, PEER);
    isAdmitted(2, 0, PEER);
    accept(3, 0, PEER);
    said(1, new Message.Refused(3, Refusal.UNUSABLE, ""));
    assertThat(said(2, new Message.Refused(3, Refusal.UNUSABLE, "")))
        .containsExactly(new Effect.TurnAway(3, 0));
    FleetView view = fleet.view();
    assertThat(view.listeners().getFirst()).isEqualTo(new FleetView.ListenerCounts(3, 0, 1, 0, 2));
    assertThat(view.workers().stream().mapToLong(FleetView.WorkerView::taken).sum()).isEqualTo(2);
  }

  @Test
  void departuresOfConnectionsThatAWorkerDoesNotHaveAreNonsense() {
    for (Message.Departed nonsense :
        List.of(
            new Message.Departed(0, null, 2),
            new Message.Departed(2, null, 1),
            new Message.Departed(3, null, 1),
            new Message.Departed(0, UID_0, 1),
            new Message.Departed(1, null, 1),
            new Message.Departed(1, new PeerKey(PeerKey.Kind.UNIX, 1), 1),
            new Message.Departed(1, new PeerKey(PeerKey.Kind.VSOCK, 0), 1))) {
      fleet = limited();
      running();
      isAdmitted(1, 0, PEER);
      isAdmitted(2, 0, PEER);
      isAdmitted(3, 1, PEER);
      assertThat(silently(said(1, nonsense)))
          .as("%s", nonsense)
          .containsExactly(new Effect.Kill(1, Effect.How.KILL));
      assertThat(open()).containsExactly(2, 1, 0);
    }
  }

  @Test
  void thatClientsAreTurnedAwayIsSaidAtOnceAndThenOncePerListenerAndMinute() {
    fleet = limited();
    running();
    talkative.addAll(List.of(1L, 2L));
    visit(1, 0, PEER);
    visit(2, 0, PEER);
    visit(3, 1, PEER);
    assertThat(reports(visit(4, 0, PEER)))
        .containsExactly(
            "listener l0 is full: baton.listeners.l0.max-connections = 2 are open;"
                + " clients limited since this was last logged: 1");
    assertThat(reports(visit(5, 1, PEER)))
        .containsExactly(
            "listener l1 is full: baton.listeners.l1.max-connections-per-peer = 1 are open from"
                + " uid 0; clients limited since this was last logged: 1");
    for (int id = 6; id <= 8; id++) {
      assertThat(reports(visit(id, 0, PEER))).isEmpty();
    }
    assertThat(reports(after(59_000)))
        .noneMatch(text -> text.contains("since this was last logged"));
    assertThat(reports(after(1_000)))
        .containsExactly(
            "listener l0 is full: baton.listeners.l0.max-connections = 2 are open;"
                + " clients limited since this was last logged: 3");
    assertThat(reports(after(60_000))).as("it is over").isEmpty();
  }

  @Test
  void aConnectionThatMayNotComeInAsItIsCountsAsDeniedAndIsSaid() {
    running();
    assertThat(reports(on(new Event.Rejected(0, PEER, "no PROXY header"))))
        .containsExactly(
            "listener l0 denies clients: unix:pid=1,uid=0: no PROXY header;"
                + " clients denied since this was last logged: 1");
    assertThat(reports(on(new Event.Rejected(0, PEER, "no PROXY header")))).isEmpty();
    assertThat(fleet.view().listeners().getFirst())
        .isEqualTo(new FleetView.ListenerCounts(2, 0, 0, 2, 0));
  }

  @Test
  void aProcessWithoutDescriptorsIsNamedAtOnceAndThenOncePerMinute() {
    running();
    accept(7);
    assertThat(reports(said(1, new Message.Refused(7, Refusal.NO_DESCRIPTORS, ""))))
        .singleElement()
        .asString()
        .startsWith("worker 0 is out of descriptors: clients go to other workers; times")
        .contains("logged: 1;", "ulimit -n");
    assertThat(reports(on(new Event.TurnedAway(0))))
        .singleElement()
        .asString()
        .startsWith("the manager is out of descriptors: clients are turned away; times")
        .contains("logged: 1;", "ulimit -n");
    assertThat(reports(on(new Event.TurnedAway(0)))).isEmpty();
    assertThat(reports(on(new Event.Starved()))).isEmpty();
    assertThat(fleet.view().listeners().getFirst().refused()).isEqualTo(2);
    said(2, new Message.Taken(7));
    talkative.addAll(List.of(1L, 2L));
    assertThat(reports(after(59_000))).noneMatch(text -> text.contains("out of descriptors"));
    assertThat(reports(after(1_000)))
        .singleElement()
        .asString()
        .startsWith("the manager is out of descriptors")
        .contains("logged: 2;");
    assertThat(reports(after(60_000))).as("it is over").isEmpty();
  }

  @Test
  void nonsenseEndsThatWorkerOnly() {
    running();
    assertThat(silently(on(new Event.Garbled(1, "an unknown message type 9"))))
        .containsExactly(new Effect.Kill(1, Effect.How.KILL));
    assertThat(silently(on(new Event.Garbled(1, "more of it")))).isEmpty();
    assertThat(fleet.view().totals().garbled()).isEqualTo(1);
    assertThat(fleet.room(nowMs)).isEqualTo(4);
  }

  @Test
  void aGracefulStopDrainsOnlyWhenEveryAcceptedClientIsTaken() {
    running();
    accept(1);
    assertThat(silently(on(new Event.Stop(StopMode.GRACEFUL))))
        .containsExactly(new Effect.RefuseNew());
    assertThat(fleet.room(nowMs)).as("who came through the door is let in").isEqualTo(7);
    assertThat(silently(after(50))).isEmpty();
    nowMs += 450; // in this turn the worker's answers are heard before anything is recalled
    said(1, new Message.Pong(1));
    assertThat(fleet.room(nowMs)).isZero();
    assertThat(accept(2)).as("from the last sweep").containsExactly(place(2, 2));
    said(2, new Message.Taken(2));
    assertThat(on(new Event.ListenersClosed())).isEmpty();
    assertThat(said(1, new Message.Taken(1)))
        .containsExactly(
            new Effect.Release(1),
            new Effect.Tell(1, new Message.Drain(28_500)),
            new Effect.Tell(2, new Message.Drain(28_500)));
    assertThat(silently(on(new Event.Died(1, true, "exited with 0", "")))).isEmpty();
    assertThat(silently(on(new Event.Died(2, true, "exited with 0", ""))))
        .containsExactly(new Effect.Finished(""));
    assertThat(fleet.view().phase()).isEqualTo(Phase.STOPPED);
    assertThat(fleet.view().totals().deaths()).isZero();
  }

  @Test
  void aServerThatIsReplacedKnowsWhatHasBecomeOfItsSessions() {
    with(TestSettings.with(2, 1, TestSettings.CLUSTER));
    running();
    talkative.addAll(List.of(1L, 2L));
    assertThat(silently(on(new Event.Stop(StopMode.DRAIN))))
        .containsExactly(new Effect.RefuseNew());
    after(500);
    assertThat(silently(on(new Event.ListenersClosed())))
        .containsExactly(
            new Effect.Tell(1, new Message.Redirect(28_500)),
            new Effect.Tell(2, new Message.Redirect(28_500)));
    said(1, new Message.Redirected(10, 3, 11));
    said(1, new Message.Redirected(20, 3, 1));
    said(2, new Message.Redirected(5, 0, 0));
    on(new Event.Died(1, true, "exited with 0", ""));
    assertThat(silently(on(new Event.Died(2, true, "exited with 0", ""))))
        .containsExactly(new Effect.Finished(""));
    assertThat(fleet.drainOutcome()).isEqualTo(new DrainOutcome.Counted(25, 3, 1, 0));
  }

  @Test
  void workersThatDoNotDrainAreKilledAtTheDeadline() {
    running();
    talkative.addAll(List.of(1L, 2L));
    on(new Event.Stop(StopMode.GRACEFUL));
    after(29_900);
    on(new Event.ListenersClosed());
    assertThat(silently(after(100)))
        .containsExactly(new Effect.Kill(1, Effect.How.KILL), new Effect.Kill(2, Effect.How.KILL));
  }

  @Test
  void anEventForAWorkerThatNeverWasIsOurOwnInconsistency() {
    running();
    assertThatThrownBy(() -> said(99, READY))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("worker 99");
  }

  @Test
  void countersThatGoBackEndTheWorkerAndWhatItSaidBeforeStays() {
    running();
    said(1, taken(5));
    said(1, taken(5));
    assertThat(fleet.view().totals().garbled()).isZero();

    said(1, taken(4));
    assertThat(fleet.view().totals().garbled()).isOne();
    assertThat(fleet.view().totals().counters().taken()).isEqualTo(5);
  }

  @Test
  void countersBeyondAllBoundsStayThere() {
    running();
    said(1, taken(Long.MAX_VALUE));
    said(2, taken(Long.MAX_VALUE));
    assertThat(fleet.view().totals().counters().taken()).isEqualTo(Long.MAX_VALUE);
  }

  private void said(long worker, Load load) {
    on(new Event.Said(worker, new Message.LoadReport(load)));
  }

  private static Load taken(long count) {
    return new Load(
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        new Load.Counters(
            count,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            Load.Shed.NONE,
            Load.Handshakes.NONE,
            Load.Returns.NONE,
            Load.Authentications.NONE,
            Refusals.NONE,
            0),
        Load.Memory.NONE,
        Load.Callbacks.NONE,
        Load.Mesh.NONE);
  }
}
