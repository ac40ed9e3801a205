package io.baton.manager.listen;

import io.baton.service.Peer;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What a proxy says first on a connection: for whom it is. The PROXY protocol, versions 1 and 2, as
 * of HAProxy's {@code doc/proxy-protocol.txt}.
 */
sealed interface ProxyHeader {
  /** A header of either version is not longer; version 2 could be, with more than anybody sends. */
  int MAX_BYTES = 4_096;

  /**
   * There is more of it to come.
   *
   * @param bytes that it has at least
   */
  record Incomplete(int bytes) implements ProxyHeader {}

  /**
   * It is whole.
   *
   * @param bytes that it has
   * @param client null if it names none: the connection is the proxy's own, to see whether we are
   *     there, or of a family that has no address
   */
  record Complete(int bytes, Peer.@Nullable Tcp client) implements ProxyHeader {}

  /** It is none. */
  record Malformed(String why) implements ProxyHeader {}

  /** Reads the first bytes of a connection, at least one. */
  static ProxyHeader parse(ByteBuffer bytes) {
    ByteBuffer in = bytes.slice().order(ByteOrder.BIG_ENDIAN);
    return switch (in.get(0)) {
      case 'P' -> Version1.parse(in);
      case '\r' -> Version2.parse(in);
      default -> new Malformed("no PROXY header");
    };
  }

  /** A line of text. */
  final class Version1 {
    private static final int MAX = 107;
    private static final byte[] BEGIN = "PROXY ".getBytes(StandardCharsets.US_ASCII);
    private static final Pattern UNKNOWN = Pattern.compile("PROXY UNKNOWN(?: [^\\r\\n]*)?");
    private static final String PORT = "(0|[1-9]\\d{0,4})";
    private static final Pattern TCP4 =
        Pattern.compile(
            "PROXY TCP4 (\\d{1,3}(?:\\.\\d{1,3}){3}) \\d{1,3}(?:\\.\\d{1,3}){3} %1$s %1$s"
                .formatted(PORT));
    private static final Pattern TCP6 =
        Pattern.compile(
            "PROXY TCP6 ([0-9a-fA-F:.]{2,45}) [0-9a-fA-F:.]{2,45} %1$s %1$s".formatted(PORT));

    private Version1() {}

    private static ProxyHeader parse(ByteBuffer in) {
      for (int i = 0; i < Math.min(BEGIN.length, in.limit()); i++) {
        if (in.get(i) != BEGIN[i]) {
          return new Malformed("no PROXY header");
        }
      }
      int end = 0;
      while (end < in.limit() && end < MAX && in.get(end) != '\n') {
        end++;
      }
      if (end == MAX) {
        return new Malformed("a PROXY line of more than " + MAX + " bytes");
      }
      if (end == in.limit()) {
        return new Incomplete(end + 1);
      }
      byte[] line = new byte[end];
      in.get(0, line);
      return end > 0 && line[end - 1] == '\r'
          ? parse(new String(line, 0, end - 1, StandardCharsets.ISO_8859_1), end + 1)
          : new Malformed("a PROXY line that does not end with CRLF");
    }

    private static ProxyHeader parse(String line, int bytes) {
      if (UNKNOWN.matcher(line).matches()) {
        return new Complete(bytes, null);
      }
      for (Pattern family : new Pattern[] {TCP4, TCP6}) {
        Matcher matcher = family.matcher(line);
        if (matcher.matches()) {
          return tcp(matcher, family == TCP6, bytes);
        }
      }
      return new Malformed("a PROXY line that says something else");
    }

    private static ProxyHeader tcp(Matcher line, boolean six, int bytes) {
      try {
        String text = line.group(1);
        InetAddress address = InetAddress.ofLiteral(text);
        int port = Integer.parseInt(line.group(2));
        if (port <= 0xffff && (text.indexOf(':') >= 0) == six) {
          return new Complete(bytes, new Peer.Tcp(address, port));
        }
      } catch (IllegalArgumentException _) {
        // said below
      }
      return new Malformed("a PROXY line without a valid address and port");
    }
  }

  /** Binary. */
  final class Version2 {
    private static final byte[] SIGNATURE = {
      0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A
    };
    private static final int COMMAND_AT = 12;
    private static final int FAMILY_AT = 13;
    private static final int LENGTH_AT = 14;
    private static final int FIXED = 16;

