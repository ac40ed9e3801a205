package io.baton.config;

import io.baton.service.Peer;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;

/** Some peers: what an entry of a listener's {@code allow} or {@code deny} names. */
public sealed interface PeerRange {
  /** What {@link #parse} takes. */
  String ALLOWED = "an address or network such as 10.0.0.0/8 or 2001:db8::/32, cid N or uid N";

  /** Whether it names this one. */
  boolean contains(Peer peer);

  /** Whether this one may come if only these may; none: all may. */
  static boolean permits(List<PeerRange> allow, Peer peer) {
    return allow.isEmpty() || contains(allow, peer);
  }

  /** Whether any of these names this one. */
  static boolean contains(List<PeerRange> ranges, Peer peer) {
    return ranges.stream().anyMatch(range -> range.contains(peer));
  }

  /**
   * The addresses that begin with the same bits.
   *
   * @param bits how many; all of them for one address
   */
  record Network(InetAddress address, int bits) implements PeerRange {
    @Override
    public boolean contains(Peer peer) {
      return peer instanceof Peer.Tcp tcp && beginsAlike(tcp.address().getAddress());
    }

    private boolean beginsAlike(byte[] other) {
      byte[] ours = address.getAddress();
      if (ours.length != other.length) {
        return false;
      }
      for (int bit = 0; bit < bits; bit++) {
        if (((ours[bit / 8] ^ other[bit / 8]) >> (7 - bit % 8) & 1) != 0) {
          return false;
        }
      }
      return true;
    }

    @Override
    public String toString() {
      return address.getHostAddress() + "/" + bits;
    }
  }

  /** One virtual machine, or the host, by its vsock context id. */
  record Cid(long cid) implements PeerRange {
    @Override
    public boolean contains(Peer peer) {
      return peer instanceof Peer.Vsock vsock && vsock.cid() == cid;
    }

    @Override
    public String toString() {
      return "cid " + cid;
    }
  }

  /** One user at the other end of Unix sockets, unsigned. */
  record Uid(long uid) implements PeerRange {
    @Override
    public boolean contains(Peer peer) {
      return switch (peer) {
        case Peer.Unix unix -> Integer.toUnsignedLong(unix.uid()) == uid;
        case Peer.VsockUnix machine -> Integer.toUnsignedLong(machine.uid()) == uid;
        case Peer.Tcp _, Peer.Vsock _ -> false;
      };
    }

    @Override
    public String toString() {
      return "uid " + uid;
    }
  }

  /**
   * Reads one, as it prints.
   *
   * @throws IllegalArgumentException if it is none
   */
  static PeerRange parse(String text) {
    if (text.startsWith("cid ")) {
      return new Cid(Integer.toUnsignedLong(Integer.parseUnsignedInt(text.substring(4))));
    }
    if (text.startsWith("uid ")) {
      return new Uid(Integer.toUnsignedLong(Integer.parseUnsignedInt(text.substring(4))));
    }
    int slash = text.indexOf('/');
    InetAddress address = address(slash < 0 ? text : text.substring(0, slash));
    int most = address.getAddress().length * 8;
    boolean isMapped = text.indexOf(':') >= 0 && address instanceof Inet4Address;
    if (isMapped && slash >= 0) {
      // Its clients have IPv4 addresses here, of which the bits would be others.
      throw new IllegalArgumentException();
    }
    int bits = slash < 0 ? most : Integer.parseInt(text.substring(slash + 1));
    if (bits < 0 || bits > most) {
      throw new IllegalArgumentException();
    }
    return new Network(address, bits);
  }

  private static InetAddress address(String text) {
    boolean isShort = text.indexOf(':') < 0 && text.chars().filter(c -> c == '.').count() != 3;
    if (isShort) {
      // The JDK takes 10.1 for 10.0.0.1, which few would expect.
      throw new IllegalArgumentException();
    }
    return InetAddress.ofLiteral(text);
  }
}
