package io.baton.posix;

import io.baton.service.Peer;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * One reusable {@code sockaddr} of any family, as bind and connect take it and accept fills it.
 *
 * <p>Layouts: ip(7), ipv6(7), unix(7); vsock(7) is {u16 family, u16 0, u32 port, u32 cid, u8 flags,
 * zeros}, 16 bytes, ports in host byte order.
 */
final class Address {
  static final int AF_UNIX = 1;
  static final int AF_INET = 2;
  static final int AF_INET6 = 10;
  static final int AF_VSOCK = 40;

  private static final int MAX = 112;
  private static final int MAX_UNIX = 107;

  final Memory memory = new Memory(MAX);
  final Memory length = new Memory(4);

  /** Ready to be filled by the kernel. */
  void clear() {
    length.bytes.putInt(0, MAX);
  }

  int length() {
    return length.bytes.getInt(0);
  }

  int family() {
    return memory.bytes.getShort(0);
  }

  void tcp(InetAddress host, int port) {
    byte[] ip = host.getAddress();
    zero();
    putPort(port);
    if (host instanceof Inet4Address) {
      family(AF_INET, 16);
      memory.bytes.put(4, ip);
    } else {
      family(AF_INET6, 28);
      memory.bytes.put(8, ip);
    }
  }

  void unix(Path path) {
    byte[] bytes = path.toString().getBytes(StandardCharsets.UTF_8);
    zero();
    family(AF_UNIX, 2 + bytes.length + 1);
    memory.bytes.put(2, bytes);
  }

  /**
   * A path, or with {@code @} in front a name in the abstract namespace.
   *
   * @throws IllegalArgumentException if it is longer than the kernel's {@value #MAX_UNIX} bytes
   */
  void unixOrAbstract(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    if (bytes.length == 0 || bytes.length > MAX_UNIX) {
      throw new IllegalArgumentException("not the name of a Unix socket: " + name);
    }
    boolean isAbstract = bytes[0] == '@';
    zero();
    // The length of an abstract name says where it ends; a path is closed by a NUL.
    family(AF_UNIX, 2 + bytes.length + (isAbstract ? 0 : 1));
    memory.bytes.put(2, bytes);
    if (isAbstract) {
      memory.bytes.put(2, (byte) 0);
    }
  }

  void vsock(long cid, long port) {
    zero();
    family(AF_VSOCK, 16);
    memory.bytes.putInt(4, (int) port).putInt(8, (int) cid);
  }

  Peer.Tcp tcpPeer() throws UnknownHostException {
    byte[] ip = new byte[family() == AF_INET ? 4 : 16];
    memory.bytes.get(family() == AF_INET ? 4 : 8, ip);
    return new Peer.Tcp(InetAddress.getByAddress(ip), port());
  }

  Peer.Vsock vsockPeer() {
    return new Peer.Vsock(
        Integer.toUnsignedLong(memory.bytes.getInt(8)),
        Integer.toUnsignedLong(memory.bytes.getInt(4)));
  }

  /** The path of a Unix socket; empty if it has none, or a name in the abstract namespace. */
  String unixPath() {
    byte[] bytes = new byte[Math.max(0, Math.min(length(), MAX) - 2)];
    memory.bytes.get(2, bytes);
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }

  private int port() {
    return (memory.bytes.get(2) & 0xFF) << 8 | (memory.bytes.get(3) & 0xFF);
  }

  private void putPort(int port) {
    memory.bytes.put(2, (byte) (port >> 8)).put(3, (byte) port); // network byte order
  }

  private void family(int family, int size) {
    memory.bytes.putShort(0, (short) family);
    length.bytes.putInt(0, size);
  }

  private void zero() {
    for (int i = 0; i < MAX; i += 8) {
      memory.bytes.putLong(i, 0);
    }
  }
}
