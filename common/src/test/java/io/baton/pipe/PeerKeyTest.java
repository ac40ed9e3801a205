package io.baton.pipe;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.service.Peer;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class PeerKeyTest {

  private static PeerKey tcp(String address, int port) {
    return PeerKey.of(new Peer.Tcp(InetAddress.ofLiteral(address), port));
  }

  @Test
  void anAddressIsOnePeerWhateverItsPort() {
    assertThat(tcp("192.0.2.1", 1)).isEqualTo(tcp("192.0.2.1", 2)).hasToString("192.0.2.1");
    assertThat(tcp("255.255.255.255", 1)).hasToString("255.255.255.255");
    assertThat(tcp("192.0.2.1", 1)).isNotEqualTo(tcp("192.0.2.2", 1));
  }

  @Test
  void anIpv6NetworkOf64BitsIsOnePeer() {
    assertThat(tcp("2001:db8:0:ff01::1", 1))
        .isEqualTo(tcp("2001:db8:0:ff01:ffff::2", 2))
        .hasToString("2001:db8:0:ff01::/64");
    assertThat(tcp("2001:db8:0:1::1", 1)).isNotEqualTo(tcp("2001:db8:0:2::1", 1));
    assertThat(tcp("::1", 1)).isNotEqualTo(tcp("0.0.0.0", 1));
  }

  @Test
  void aUserIsOnePeerWhateverTheProcess() {
    assertThat(PeerKey.of(new Peer.Unix(1, 1_000)))
        .isEqualTo(PeerKey.of(new Peer.Unix(2, 1_000)))
        .hasToString("uid 1000");
    assertThat(PeerKey.of(new Peer.Unix(1, -1))).hasToString("uid 4294967295");
  }

  @Test
  void aContextIdIsOnePeerWhateverThePort() {
    assertThat(PeerKey.of(new Peer.Vsock(3, 1)))
        .isEqualTo(PeerKey.of(new Peer.Vsock(3, 2)))
        .isNotEqualTo(PeerKey.of(new Peer.Unix(1, 3)))
        .hasToString("cid 3");
  }
}
