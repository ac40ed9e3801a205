package io.baton.manager.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.pipe.PeerKey;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CensusTest {
  private static final int ANYBODY = 0;
  private static final int PER_PEER = 1;
  private static final PeerKey A = new PeerKey(PeerKey.Kind.TCP4, 1);
  private static final PeerKey B = new PeerKey(PeerKey.Kind.TCP6, 1);

  private final Census census =
      new Census(
          Generation.first(
              TestSettings.with(1, Map.of("l0", "", "l1", "max-connections-per-peer = 5"), "")));

  @Test
  void countsByListenerAndWhereItIsLimitedByPeer() {
    census.add(ANYBODY, A);
    census.add(PER_PEER, A);
    census.add(PER_PEER, A);
    census.add(PER_PEER, B);
    assertThat(census.total()).isEqualTo(4);
    assertThat(census.open(ANYBODY)).isEqualTo(1);
    assertThat(census.open(ANYBODY, A)).as("not told apart").isZero();
    assertThat(census.open(PER_PEER)).isEqualTo(3);
    assertThat(census.open(PER_PEER, A)).isEqualTo(2);
    assertThat(census.departed(PER_PEER, A, 2)).isTrue();
    assertThat(census.open(PER_PEER, A)).isZero();
    assertThat(census.open(PER_PEER, B)).isEqualTo(1);
    assertThat(census.total()).isEqualTo(2);
  }

  @Test
  void oneConnectionIsRemovedWhetherPeersAreToldApartOrNot() {
    census.add(ANYBODY, A);
    census.add(PER_PEER, A);
    assertThat(census.remove(ANYBODY, B)).as("whose it was is not known").isTrue();
    assertThat(census.remove(PER_PEER, B)).isFalse();
    assertThat(census.remove(PER_PEER, A)).isTrue();
    assertThat(census.remove(PER_PEER, A)).isFalse();
    assertThat(census.total()).isZero();
  }

  @Test
  void whoIsNotThereCannotLeave() {
    census.add(ANYBODY, A);
    census.add(PER_PEER, A);
    assertThat(census.departed(ANYBODY, null, 2)).isFalse();
    assertThat(census.departed(ANYBODY, A, 1)).as("named where nobody is").isFalse();
    assertThat(census.departed(PER_PEER, null, 1)).as("not named").isFalse();
    assertThat(census.departed(PER_PEER, B, 1)).isFalse();
    assertThat(census.departed(2, null, 1)).as("no such listener").isFalse();
    assertThat(census.departed(-1, null, 1)).isFalse();
    assertThat(census.total()).isEqualTo(2);
  }

  @Test
  void moreThanCanBeCountedAreNonsense() {
    assertThat(census.arrived(ANYBODY, null, Census.MOST)).isTrue();
    assertThat(census.arrived(PER_PEER, A, 1)).isFalse();
    assertThat(census.total()).isEqualTo(Census.MOST);
  }

  @Test
  void aWorkerHasNoConnectionsOfAListenerThatItsGenerationDoesNotHave() {
    assertThatThrownBy(() -> census.add(2, A))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("listener 2");
    assertThat(census.open(2)).isZero();
  }

  @Test
  void theManagersTellsPeersOfAllListenersApart() {
    Census managers = new Census();
    managers.add(7, A);
    managers.add(7, B);
    assertThat(managers.open(7)).isEqualTo(2);
    assertThat(managers.open(7, B)).isEqualTo(1);
    assertThat(managers.remove(7, A)).isTrue();
    assertThat(managers.remove(7, A)).isFalse();
    assertThat(managers.total()).isEqualTo(1);
  }
}
