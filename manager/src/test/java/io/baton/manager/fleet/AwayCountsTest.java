package io.baton.manager.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.manager.fleet.FleetView.ListenerCounts;
import io.baton.manager.fleet.FleetView.Returning;
import io.baton.manager.fleet.FleetView.Searches;
import io.baton.pipe.HandoffKind;
import io.baton.pipe.HandoffKind.Search;
import io.baton.pipe.Message;
import io.baton.pipe.Message.Change;
import io.baton.pipe.Message.Departed;
import io.baton.pipe.Message.Recounted;
import io.baton.pipe.PeerKey;
import io.baton.pipe.Refusal;
import io.baton.service.SessionKey;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What counts while clients have lost their connections and come back. Workers 1 and 2 serve; of
 * the first listener two connections are allowed, of each peer of the second one.
 */
class AwayCountsTest extends WithFleet {
  private static final PeerKey UID_0 = new PeerKey(PeerKey.Kind.UNIX, 0);
  private static final SessionKey KEY = new SessionKey(1, 2);
  private static final HandoffKind.Saved AWAY = SAVED.under(KEY, true);

  @BeforeEach
  void start() {
    with(
        TestSettings.with(
            2,
            Map.of(
                "l0", "max-connections = 2, awaits-return = 1m",
                "l1",
                    "max-connections-per-peer = 1, awaits-return = 1m, block-after = 1, block-for = 1h"),
            ""));
    running();
  }

  private List<Effect> recounted(long worker, int listener, @Nullable PeerKey peer, Change change) {
    return silently(said(worker, new Recounted(listener, peer, change, 1)));
  }

  private ListenerCounts counts(int listener) {
    return fleet.view().listeners().get(listener);
  }

  private List<Integer> away() {
    return fleet.view().listeners().stream().map(each -> each.returning().away()).toList();
  }

  /** Whether a client that comes now is within the limits. */
  private boolean isWithin(long id, int listener) {
    return silently(visit(id, listener, PEER)).stream()
        .map(Effect.Place.class::cast)
        .allMatch(placed -> placed.kind() instanceof HandoffKind.Fresh);
  }

  private static HandoffKind.Unserved unserved(Search search) {
    return new HandoffKind.Unserved(KEY, search, new HandoffKind.State.Aside(), true);
  }

  @Test
  void aSessionWhoseClientIsAwayTakesNoRoomOfItsListener() {
    isWithin(1, 0);
    isWithin(2, 0);
    recounted(1, 0, null, Change.LOST);
    assertThat(open()).containsExactly(1, 0);
    assertThat(away()).containsExactly(1, 0);
    assertThat(isWithin(3, 0)).isTrue();
    assertThat(isWithin(4, 0)).isFalse();
  }

  @Test
  void norOfItsPeer() {
    isWithin(1, 1);
    recounted(1, 1, UID_0, Change.LOST);
    assertThat(isWithin(2, 1)).isTrue();
    assertThat(isWithin(3, 1)).isFalse();
    recounted(1, 1, UID_0, Change.AWAY_ENDED);
    assertThat(away()).containsExactly(0, 0);
    assertThat(open()).containsExactly(0, 1);
  }

  @Test
  void aSessionWhoseClientIsBackCountsAsItsNewConnection() {
    isWithin(1, 0);
    recounted(1, 0, null, Change.LOST);
    isWithin(2, 0); // taken by worker 2, which does not have the session
    assertThat(open()).containsExactly(1, 0);
    on(new Event.Sought(2, 2, 0, PEER, new HandoffKind.Unserved(KEY, Search.ASK, state())));
    said(1, new Message.Taken(2));
    recounted(1, 0, null, Change.AWAY_ENDED);
    assertThat(open()).containsExactly(1, 0);
    assertThat(away()).containsExactly(0, 0);
  }

