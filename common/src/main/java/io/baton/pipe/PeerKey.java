package io.baton.pipe;

import io.baton.service.Peer;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * Who counts as one and the same peer where connections are limited per peer: an IPv4 address, the
 * /64 network of an IPv6 address (one subscriber has a whole one, RFC 6177), a vsock context id, or
 * the user at the other end of a Unix socket, who may be a virtual machine's monitor.
 *
 * @param value the address, the network's first eight bytes, the context id or the uid; all but the
 *     network unsigned and of 32 bits
 */
public record PeerKey(Kind kind, long value) {

  /** What the value is. */
  public enum Kind {
    TCP4(1),
    TCP6(2),
    UNIX(3),
    VSOCK(4);

    final int code;

    Kind(int code) {
      this.code = code;
    }
  }

  public static PeerKey of(Peer peer) {
    return switch (peer) {
      case Peer.Tcp p -> of(p.address());
      case Peer.Unix p -> new PeerKey(Kind.UNIX, Integer.toUnsignedLong(p.uid()));
      case Peer.VsockUnix p -> new PeerKey(Kind.UNIX, Integer.toUnsignedLong(p.uid()));
      case Peer.Vsock p -> new PeerKey(Kind.VSOCK, p.cid());
    };
  }

  private static PeerKey of(InetAddress address) {
    ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
    return bytes.remaining() == 4
        ? new PeerKey(Kind.TCP4, Integer.toUnsignedLong(bytes.getInt()))
        : new PeerKey(Kind.TCP6, bytes.getLong());
  }

  /** For the operator, e.g. {@code 192.0.2.1}, {@code 2001:db8:0:1::/64}, {@code uid 1000}. */
  @Override
  public String toString() {
    return switch (kind) {
      case TCP4 -> address((int) value);
      case TCP6 -> network();
      case UNIX -> "uid " + value;
      case VSOCK -> "cid " + value;
    };
  }

  private String network() {
    StringBuilder text = new StringBuilder();
    for (int shift = 48; shift >= 0; shift -= 16) {
      text.append(Long.toHexString(value >>> shift & 0xFFFF)).append(':');
    }
    return text.append(":/64").toString();
  }

  private static String address(int value) {
    return (value >>> 24)
        + "."
        + (value >> 16 & 0xFF)
        + "."
        + (value >> 8 & 0xFF)
        + "."
        + (value & 0xFF);
  }
}
