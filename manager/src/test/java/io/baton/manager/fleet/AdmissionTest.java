package io.baton.manager.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.Settings;
import io.baton.config.SettingsFixture;
import io.baton.pipe.HandoffKind;
import io.baton.pipe.Message;
import io.baton.pipe.PeerKey;
import io.baton.service.Peer;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who may connect at all. */
class AdmissionTest extends WithFleet {
  private static final String ONE_PER_PEER = "max-connections-per-peer = 1\n";
  private static final String BLOCKING =
      "block-after = 3, block-within = 10s, block-for = 1m\n" + ONE_PER_PEER;
  private static final Settings.Block BLOCK = SettingsFixture.options(BLOCKING).access().block();

  private long last;

  /** Serves with two listeners that have these keys. */
  private void serve(String hocon) {
    talkative.clear();
    with(TestSettings.with(2, 2, "listener-defaults {\n" + hocon + "\n}"));
    after(0);
    ready(1);
    ready(2);
    talkative.addAll(List.of(1L, 2L));
  }

  @BeforeEach
  void blocking() {
    serve(BLOCKING);
  }

  /** Whether a client is let in; it stays. */
  private boolean isAdmitted(int listener, Peer peer) {
    List<Effect> effects = accept(++last, listener, peer);
    boolean placed = effects.stream().anyMatch(Effect.Place.class::isInstance);
    assertThat(effects.contains(new Effect.End(last))).isEqualTo(!placed);
    return placed;
  }

  private void offends(long worker, int times) {
    said(worker, new Message.Offended(0, PeerKey.of(PEER), times));
  }

  private FleetView.ListenerCounts counts() {
    return fleet.view().listeners().getFirst();
  }

  @Test
  void whoIsDeniedIsEndedBeforeAnyWorkerHearsOfItAndCounted() {
    serve(BLOCKING + "deny = [\"uid 0\"]");
    assertThat(isAdmitted(0, PEER)).isFalse();
    assertThat(isAdmitted(0, OTHER)).isTrue();
    assertThat(counts()).isEqualTo(new FleetView.ListenerCounts(2, 0, 0, 1, 1));
  }

  @Test
  void whereSomeAreAllowedNobodyElseIs() {
    serve(BLOCKING + "allow = [\"uid 7\"]");
    assertThat(isAdmitted(0, PEER)).isFalse();
    assertThat(isAdmitted(0, OTHER)).isTrue();
  }

  @Test
  void whoIsInBothIsDenied() {
    serve(BLOCKING + "allow = [\"uid 7\"], deny = [\"uid 7\"]");
    assertThat(isAdmitted(0, OTHER)).isFalse();
  }

  @Test
  void offencesThatWorkersTellOfBlockThePeerForAllOfThemAndNobodyElse() {
    offends(1, 1);
    offends(2, 1);
    assertThat(isAdmitted(0, PEER)).isTrue();
    offends(1, 1);
    assertThat(isAdmitted(0, PEER)).isFalse();
    assertThat(isAdmitted(0, OTHER)).isTrue();
    assertThat(isAdmitted(1, PEER)).as("on another listener").isTrue();
    assertThat(fleet.view().blockedPeers()).isOne();
  }

  @Test
  void connectionsBeyondThePeersLimitAreOffences() {
    assertThat(isAdmitted(0, PEER)).isTrue();
    for (int i = 0; i < 3; i++) {
      assertThat(accept(++last, 0, PEER))
          .filteredOn(Effect.Place.class::isInstance)
          .allMatch(effect -> ((Effect.Place) effect).kind().equals(HandoffKind.BEYOND_LIMIT));
    }
    assertThat(isAdmitted(0, PEER)).isFalse();
    assertThat(counts().limited()).isEqualTo(3);
    assertThat(counts().denied()).isOne();
  }

  @Test
  void offencesThatAreFarApartDoNotBlock() {
    offends(1, 2);
    after(BLOCK.withinMs() + 1);
    offends(1, 2);
    assertThat(isAdmitted(0, PEER)).isTrue();
  }

  @Test
  void aBlockExpires() {
    offends(1, 3);
    after(BLOCK.forMs() - 1);
    assertThat(isAdmitted(0, PEER)).isFalse();
    after(2);
    assertThat(isAdmitted(0, PEER)).isTrue();
    assertThat(fleet.view().blockedPeers()).isZero();
  }

  @Test
  void aListenerWithoutBlocksBlocksNobody() {
    serve(ONE_PER_PEER);
    offends(1, 1_000);
    assertThat(isAdmitted(0, PEER)).isTrue();
  }

  @Test
  void noMoreOffendersAreKeptThanTheBound() {
    Blocks blocks = new Blocks();
    for (int i = 0; i < Blocks.MAX + 10; i++) {
      PeerKey peer = new PeerKey(PeerKey.Kind.TCP4, i);
      blocks.offended(0, peer, 3, BLOCK, nowMs);
      assertThat(blocks.isBlocked(0, peer, nowMs)).isTrue();
    }
    assertThat(blocks.blocked(nowMs)).isEqualTo(Blocks.MAX);
    assertThat(blocks.isBlocked(0, new PeerKey(PeerKey.Kind.TCP4, 0), nowMs)).isFalse();
    blocks.tick(nowMs + 60_000);
    assertThat(blocks.blocked(nowMs)).isZero();
  }
}
