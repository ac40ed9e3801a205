package io.baton.manager.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.Settings.PlacementKind;
import io.baton.service.Peer;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlacementTest {
  private static final Peer PEER = new Peer.Vsock(3, 1_024);

  private static Candidate worker(int slot, int connections, int busy, int queued, int placed) {
    return new Candidate(100 + slot, slot, connections, busy, queued, placed);
  }

  private static int chosen(PlacementKind kind, long sequence, Candidate... candidates) {
    return Placement.of(kind).choose(List.of(candidates), PEER, sequence).slot();
  }

  @Test
  void leastLoadPrefersTheLessBusyLoop() {
    assertThat(
            chosen(PlacementKind.LEAST_LOAD, 0, worker(0, 0, 800, 0, 0), worker(1, 9, 300, 0, 0)))
        .isEqualTo(1);
  }

  @Test
  void leastLoadCountsWhatWaitsAndWhatWasPlacedSinceTheReport() {
    assertThat(chosen(PlacementKind.LEAST_LOAD, 0, worker(0, 0, 0, 7, 0), worker(1, 0, 0, 0, 6)))
        .isEqualTo(1);
    assertThat(chosen(PlacementKind.LEAST_LOAD, 0, worker(0, 0, 0, 7, 0), worker(1, 0, 0, 0, 8)))
        .isEqualTo(0);
  }

  @Test
  void leastLoadTakesSmallDifferencesForNoiseAndGoesByConnections() {
    assertThat(chosen(PlacementKind.LEAST_LOAD, 0, worker(0, 5, 12, 0, 0), worker(1, 4, 40, 0, 0)))
        .isEqualTo(1);
  }

  @Test
  void leastLoadDrawsNoHerdToAnIdleWorkerBetweenTwoReports() {
    int busy = 0;
    int idle = 0;
    for (int i = 0; i < 1_000; i++) {
      int slot =
          chosen(PlacementKind.LEAST_LOAD, i, worker(0, 0, 300, 0, busy), worker(1, 0, 0, 0, idle));
      if (slot == 0) {
        busy++;
      } else {
        idle++;
      }
    }
    assertThat(idle - busy).isBetween(29, 31);
  }

  @Test
  void leastConnectionsTakesTheFewestAndOfEqualsTheFirst() {
    assertThat(
            chosen(
                PlacementKind.LEAST_CONNECTIONS,
                0,
                worker(0, 3, 0, 0, 0),
                worker(1, 2, 999, 0, 0),
                worker(2, 2, 0, 0, 0)))
        .isEqualTo(1);
  }

  @Test
  void roundRobinTakesTurns() {
    List<Integer> slots = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      slots.add(chosen(PlacementKind.ROUND_ROBIN, i, worker(0, 0, 0, 0, 0), worker(1, 0, 0, 0, 0)));
    }
    assertThat(slots).containsExactly(0, 1, 0, 1, 0);
  }

  @Test
  void peerHashKeepsAnAddressOnItsWorkerWhateverThePort() throws Exception {
    Candidate[] fleet = {worker(0, 0, 0, 0, 0), worker(1, 0, 0, 0, 0), worker(2, 0, 0, 0, 0)};
    Placement hash = Placement.of(PlacementKind.PEER_HASH);
    for (int i = 0; i < 50; i++) {
      Candidate first = hash.choose(List.of(fleet), tcp(i, 1_000), 0);
      assertThat(hash.choose(List.of(fleet), tcp(i, 2_000), 1)).isEqualTo(first);
    }
  }

  @Test
  void peerHashMovesOnlyThePeersOfAMissingWorkerAndSpreadsThem() throws Exception {
    List<Candidate> all = new ArrayList<>();
    for (int slot = 0; slot < 4; slot++) {
      all.add(worker(slot, 0, 0, 0, 0));
    }
    List<Candidate> without2 = new ArrayList<>(all);
    without2.remove(2);
    Placement hash = Placement.of(PlacementKind.PEER_HASH);
    Map<Integer, Integer> perSlot = new HashMap<>();
    for (int i = 0; i < 1_000; i++) {
      int before = hash.choose(all, tcp(i, 1), 0).slot();
      int after = hash.choose(without2, tcp(i, 1), 0).slot();
      perSlot.merge(before, 1, Integer::sum);
      if (before != 2) {
        assertThat(after).isEqualTo(before);
      }
    }
    assertThat(perSlot.values()).hasSize(4).allSatisfy(n -> assertThat(n).isBetween(200, 300));
  }

  private static Peer tcp(int host, int port) throws UnknownHostException {
    byte[] address = {10, 0, (byte) (host >> 8), (byte) host};
    return new Peer.Tcp(InetAddress.getByAddress(address), port);
  }
}