  @Test
  void aSessionOfAnotherMachineIsAwayUntilItsClientHasIt() {
    isWithin(1, 0);
    recounted(1, 0, null, Change.AWAY_ARRIVED);
    assertThat(away()).containsExactly(1, 0);
    recounted(1, 0, null, Change.AWAY_ENDED);
    assertThat(away()).containsExactly(0, 0);
    assertThat(open()).containsExactly(1, 0);
  }

  @Test
  void aSessionOfAListenerThatDoesNotServeYetIsNonsense() {
    Map<String, String> listeners = Map.of("l0", "", "l1", "", "l2", "awaits-return = 1m");
    on(new Event.Reload(first.next(TestSettings.with(2, listeners, ""))));
    ready(3);
    assertThat(recounted(3, 2, null, Change.AWAY_ARRIVED)).contains(kill(3));
  }

  private static HandoffKind.State state() {
    return new HandoffKind.State.Aside();
  }

  @Test
  void whatADeadWorkerHadAwayIsGone() {
    isWithin(1, 0);
    recounted(1, 0, null, Change.LOST);
    died(1);
    assertThat(away()).containsExactly(0, 0);
  }

  @Test
  void aSessionThatMovesWhileItsClientIsAwayGoesOnCountingAsAway() {
    isWithin(1, 0);
    isWithin(2, 0);
    recounted(1, 0, null, Change.LOST);
    on(new Event.Recycle(List.of(0)));
    ready(3);
    on(new Event.Given(1, 1, 0, PEER, AWAY));
    assertThat(away()).as("on its way").containsExactly(1, 0);
    assertThat(open()).containsExactly(1, 0);
    said(3, new Message.Taken(1));
    said(2, new Message.Taken(1));
    assertThat(away()).containsExactly(1, 0);
    assertThat(open()).containsExactly(1, 0);
    assertThat(
            fleet.view().workers().stream()
                .filter(each -> each.away() > 0)
                .map(FleetView.WorkerView::slot))
        .hasSize(1);
  }

  @Test
  void aWorkerWithSessionsThatAreAwayIsNotDrainedBeforeTheyHaveMovedOrEnded() {
    with(TestSettings.with(2, Map.of("l0", "awaits-return = 1m"), "fleet.drain-timeout = 1h"));
    running();
    isWithin(1, 0);
    recounted(1, 0, null, Change.LOST);
    on(new Event.Recycle(List.of(0)));
    assertThat(silently(ready(3))).contains(give(1, 1));
    talkative.addAll(List.of(1L, 2L, 3L));
    assertThat(silently(after(10_000))).doesNotContain(drain(1, 1_000));
    assertThat(recounted(1, 0, null, Change.AWAY_ENDED)).contains(drain(1, 1_000));
    talkative.remove(1L);
    assertThat(silently(exited(1)))
        .filteredOn(Effect.Done.class::isInstance)
        .extracting(effect -> ((Effect.Done) effect).outcome().finished())
        .containsExactly(1L);
  }

  @Test
  void aClientBeyondALimitThatIsFoundToComeBackCountsFromThenOn() {
    isWithin(1, 1);
    assertThat(isWithin(2, 1)).isFalse();
    recounted(1, 1, UID_0, Change.LOST);
    assertThat(open()).containsExactly(0, 0);
    assertThat(recounted(2, 1, UID_0, Change.ADMITTED)).isEmpty();
    assertThat(counts(1)).isEqualTo(new ListenerCounts(2, 0, 1, 0, 1, new Returning(1, 1, 0)));
    assertThat(silently(said(2, new Departed(1, UID_0, 1)))).isEmpty();
    assertThat(open()).containsExactly(0, 0);
  }

