package io.baton.manager.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.manager.fleet.FleetView.Searches;
import io.baton.pipe.HandoffKind;
import io.baton.pipe.HandoffKind.Search;
import io.baton.pipe.Load;
import io.baton.pipe.Message;
import io.baton.pipe.Refusal;
import io.baton.service.Peer;
import io.baton.service.SessionKey;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Workers 1 and 2 serve in slots 0 and 1; clients come back and want the session of {@link #KEY}.
 */
class SeekersTest extends WithFleet {
  private static final int TIMEOUT_MS = 30_000;

  /** It began in slot 1. */
  private static final SessionKey KEY = new SessionKey(1L << 56 | 77, 5);

  private static final SessionKey OTHER_KEY = new SessionKey(78, 5);
  private static final HandoffKind.Saved KEYED = SAVED.under(KEY, false);

  private static HandoffKind.Unserved unserved(SessionKey key, Search search) {
    return new HandoffKind.Unserved(key, search, new HandoffKind.State.Aside());
  }

  private List<Effect> sought(long worker, long id) {
    return sought(worker, id, KEY);
  }

  private List<Effect> sought(long worker, long id, SessionKey key) {
    return silently(on(new Event.Sought(worker, id, 0, PEER, unserved(key, Search.ASK))));
  }

  private List<Effect> refused(long worker, long id, Refusal why) {
    return silently(said(worker, new Message.Refused(id, why, "")));
  }

  private List<Effect> taken(long worker, long id) {
    return silently(said(worker, new Message.Taken(id)));
  }

  private static Effect.Place ask(long id, long worker) {
    return place(id, worker, unserved(KEY, Search.ASK));
  }

  private static Effect.Place told(long id, long worker, Search outcome) {
    return place(id, worker, unserved(KEY, outcome));
  }

  /** As many clients as needed, taken by the workers in turn: worker 1 has the odd ones. */
  private void runningWithClients(int clients) {
    running();
    for (long id = 1; id <= clients; id++) {
      visit(id, 0, PEER);
    }
  }

  private Searches searches() {
    return fleet.view().totals().searches();
  }

  /** Worker 1 gives the session; returns the worker that is to have it. */
  private long moves(long id) {
    return silently(on(new Event.Given(1, id, 0, PEER, KEYED))).stream()
        .filter(Effect.Place.class::isInstance)
        .map(Effect.Place.class::cast)
        .filter(placed -> placed.handoff() == id)
        .findFirst()
        .orElseThrow()
        .worker();
  }

  /** Worker 3 serves in slot 0 in the place of worker 1, which leaves. */
  private void recycled() {
    on(new Event.Recycle(List.of(0)));
    ready(3);
  }

  @Test
  void theWorkerOfTheSessionsSlotIsAskedFirstAndTheOneThatGaveTheConnectionLast() {
    runningWithClients(2);
    assertThat(sought(2, 2)).containsExactly(ask(2, 1)); // it has just said that it is not there
    assertThat(sought(1, 1)).containsExactly(ask(1, 2));
    assertThat(refused(1, 2, Refusal.NOT_HERE)).containsExactly(ask(2, 2));
    assertThat(fleet.view().seeking()).isEqualTo(2);
  }

  @Test
  void leaversOfTheSessionsSlotAreAskedBeforeWorkersOfOtherSlots() {
    with(TestSettings.with(3, 1));
    running();
    ready(3);
    for (long id = 1; id <= 6; id++) {
      visit(id, 0, PEER);
    }
    on(new Event.Recycle(List.of(1)));
    ready(4); // in slot 1, where worker 2 leaves
    assertThat(sought(3, 3)).contains(ask(3, 4));
    assertThat(refused(4, 3, Refusal.NOT_HERE)).containsExactly(ask(3, 2));
    assertThat(refused(2, 3, Refusal.NOT_HERE)).containsExactly(ask(3, 1));
    assertThat(refused(1, 3, Refusal.NOT_HERE)).containsExactly(ask(3, 3));
    assertThat(refused(3, 3, Refusal.NOT_HERE))
        .containsExactly(new Effect.Place(3, 1, 0, PEER, unserved(KEY, Search.NOWHERE)));
  }

  @Test
  void aConnectionThatFindsItsSessionCountsAsTakenOnceAndAsOneOfItsListener() {
    runningWithClients(2);
    sought(1, 1);
    assertThat(open()).containsExactly(2);
    assertThat(taken(2, 1)).containsExactly(new Effect.Release(1));
    assertThat(searches()).isEqualTo(new Searches(1, 1, 0, 0, 0));
    assertThat(open()).containsExactly(2);
    assertThat(fleet.view().workers())
        .extracting(FleetView.WorkerView::taken)
        .containsExactly(1L, 1L);
    assertThat(fleet.view().totals().migrated()).isZero();

    died(1);
    assertThat(open()).as("it is the other worker's").containsExactly(2);
    died(2);
    assertThat(open()).containsExactly(0);
  }

  @Test
  void whenAllHaveRefusedTheClientIsToldSoByAnyOfThemAndNothingIsRefused() {
    runningWithClients(2);
    sought(1, 1);
    refused(2, 1, Refusal.NOT_HERE);
    assertThat(refused(1, 1, Refusal.NOT_HERE)).containsExactly(told(1, 1, Search.NOWHERE));
    assertThat(fleet.view().seeking()).isZero();
    assertThat(refused(1, 1, Refusal.UNUSABLE)).containsExactly(told(1, 2, Search.NOWHERE));
    assertThat(refused(2, 1, Refusal.UNUSABLE)).containsExactly(new Effect.End(1));
    assertThat(searches()).isEqualTo(new Searches(1, 0, 1, 0, 0));
    assertThat(fleet.view().listeners().getFirst().refused()).isZero();
    assertThat(fleet.view().totals().stranded()).isEqualTo(1);
    assertThat(open()).containsExactly(1);
  }

  @Test
  void aWorkerThatGivesAConnectionThatItDoesNotHaveIsKilled() {
    running();
    assertThat(sought(1, 1)).containsExactly(kill(1), new Effect.End(1));
    assertThat(fleet.view().totals().garbled()).isEqualTo(1);
    assertThat(on(new Event.SoughtLost(2, 0, PEER, false))).contains(kill(2));
    assertThat(searches()).isEqualTo(new Searches(0, 0, 0, 0, 0));
  }

  @Test
  void aWorkerThatSaysOfAnyOtherConnectionThatItsSessionIsNotThereIsKilled() {
    runningWithClients(2);
    accept(3);
    assertThat(refused(1, 3, Refusal.NOT_HERE)).contains(kill(1));
    sought(2, 2);
    died(1);
    assertThat(refused(2, 2, Refusal.NOT_HERE)).containsExactly(told(2, 2, Search.NOWHERE));
    assertThat(refused(2, 2, Refusal.NOT_YET)).contains(kill(2));
  }

  @Test
  void aConnectionWhoseDescriptorIsLostHasEnded() {
    runningWithClients(2);
    on(new Event.SoughtLost(1, 0, PEER, false));
    assertThat(open()).containsExactly(1);
    assertThat(searches()).isEqualTo(new Searches(1, 0, 0, 1, 0));
    assertThat(fleet.view().totals().stranded()).isEqualTo(1);
    assertThat(fleet.view().totals().garbled()).isZero();
  }

  @Test
  void aConnectionWaitsWhileItsSessionIsInTransitAndGoesWhereThatArrives() {
    runningWithClients(4);
    recycled(); // worker 1 leaves and may give
    long first = moves(1);
    assertThat(sought(2, 2)).isEmpty();
    assertThat(sought(2, 4, OTHER_KEY)).as("another session's does not").hasSize(1);
    assertThat(after(50).toString()).doesNotContain("Place");
    assertThat(refused(first, 1, Refusal.UNREADABLE)).hasSize(1);
    long second = 5 - first;
    assertThat(taken(second, 1)).contains(ask(2, second));
  }

  @Test
  void refusalsAreForgottenWhenTheSessionIsGivenAndWhenItIsTaken() {
    runningWithClients(4);
    recycled();
    sought(1, 3);
    refused(2, 3, Refusal.NOT_HERE);
    refused(3, 3, Refusal.NOT_HERE); // one of these two takes it next
    long to = moves(1);
    assertThat(refused(1, 3, Refusal.NOT_HERE)).as("it is in transit").isEmpty();
    assertThat(taken(to, 1)).contains(ask(3, to));
    assertThat(taken(to, 3)).contains(new Effect.Release(3));
  }

  /** What a worker answers at once comes in one packet, in which what it takes may be first. */
  @Test
  void anAnswerToAQuestionFromBeforeTheSessionMovedDoesNotCount() {
    runningWithClients(6);
    recycled();
    sought(1, 3); // worker 2 is asked
    sought(1, 5);
    refused(2, 5, Refusal.NOT_HERE); // and now worker 3
    long to = moves(1);
    long asked = to == 2 ? 3 : 5;
    assertThat(taken(to, 1).toString()).doesNotContain("Place[handoff=" + asked);
    assertThat(refused(to, asked, Refusal.NOT_HERE)).containsExactly(ask(asked, to));
  }

  @Test
  void aConnectionGoesOnSeekingWhenItsSessionHasEndedInTransit() {
    runningWithClients(4);
    recycled();
    long first = moves(1);
    assertThat(sought(2, 2)).isEmpty();
    refused(first, 1, Refusal.UNREADABLE);
    refused(5 - first, 1, Refusal.UNREADABLE);
    assertThat(refused(1, 1, Refusal.UNREADABLE)).containsExactly(new Effect.End(1));
    assertThat(silently(on(new Event.Tick()))).contains(ask(2, 3));
  }

  @Test
  void aWorkerThatSaysNotYetIsAskedAgainBeforeTheOthers() {
    runningWithClients(4);
    sought(1, 1);
    assertThat(refused(2, 1, Refusal.NOT_YET)).isEmpty();
    nowMs += Seekers.NOT_YET_MS - 1;
    assertThat(silently(on(new Event.Tick()))).isEmpty();
    nowMs++;
    assertThat(silently(on(new Event.Tick()))).containsExactly(ask(1, 2));
    assertThat(taken(2, 1)).containsExactly(new Effect.Release(1));
  }

  @Test
  void aWorkerThatSaysNotYetIsAskedAgainAtOnceWhenTheSessionArrives() {
    runningWithClients(4);
    recycled();
    sought(2, 2);
    assertThat(refused(3, 2, Refusal.NOT_HERE)).containsExactly(ask(2, 1));
    assertThat(refused(1, 2, Refusal.NOT_YET)).isEmpty();
    long to = moves(1);
    assertThat(taken(to, 1)).contains(ask(2, to));
    assertThat(refused(to, 2, Refusal.NOT_YET)).isEmpty();
    on(new Event.Given(1, 3, 0, PEER, SAVED.under(OTHER_KEY, false)));
    assertThat(after(1)).as("that is another session").doesNotContain(ask(2, to));
  }

  @Test
  void theDeathOfTheOnlyWorkerLeftToAskTellsTheClientNowhereAtOnce() {
    runningWithClients(2);
    sought(1, 1);
    refused(2, 1, Refusal.NOT_HERE);
    assertThat(silently(died(1))).contains(told(1, 2, Search.NOWHERE));
  }

  @Test
  void aWorkerThatIsKilledIsWaitedForUntilAllThatItSaidIsHeard() {
    runningWithClients(4);
    sought(1, 1);
    assertThat(silently(on(new Event.Garbled(1, "nonsense")))).containsExactly(kill(1));
    assertThat(refused(2, 1, Refusal.NOT_HERE)).isEmpty();
    assertThat(silently(died(1))).contains(told(1, 2, Search.NOWHERE));
  }

  @Test
  void aConnectionThatADeadWorkerDidNotTakeIsOthers() {
    runningWithClients(2);
    sought(1, 1);
    assertThat(silently(died(2))).contains(ask(1, 1));
  }

  @Test
  void aWorkerThatHangsLeavesTheSearchUnanswered() {
    runningWithClients(2);
    talkative.add(1L);
    after(settings.fleet().supervision().hangTimeoutMs() + 400);
    assertThat(states()).containsExactly("READY", "HUNG");
    assertThat(sought(1, 1)).containsExactly(ask(1, 1));
    assertThat(refused(1, 1, Refusal.NOT_HERE)).containsExactly(told(1, 1, Search.UNANSWERED));
    assertThat(searches()).isEqualTo(new Searches(1, 0, 0, 1, 0));
  }

  @Test
  void aWorkerThatCannotHaveTheConnectionLeavesTheSearchUnanswered() {
    runningWithClients(2);
    sought(1, 1);
    assertThat(refused(2, 1, Refusal.UNUSABLE)).containsExactly(ask(1, 1));
    assertThat(refused(1, 1, Refusal.NOT_HERE)).containsExactly(told(1, 1, Search.UNANSWERED));
  }

  @Test
  void aWorkerWithoutDescriptorsIsAskedAgainAfterItsNextReport() {
    runningWithClients(2);
    sought(1, 1);
    assertThat(refused(2, 1, Refusal.NO_DESCRIPTORS)).containsExactly(ask(1, 1));
    assertThat(refused(1, 1, Refusal.NOT_HERE)).isEmpty();
    assertThat(silently(said(2, new Message.LoadReport(Load.NONE)))).containsExactly(ask(1, 2));
  }

  @Test
  void aSearchThatTakesLongerThanHandoffTimeoutIsUnanswered() {
    runningWithClients(2);
    talkative.addAll(List.of(1L, 2L));
    sought(1, 1);
    List<Effect> effects = new ArrayList<>();
    while (searches().unanswered() == 0) {
      effects.addAll(refused(2, 1, Refusal.NOT_YET));
      long fromMs = nowMs;
      while (silently(effects).isEmpty()) {
        effects.addAll(after(100));
        assertThat(nowMs - fromMs).isLessThan(1_000);
      }
      assertThat(silently(effects)).hasSize(1);
      if (searches().unanswered() == 0) {
        assertThat(silently(effects)).containsExactly(ask(1, 2));
        effects.clear();
      }
    }
    assertThat(silently(effects)).containsExactly(told(1, 1, Search.UNANSWERED));
    assertThat(nowMs).isBetween(5_000L + TIMEOUT_MS, 5_000L + TIMEOUT_MS + 400);
  }

  @Test
  void onePeerMaySeekSixteenSessionsAtATime() {
    with(TestSettings.with(2, 1, "fleet.max-unacked = 64"));
    runningWithClients(2 * Seekers.MAX_OF_PEER + 4);
    visit(100, 0, OTHER);
    visit(101, 0, OTHER);
    long id = 1;
    for (int n = 0; n < Seekers.MAX_OF_PEER; n++, id += 2) {
      assertThat(sought(1, id)).containsExactly(ask(id, 2));
    }
    List<Effect> more = sought(1, id);
    assertThat(more).hasSize(1);
    assertThat(((Effect.Place) more.getFirst()).kind()).isEqualTo(unserved(KEY, Search.UNANSWERED));
    assertThat(silently(on(new Event.Sought(1, 100, 0, OTHER, unserved(KEY, Search.ASK)))))
        .as("others may")
        .hasSize(1)
        .allMatch(e -> ((Effect.Place) e).kind().equals(unserved(KEY, Search.ASK)));
    taken(2, 1);
    assertThat(sought(1, id + 2))
        .as("when one has found its session")
        .containsExactly(ask(id + 2, 2));
    assertThat(searches()).isEqualTo(new Searches(Seekers.MAX_OF_PEER + 3, 1, 0, 1, 0));
  }

  @Test
  void allTogetherMaySeekSoManySessionsAtATime() {
    with(TestSettings.with(2, 1, "fleet.max-unacked = 256"));
    running();
    int peers = Seekers.MAX_SEEKERS / Seekers.MAX_OF_PEER + 1;
    long id = 0;
    for (int uid = 0; uid < peers; uid++) {
      Peer peer = new Peer.Unix(1, uid);
      for (int n = 0; n < Seekers.MAX_OF_PEER; n++) {
        Effect.Place placed = (Effect.Place) silently(accept(++id, 0, peer)).getFirst();
        taken(placed.worker(), id);
        Effect.Place next =
            (Effect.Place)
                silently(
                        on(
                            new Event.Sought(
                                placed.worker(), id, 0, peer, unserved(KEY, Search.ASK))))
                    .getFirst();
        if (next.kind().equals(unserved(KEY, Search.ASK))) {
          refused(next.worker(), id, Refusal.NOT_YET);
        } else {
          taken(next.worker(), id);
        }
      }
    }
    assertThat(fleet.view().seeking()).isEqualTo(Seekers.MAX_SEEKERS);
    assertThat(searches().unanswered()).isEqualTo(Seekers.MAX_OF_PEER);
  }

  @Test
  void connectionsThatWaitForTheirSessionTakeRoomButFreshOnesDoNotQueueBehindThem() {
    runningWithClients(4);
    recycled();
    int room = fleet.room(nowMs);
    on(new Event.Given(1, 1, 0, PEER, KEYED));
    int roomLess = fleet.room(nowMs);
    sought(2, 2);
    assertThat(fleet.room(nowMs)).isEqualTo(roomLess - 1);
    assertThat(roomLess).isLessThanOrEqualTo(room);
    assertThat(silently(accept(10))).hasSize(1);
  }

  @Test
  void connectionsThatSeekWhenTheServersTimeIsOverAreEnded() {
    runningWithClients(4);
    sought(1, 1);
    recycled();
    on(new Event.Given(1, 3, 0, PEER, KEYED));
    sought(2, 2);
    on(new Event.Stop(StopMode.NOW));
    on(new Event.ListenersClosed());
    assertThat(after(1_000)).contains(new Effect.End(1), new Effect.End(2), new Effect.End(3));
    assertThat(searches()).isEqualTo(new Searches(2, 0, 0, 2, 0));
    assertThat(open()).containsExactly(1);
  }

  @Test
  void theSessionsOfAListenerThatIsGoneAreSoughtOnTheWorkersThatStillHaveIt() {
    with(TestSettings.with(2, 2));
    running();
    for (long id = 1; id <= 4; id++) {
      visit(id, 1, PEER);
    }
    on(new Event.Reload(first.next(TestSettings.with(2, 1))));
    ready(3);
    ready(4);
    on(new Event.Sought(1, 1, 1, PEER, unserved(KEY, Search.ASK)));
    assertThat(refused(2, 1, Refusal.NOT_HERE))
        .containsExactly(new Effect.Place(1, 1, 1, PEER, unserved(KEY, Search.ASK)));
    assertThat(refused(1, 1, Refusal.NOT_HERE))
        .hasSize(1)
        .allMatch(e -> ((Effect.Place) e).kind().equals(unserved(KEY, Search.NOWHERE)));
  }
}
