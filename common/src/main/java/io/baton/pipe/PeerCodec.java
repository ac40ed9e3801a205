package io.baton.pipe;

import io.baton.pipe.PeerKey.Kind;
import io.baton.service.Peer;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of peers and of their keys: a u8 of kind, then the kind's fields.
 *
 * <pre>
 * peer: 1 tcp         u8 n (4 or 16), n bytes of address, u16 port
 *       2 unix        i32 pid, i32 uid
 *       3 vsock       u32 cid, u32 port
 *       4 vsock+unix  text socket, i32 pid, i32 uid
 *
 * key:  0 none
 *       1 tcp4        u32 address
 *       2 tcp6        i64 network
 *       3 unix        u32 uid
 *       4 vsock       u32 cid
 * </pre>
 */
final class PeerCodec {
  private static final int TCP = 1;
  private static final int UNIX = 2;
  private static final int VSOCK = 3;
  private static final int VSOCK_UNIX = 4;

  private static final int NO_KEY = 0;

  private static final int IPV4_BYTES = 4;
  private static final int IPV6_BYTES = 16;

  private PeerCodec() {}

  static void write(Peer peer, FieldWriter to) {
    switch (peer) {
      case Peer.Tcp p -> {
        byte[] address = p.address().getAddress();
        to.u8(TCP).u8(address.length).bytes(address).u16(p.port());
      }
      case Peer.Unix p -> to.u8(UNIX).i32(p.pid()).i32(p.uid());
      case Peer.Vsock p -> to.u8(VSOCK).u32(p.cid()).u32(p.port());
      case Peer.VsockUnix p ->
          to.u8(VSOCK_UNIX).text(p.socket().toString()).i32(p.pid()).i32(p.uid());
    }
  }

  /** A flag, then the peer if there is one. */
  static void writeOrNone(@Nullable Peer peer, FieldWriter to) {
    to.flag(peer != null);
    if (peer != null) {
      write(peer, to);
    }
  }

  static @Nullable Peer readOrNone(FieldReader from) throws MalformedMessageException {
    return from.flag() ? read(from) : null;
  }

  static Peer read(FieldReader from) throws MalformedMessageException {
    int kind = from.u8();
    return switch (kind) {
      case TCP -> new Peer.Tcp(readAddress(from), from.u16());
      case UNIX -> new Peer.Unix(from.i32(), from.i32());
      case VSOCK -> new Peer.Vsock(from.u32(), from.u32());
      case VSOCK_UNIX -> new Peer.VsockUnix(readPath(from), from.i32(), from.i32());
      default -> throw FieldReader.unknown("kind of peer", kind);
    };
  }

  private static InetAddress readAddress(FieldReader from) throws MalformedMessageException {
    int length = from.u8();
    if (length != IPV4_BYTES && length != IPV6_BYTES) {
      throw new MalformedMessageException("an address of " + length + " bytes");
    }
    try {
      return InetAddress.getByAddress(from.bytes(length));
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // only for an illegal length, checked above
    }
  }

  private static Path readPath(FieldReader from) throws MalformedMessageException {
    try {
      return Path.of(from.text());
    } catch (InvalidPathException e) {
      throw new MalformedMessageException("an invalid path: " + e.getMessage());
    }
  }

  static void writeKey(@Nullable PeerKey key, FieldWriter to) {
    if (key == null) {
      to.u8(NO_KEY);
      return;
    }
    to.u8(key.kind().code);
    switch (key.kind()) {
      case TCP4, UNIX, VSOCK -> to.u32(key.value());
      case TCP6 -> to.i64(key.value());
    }
  }

  static @Nullable PeerKey readKey(FieldReader from) throws MalformedMessageException {
    int code = from.u8();
    if (code == NO_KEY) {
      return null;
    }
    for (Kind kind : Kind.values()) {
      if (kind.code == code) {
        return switch (kind) {
          case TCP4, UNIX, VSOCK -> new PeerKey(kind, from.u32());
          case TCP6 -> new PeerKey(kind, from.i64());
        };
      }
    }
    throw FieldReader.unknown("kind of peer's key", code);
  }
}