  @Test
  void aClientBeyondALimitMaySeekItsSessionAndIsNotCountedWhileItDoes() {
    isWithin(1, 1);
    isWithin(2, 1);
    assertThat(silently(on(new Event.Sought(2, 2, 1, PEER, unserved(Search.ASK)))))
        .containsExactly(new Effect.Place(2, 1, 1, PEER, unserved(Search.ASK)));
    assertThat(counts(1).returning()).isEqualTo(new Returning(0, 0, 1));
    said(1, new Message.Taken(2));
    assertThat(open()).containsExactly(0, 1);
    assertThat(recounted(1, 1, UID_0, Change.ADMITTED)).isEmpty();
    said(1, new Departed(1, UID_0, 1)); // the connection that the session had
    assertThat(open()).containsExactly(0, 1);
    assertThat(fleet.view().totals().searches()).isEqualTo(new Searches(1, 1, 0, 0, 0));
  }

  @Test
  void aClientBeyondALimitWhoseSessionIsNowhereCountsAsLimitedAndAsNothingElse() {
    isWithin(1, 1);
    isWithin(2, 1);
    on(new Event.Sought(2, 2, 1, PEER, unserved(Search.ASK)));
    said(1, new Message.Refused(2, Refusal.NOT_HERE, ""));
    assertThat(silently(said(2, new Message.Refused(2, Refusal.NOT_HERE, ""))))
        .containsExactly(new Effect.Place(2, 1, 1, PEER, unserved(Search.NOWHERE)));
    said(1, new Message.Taken(2));
    assertThat(counts(1)).isEqualTo(new ListenerCounts(2, 0, 1, 0, 1, Returning.NONE));
  }

  @Test
  void whoMayBeOneThatComesBackIsNotBlockedForBeingBeyondALimit() {
    isWithin(1, 1);
    for (long id = 2; id < 10; id++) {
      assertThat(isWithin(id, 1)).isFalse();
    }
    assertThat(counts(1).denied()).isZero();
    assertThat(counts(1).limited()).isEqualTo(8);
  }

  @Test
  void newsOfWhatAWorkerDoesNotHaveIsNonsense() {
    for (Recounted nonsense :
        List.of(
            new Recounted(0, null, Change.LOST, 2),
            new Recounted(0, null, Change.AWAY_ENDED, 1),
            new Recounted(0, null, Change.ADMITTED, 1),
            new Recounted(1, null, Change.LOST, 1),
            new Recounted(7, null, Change.LOST, 1))) {
      start();
      isWithin(1, 0);
      isWithin(2, 0);
      assertThat(silently(said(1, nonsense))).as("%s", nonsense).contains(kill(1));
      assertThat(away()).containsExactly(0, 0);
    }
    start();
    isWithin(1, 0);
    assertThat(silently(on(new Event.Given(1, 1, 0, PEER, AWAY)))).contains(kill(1));
    start();
    isWithin(1, 0);
    assertThat(silently(on(new Event.Sought(1, 1, 0, PEER, unserved(Search.ASK)))))
        .contains(kill(1));
  }

  @Test
  void aPeerIsToldThatThereIsNoSessionAtARateAndThenToComeLater() {
    with(TestSettings.with(1, 1));
    after(0);
    ready(1);
    int told = 0;
    for (long id = 1; id <= NowhereRate.BURST + 3; id++) {
      visit(id, 0, PEER);
      on(new Event.Sought(1, id, 0, PEER, new HandoffKind.Unserved(KEY, Search.ASK, state())));
      List<Effect> effects = silently(said(1, new Message.Refused(id, Refusal.NOT_HERE, "")));
      Search outcome = ((HandoffKind.Unserved) ((Effect.Place) effects.getFirst()).kind()).search();
      told += outcome == Search.NOWHERE ? 1 : 0;
      said(1, new Message.Taken(id));
      said(1, new Departed(0, null, 1));
    }
    assertThat(told).isEqualTo(NowhereRate.BURST);
    assertThat(fleet.view().totals().searches())
        .isEqualTo(new Searches(NowhereRate.BURST + 3, 0, NowhereRate.BURST, 3, 3));
  }
}