    private static final int LOCAL = 0x20;
    private static final int PROXY = 0x21;

    private static final int UNSPECIFIED = 0x00;
    private static final int TCP4 = 0x11;
    private static final int TCP6 = 0x21;
    private static final int UNIX_STREAM = 0x31;
    private static final int UNIX_BYTES = 216;

    private static final int CRC32C_TYPE = 0x03;
    private static final int TLV_HEAD = 3;

    private Version2() {}

    private static ProxyHeader parse(ByteBuffer in) {
      int known = Math.min(SIGNATURE.length, in.limit());
      byte[] begin = new byte[known];
      in.get(0, begin);
      if (!Arrays.equals(begin, 0, known, SIGNATURE, 0, known)) {
        return new Malformed("no PROXY header");
      }
      if (in.limit() < FIXED) {
        return new Incomplete(FIXED);
      }
      int command = Byte.toUnsignedInt(in.get(COMMAND_AT));
      int length = FIXED + Short.toUnsignedInt(in.getShort(LENGTH_AT));
      if (command != LOCAL && command != PROXY) {
        return new Malformed("a PROXY header of another version or command");
      }
      if (length > MAX_BYTES) {
        return new Malformed("a PROXY header of more than " + MAX_BYTES + " bytes");
      }
      if (in.limit() < length) {
        return new Incomplete(length);
      }
      return whole(in.slice(0, length), command == PROXY);
    }

    private static ProxyHeader whole(ByteBuffer in, boolean forClient) {
      if (!forClient) {
        return new Complete(in.limit(), null); // its family and addresses mean nothing
      }
      int addresses =
          switch (Byte.toUnsignedInt(in.get(FAMILY_AT))) {
            case UNSPECIFIED -> 0;
            case TCP4 -> 2 * (4 + Short.BYTES);
            case TCP6 -> 2 * (16 + Short.BYTES);
            case UNIX_STREAM -> UNIX_BYTES;
            default -> -1;
          };
      if (addresses < 0) {
        return new Malformed("a PROXY header for another kind of connection");
      }
      if (FIXED + addresses > in.limit()) {
        return new Malformed("a PROXY header without room for its addresses");
      }
      String wrong = in.get(FAMILY_AT) == UNSPECIFIED ? "" : complaint(in, FIXED + addresses);
      return wrong.isEmpty() ? new Complete(in.limit(), client(in)) : new Malformed(wrong);
    }

    private static Peer.@Nullable Tcp client(ByteBuffer in) {
      int size =
          switch (in.get(FAMILY_AT)) {
            case TCP4 -> 4;
            case TCP6 -> 16;
            default -> 0;
          };
      if (size == 0) {
        return null;
      }
      byte[] address = new byte[size];
      in.get(FIXED, address);
      try {
        return new Peer.Tcp(
            InetAddress.getByAddress(address), Short.toUnsignedInt(in.getShort(FIXED + 2 * size)));
      } catch (UnknownHostException e) {
        throw new IllegalStateException(e); // only for another size
      }
    }

    /** What is wrong with the fields behind the addresses; empty if nothing is. */
    private static String complaint(ByteBuffer in, int from) {
      int at = from;
      while (at < in.limit()) {
        if (at + TLV_HEAD > in.limit()) {
          return "a PROXY header with half a field";
        }
        int length = Short.toUnsignedInt(in.getShort(at + 1));
        int value = at + TLV_HEAD;
        if (value + length > in.limit()) {
          return "a PROXY header with half a field";
        }
        if (in.get(at) == CRC32C_TYPE && !(length == Integer.BYTES && isChecksum(in, value))) {
          return "a PROXY header with a wrong checksum";
        }
        at = value + length;
      }
      return "";
    }

    /** It is that of the header with zeros in its place. */
    private static boolean isChecksum(ByteBuffer in, int at) {
      byte[] all = new byte[in.limit()];
      in.get(0, all);
      Arrays.fill(all, at, at + Integer.BYTES, (byte) 0);
      CRC32C sum = new CRC32C();
      sum.update(all);
      return (int) sum.getValue() == in.getInt(at);
    }
  }
}
