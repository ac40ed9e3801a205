package io.baton.manager.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.Settings;
import io.baton.pipe.HandoffKind;
import io.baton.pipe.Message;
import io.baton.pipe.PeerKey;
import io.baton.pipe.Refusal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What happens to connections that workers give. */
class MigrationTest extends WithFleet {
  private static final PeerKey UID_0 = new PeerKey(PeerKey.Kind.UNIX, 0);

  /** Worker 3 serves; 1 and 2 leave, and each has three connections: 1, 3, 5 and 2, 4, 6. */
  private void leaving() {
    running();
    for (long id = 1; id <= 6; id++) {
      visit(id, 0, PEER);
    }
    on(new Event.Reload(first.next(one(1, "l0"))));
    ready(3);
  }

  private static Settings one(int workers, String... listeners) {
    Map<String, String> keys = new HashMap<>();
    for (String listener : listeners) {
      keys.put(listener, "");
    }
    return TestSettings.with(workers, keys, "");
  }

  private static Settings limited(String limit) {
    return TestSettings.with(1, Map.of("l0", limit), "");
  }

  private List<Effect> given(long worker, long id, int listener) {
    return on(new Event.Given(worker, id, listener, PEER, SAVED));
  }

  private FleetView.Totals totals() {
    return fleet.view().totals();
  }

  @Test
  void aConnectionIsOpenWhoeverHasIt() {
    leaving();
    assertThat(given(1, 1)).containsExactly(place(1, 3, SAVED));
    assertThat(open()).containsExactly(6);
    said(3, new Message.Taken(1));
    assertThat(open()).containsExactly(6);
    said(3, new Message.Departed(0, null, 1));
    assertThat(open()).containsExactly(5);
  }

  @Test
  void aMovedConnectionIsNoNewClient() {
    leaving();
    given(1, 1);
    said(3, new Message.Taken(1));
    assertThat(fleet.view().listeners().getFirst())
        .isEqualTo(new FleetView.ListenerCounts(6, 0, 0, 0, 6));
    assertThat(fleet.view().workers()).extracting("taken").containsExactlyInAnyOrder(3L, 3L, 0L);
  }

  @Test
  void whatNoOtherWantsGoesBackToWhereItCameFrom() {
    leaving();
    given(1, 1);
    assertThat(said(3, new Message.Refused(1, Refusal.UNREADABLE, "")))
        .containsExactly(place(1, 1, RETURNING));
    assertThat(said(1, new Message.Taken(1))).contains(new Effect.Release(1));
    assertThat(totals().returned()).isEqualTo(1);
    assertThat(totals().migrated()).isZero();
    assertThat(open()).containsExactly(6);
  }

  @Test
  void whatNobodyWantsAtAllIsEndedAndCountedAsStranded() {
    leaving();
    given(1, 1);
    said(3, new Message.Refused(1, Refusal.UNREADABLE, ""));
    assertThat(said(1, new Message.Refused(1, Refusal.UNREADABLE, ""))).contains(new Effect.End(1));
    assertThat(totals().stranded()).isEqualTo(1);
    assertThat(fleet.view().listeners().getFirst())
        .isEqualTo(new FleetView.ListenerCounts(6, 0, 0, 0, 5));
  }

  @Test
  void aSourceThatDiedMeanwhileGetsNothingBack() {
    leaving();
    given(1, 1);
    died(1);
    assertThat(silently(said(3, new Message.Refused(1, Refusal.UNREADABLE, ""))))
        .contains(new Effect.End(1));
    assertThat(totals().stranded()).isEqualTo(1);
    assertThat(totals().lost()).isEqualTo(2);
  }

  @Test
  void itOutlivesItsSource() {
    leaving();
    given(1, 1);
    died(1);
    assertThat(said(3, new Message.Taken(1))).contains(new Effect.Release(1));
    assertThat(totals().migrated()).isEqualTo(1);
  }

