package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.pipe.PeerKey;
import org.junit.jupiter.api.Test;

final class LimitedClientsTest {
  private final LimitedClients clients = new LimitedClients();

  private static PeerKey peer(int number) {
    return new PeerKey(PeerKey.Kind.TCP4, number);
  }

  /** Returns how many of the peer come in. */
  private int enter(PeerKey peer) {
    int count = 0;
    while (clients.admits(peer)) {
      clients.enter(peer);
      count++;
    }
    return count;
  }

  @Test
  void onePeerHasOnlySoManyAndAnotherItsOwn() {
    assertThat(enter(peer(1))).isEqualTo(LimitedClients.MAX_OF_PEER);
    assertThat(enter(peer(2))).isEqualTo(LimitedClients.MAX_OF_PEER);
  }

  @Test
  void allTogetherAreOnlySoMany() {
    int all = 0;
    for (int i = 0; i < LimitedClients.MAX; i++) {
      all += enter(peer(i));
    }
    assertThat(all).isEqualTo(LimitedClients.MAX);
  }

  @Test
  void whoLeavesMakesRoom() {
    enter(peer(1));
    clients.leave(peer(1));
    assertThat(enter(peer(1))).isEqualTo(1);
  }
}
