package io.baton.manager.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.pipe.PeerKey;
import org.junit.jupiter.api.Test;

class NowhereRateTest {
  private static final PeerKey PEER = peer(1);

  private final NowhereRate rate = new NowhereRate();
  private long nowMs = 1_000_000;

  private static PeerKey peer(long number) {
    return new PeerKey(PeerKey.Kind.TCP4, number);
  }

  /** Returns how often the peer may be told now. */
  private int admitted(PeerKey peer) {
    int count = 0;
    while (rate.admits(peer, nowMs)) {
      count++;
    }
    return count;
  }

  @Test
  void aPeerIsToldABurstAtOnceAndThenAtARate() {
    assertThat(admitted(PEER)).isEqualTo(NowhereRate.BURST);
    nowMs += 999;
    assertThat(admitted(PEER)).isBetween(NowhereRate.PER_SECOND - 1, NowhereRate.PER_SECOND + 1);
    nowMs += 24 * 3_600_000;
    assertThat(admitted(PEER)).isEqualTo(NowhereRate.BURST);
  }

  @Test
  void onePeerTakesNothingFromAnother() {
    admitted(PEER);
    assertThat(admitted(peer(2))).isEqualTo(NowhereRate.BURST);
  }

  @Test
  void aPeerWhoseBucketIsFullAgainIsForgotten() {
    assertThat(rate.admits(PEER, nowMs)).isTrue();
    assertThat(rate.size()).isEqualTo(1);
    nowMs += 1_000;
    assertThat(rate.admits(peer(2), nowMs)).isTrue();
    assertThat(rate.size()).isEqualTo(1);
  }

  @Test
  void thePeerThatWasQuietLongestMakesRoom() {
    admitted(PEER);
    for (long i = 0; i < NowhereRate.MAX_PEERS; i++) {
      assertThat(rate.admits(peer(100 + i), nowMs)).isTrue();
    }
    assertThat(rate.size()).isEqualTo(NowhereRate.MAX_PEERS);
    assertThat(admitted(PEER)).as("it has a full bucket again").isEqualTo(NowhereRate.BURST);
  }
}
