package io.baton.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.service.Peer;
import java.net.InetAddress;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeerRangeTest {

  private static Peer peer(String text) {
    String[] kindAndId = text.split(" ", 2);
    return switch (kindAndId[0]) {
      case "tcp" -> new Peer.Tcp(InetAddress.ofLiteral(kindAndId[1]), 1);
      case "vsock" -> new Peer.Vsock(Long.parseLong(kindAndId[1]), 99);
      case "unix" -> new Peer.Unix(99, Integer.parseUnsignedInt(kindAndId[1]));
      case "machine" ->
          new Peer.VsockUnix(Path.of("/v"), 99, Integer.parseUnsignedInt(kindAndId[1]));
      default -> throw new IllegalArgumentException(text);
    };
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, tcp 10.255.1.2, true",
    "10.0.0.0/8, tcp 11.0.0.0, false",
    "10.0.0.0/8, tcp ::ffff:a00:1, true", // Java has an IPv4 address where IPv6 only maps one
    "192.0.2.128/25, tcp 192.0.2.127, false",
    "192.0.2.128/25, tcp 192.0.2.129, true",
    "192.0.2.1, tcp 192.0.2.1, true",
    "::ffff:192.0.2.1, tcp 192.0.2.1, true",
    "192.0.2.1, tcp 192.0.2.2, false",
    "0.0.0.0/0, tcp 203.0.113.9, true",
    "0.0.0.0/0, tcp ::1, false",
    "2001:db8::/33, tcp 2001:db8:7fff::1, true",
    "2001:db8::/33, tcp 2001:db8:8000::1, false",
    "::1, tcp ::1, true",
    "cid 3, vsock 3, true",
    "cid 3, vsock 4, false",
    "cid 4294967295, vsock 4294967295, true",
    "cid 3, unix 3, false",
    "cid 3, tcp 0.0.0.3, false",
    "uid 1000, unix 1000, true",
    "uid 1000, unix 1001, false",
    "uid 4294967294, unix 4294967294, true",
    "uid 1000, machine 1000, true",
    "uid 1000, machine 0, false",
    "uid 3, vsock 3, false",
    "0.0.0.0/0, unix 0, false"
  })
  void whoIsIn(String range, String peer, boolean in) {
    assertThat(PeerRange.parse(range).contains(peer(peer))).isEqualTo(in);
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.0/8", "192.0.2.1/32", "cid 3", "uid 4294967295"})
  void itPrintsAsItIsWritten(String text) {
    assertThat(PeerRange.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "10.0.0.0/",
        "10.0.0.0/33",
        "::ffff:10.0.0.0/104",
        "::ffff:10.0.0.0/24", // would be 10.0.0.0/24
        "::ffff:0:0/96",
        "10.0.0.0/-1",
        "::/129",
        "10.0.0.0/8 ",
        "host",
        "cid",
        "cid ",
        "cid -1",
        "cid 4294967296",
        "uid x",
        "uid  1",
        "10.0.0.0/8/8",
        "/8",
        "10/8",
        "10.1"
      })
  void whatIsNoneIsRefused(String text) {
    assertThatThrownBy(() -> PeerRange.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