  @Test
  void whenTheTargetDiesBeforeItHasTakenItAnotherOneMay() {
    leaving();
    given(1, 1);
    assertThat(silently(died(3))).contains(place(1, 1, RETURNING));
    assertThat(open()).containsExactly(6);
  }

  @Test
  void aConnectionThatNobodyTakesInTimeGoesBack() {
    with(TestSettings.with(1, 1, "fleet.handoff-timeout = 5s"));
    after(0);
    ready(1);
    visit(1, 0, PEER);
    on(new Event.Reload(first.next(first.settings())));
    ready(2);
    talkative.addAll(List.of(1L, 2L));
    for (long id = 11; id <= 14; id++) {
      accept(id); // worker 2 has no credit any more
    }
    assertThat(given(1, 1)).isEmpty();
    assertThat(fleet.view().waiting()).isEqualTo(1);
    assertThat(silently(after(5_000))).isEmpty();
    assertThat(silently(after(200))).containsExactly(place(1, 1, RETURNING));
  }

  @Test
  void aLostDescriptorEndsItsConnection() {
    leaving();
    on(new Event.GivenLost(1, 0, PEER, HandoffKind.savedAside("")));
    assertThat(totals().stranded()).isEqualTo(1);
    assertThat(open()).containsExactly(5);
  }

  @Test
  void aConnectionThatTheWorkerDidNotHaveIsNonsenseAndItsDescriptorIsClosed() {
    leaving();
    assertThat(given(1, 99, 7)).contains(kill(1), new Effect.End(99));
    assertThat(totals().garbled()).isEqualTo(1);
    assertThat(on(new Event.GivenLost(2, 7, PEER, HandoffKind.savedAside("")))).contains(kill(2));
    assertThat(totals().stranded()).isZero();
  }

  @Test
  void aSessionOfSeveralConnectionsMovesAsOneAndCountsAsAll() {
    leaving();
    HandoffKind.Saved kind = SAVED.with(companions(2));
    assertThat(silently(on(new Event.Given(1, 1, 0, PEER, kind))))
        .containsExactly(place(1, 3, kind));
    assertThat(open()).containsExactly(6);
    said(3, new Message.Taken(1));
    assertThat(open()).containsExactly(6);
    assertThat(totals().migrated()).isEqualTo(3);
    said(3, new Message.Departed(0, null, 3));
    assertThat(open()).containsExactly(3);
  }

  @Test
  void aSessionWithMoreConnectionsThanTheWorkerHadIsNonsense() {
    leaving();
    HandoffKind.Saved kind = SAVED.with(companions(3));
    assertThat(on(new Event.Given(1, 1, 0, PEER, kind))).contains(kill(1), new Effect.End(1));
    assertThat(totals().garbled()).isEqualTo(1);
  }

  @Test
  void aLostDescriptorOfSeveralEndsAllOfTheSessionsConnections() {
    leaving();
    on(new Event.GivenLost(1, 0, PEER, SAVED.with(companions(1))));
    assertThat(totals().stranded()).isEqualTo(2);
    assertThat(open()).containsExactly(4);
  }

  private static List<HandoffKind.Companion> companions(int count) {
    return LongStream.rangeClosed(1, count)
        .mapToObj(i -> new HandoffKind.Companion(100 + i, PEER, null))
        .toList();
  }

  @Test
  void givingMoreThanWasAllowedIsNonsense() {
    running();
    visit(1, 0, PEER);
    assertThat(silently(given(1, 1))).containsExactly(kill(1), new Effect.End(1));
    assertThat(open()).as("until its worker is dead").containsExactly(1);
    died(1);
    assertThat(open()).containsExactly(0);
    assertThat(totals().lost()).isEqualTo(1);
  }

  // Listeners come and go.

