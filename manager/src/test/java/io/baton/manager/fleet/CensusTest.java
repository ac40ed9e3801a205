package io.baton.manager.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.config.Settings;
import io.baton.pipe.PeerKey;
import java.util.List;
import org.junit.jupiter.api.Test;

class CensusTest {
  private static final int ANYBODY = 0;
  private static final int PER_PEER = 1;
  private static final PeerKey A = new PeerKey(PeerKey.Kind.TCP4, 1);
  private static final PeerKey B = new PeerKey(PeerKey.Kind.TCP6, 1);

  private final Census census = census();

  private static Census census() {
    return new Census(
        TestSettings.with(
                1,
                List.of(TestSettings.NO_LIMITS, new Settings.Limits(0, 5, 0)),
                0,
                Settings.PlacementKind.ROUND_ROBIN,
                TestSettings.FLEET)
            .listeners());
  }

  @Test
  void countsByListenerAndByPeer() {
    census.add(ANYBODY, null);
    census.add(PER_PEER, A);
    census.add(PER_PEER, A);
    census.add(PER_PEER, B);
    assertThat(census.total()).isEqualTo(4);
    assertThat(census.open(ANYBODY)).isEqualTo(1);
    assertThat(census.open(PER_PEER)).isEqualTo(3);
    assertThat(census.open(PER_PEER, A)).isEqualTo(2);
    census.remove(PER_PEER, A, 2);
    assertThat(census.open(PER_PEER, A)).isZero();
    assertThat(census.open(PER_PEER, B)).isEqualTo(1);
    assertThat(census.total()).isEqualTo(2);
  }

  @Test
  void whatAWorkerHeldLeavesTogether() {
    Census worker = census();
    for (Census each : List.of(census, worker)) {
      each.add(ANYBODY, null);
      each.add(PER_PEER, A);
      each.add(PER_PEER, A);
    }
    census.add(ANYBODY, null);
    census.add(PER_PEER, A);
    census.add(PER_PEER, B);
    census.removeAll(worker);
    assertThat(census.open(ANYBODY)).isEqualTo(1);
    assertThat(census.open(PER_PEER, A)).isEqualTo(1);
    assertThat(census.open(PER_PEER, B)).isEqualTo(1);
    assertThat(census.total()).isEqualTo(3);
  }

  @Test
  void whoIsNotThereCannotLeave() {
    census.add(ANYBODY, null);
    census.add(PER_PEER, A);
    assertThatThrownBy(() -> census.remove(ANYBODY, null, 2))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("never counted");
    assertThatThrownBy(() -> census.remove(PER_PEER, B, 1))
        .isInstanceOf(IllegalStateException.class);
    assertThat(census.total()).isEqualTo(2);
  }
}