  @Test
  void theLastClientsOfAListenerThatIsGoneAreServedByThoseWhoLeave() {
    with(one(2, "l0", "old"));
    running();
    on(new Event.Reload(first.next(one(1, "l0"))));
    ready(3);
    assertThat(accept(1, 1, PEER))
        .containsExactly(new Effect.Place(1, 1, 1, PEER, HandoffKind.FRESH));
    assertThat(silently(after(20)))
        .as("only the other one is empty")
        .containsExactly(drain(2, 1_000));
    said(1, new Message.Taken(1));
    assertThat(open()).containsExactly(0, 1);
    assertThat(silently(after(20))).as("it stays where it is").isEmpty();
    assertThat(silently(said(1, new Message.Departed(1, null, 1))))
        .containsExactly(drain(1, 1_000));
  }

  @Test
  void aConnectionOfAListenerThatIsGoneGoesBackIfItIsGiven() {
    with(one(2, "l0", "old"));
    running();
    visit(1, 0, PEER);
    visit(2, 1, PEER);
    visit(3, 1, PEER);
    on(new Event.Reload(first.next(one(1, "l0"))));
    ready(3);
    assertThat(given(1, 2, 1)).contains(new Effect.Place(2, 1, 1, PEER, RETURNING));
  }

  @Test
  void aListenerThatIsGoneForAllIsServedByNobody() {
    with(one(2, "l0", "old"));
    running();
    on(new Event.Reload(first.next(one(1, "l0"))));
    ready(3);
    after(20);
    exited(1);
    exited(2);
    accept(1, 1, PEER);
    assertThat(fleet.view().listeners().get(1).refused()).isEqualTo(1);
  }

  @Test
  void aNewListenerHasItsOwnNumberAndCounts() {
    with(one(1, "l0"));
    after(0);
    ready(1);
    visit(1, 0, PEER);
    on(new Event.Reload(first.next(one(1, "added", "l0"))));
    ready(2);
    visit(2, 1, PEER);
    visit(3, 0, PEER);
    assertThat(fleet.view().listeners())
        .containsExactly(
            new FleetView.ListenerCounts(2, 0, 0, 0, 2),
            new FleetView.ListenerCounts(1, 0, 0, 0, 1));
  }

  // Limits.

  @Test
  void theNewGenerationsLimitsHoldForAllThatAreThere() {
    with(TestSettings.with(1, 1));
    after(0);
    ready(1);
    visit(1, 0, PEER);
    visit(2, 0, PEER);
    on(new Event.Reload(first.next(limited("max-connections = 3"))));
    ready(2);
    given(1, 1);
    assertThat(accept(3)).as("the third").containsExactly(place(3, 2));
    assertThat(silently(accept(4))).containsExactly(place(4, 2, HandoffKind.BEYOND_LIMIT));
  }

  @Test
  void eachWorkerNamesPeersAsItsOwnGenerationSays() {
    with(limited("max-connections-per-peer = 2"));
    after(0);
    ready(1);
    visit(1, 0, PEER);
    visit(2, 0, PEER);
    on(new Event.Reload(first.next(TestSettings.with(1, 1))));
    ready(2);
    given(1, 1);
    said(2, new Message.Taken(1));
    assertThat(silently(said(1, new Message.Departed(0, UID_0, 1)))).doesNotContain(kill(1));
    assertThat(silently(said(2, new Message.Departed(0, null, 1)))).doesNotContain(kill(2));
    assertThat(open()).containsExactly(0);
  }

  @Test
  void aPeerCountsWhileItsConnectionMoves() {
    with(limited("max-connections-per-peer = 1"));
    after(0);
    ready(1);
    visit(1, 0, PEER);
    on(new Event.Reload(first.next(first.settings())));
    ready(2);
    given(1, 1);
    assertThat(silently(accept(2))).containsExactly(place(2, 2, HandoffKind.BEYOND_LIMIT));
    said(2, new Message.Taken(1));
    assertThat(silently(accept(3))).containsExactly(place(3, 2, HandoffKind.BEYOND_LIMIT));
    assertThat(silently(accept(4, 0, OTHER)))
        .containsExactly(new Effect.Place(4, 2, 0, OTHER, HandoffKind.FRESH));
  }
}
