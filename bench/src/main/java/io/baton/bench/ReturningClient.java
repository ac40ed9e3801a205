package io.baton.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A WebSocket client that loses its connection and comes back to its session over another. */
final class ReturningClient {
  private static final Pattern TOKEN = Pattern.compile("\"baton\\.resume\":\"([^\"]+)\"");
  private static final int EXTENDED = 126;

  /** A text of one letter, as a client masks it: with zeros. */
  private static final byte[] MESSAGE = {(byte) 0x81, (byte) 0x81, 0, 0, 0, 0, 'x'};

  private final int port;
  private String token;

  private ReturningClient(int port, String token) {
    this.port = port;
    this.token = token;
  }

  /** Begins a session, and loses its connection. */
  static ReturningClient begin(int port) throws IOException {
    return new ReturningClient(port, exchange(port, "baton.resume"));
  }

  /** Comes back, says something, and loses its connection again. */
  void comeBack() throws IOException {
    token = exchange(port, "baton.resume, baton.resume." + token);
  }

  /** As a client that cannot come back. */
  static void visit(int port) throws IOException {
    var _ = exchange(port, "");
  }

  /** One connection, until it has heard something; it ends with a reset. */
  private static String exchange(int port, String protocols) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setTcpNoDelay(true);
      socket.setSoLinger(true, 0);
      DataInputStream from = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
      socket.getOutputStream().write(request(protocols));
      head(from);
      String next = protocols.isEmpty() ? "" : token(text(from));
      socket.getOutputStream().write(MESSAGE);
      var _ = text(from);
      return next;
    }
  }

  private static byte[] request(String protocols) {
    String offer = protocols.isEmpty() ? "" : "Sec-WebSocket-Protocol: " + protocols + "\r\n";
    return """
    GET / HTTP/1.1\r
    Host: localhost\r
    Connection: Upgrade\r
    Upgrade: websocket\r
    Sec-WebSocket-Version: 13\r
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
    %s\r
    """
        .formatted(offer)
        .getBytes(ISO_8859_1);
  }

  private static void head(DataInputStream from) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) from.readUnsignedByte());
    }
    if (!head.toString().startsWith("HTTP/1.1 101 ")) {
      throw new BenchException("the server answers " + head.toString().lines().findFirst());
    }
  }

  private static String token(String welcome) {
    Matcher matcher = TOKEN.matcher(welcome);
    if (!matcher.find()) {
      throw new BenchException("this is no welcome: " + welcome);
    }
    return matcher.group(1);
  }

  private static String text(DataInputStream from) throws IOException {
    int kind = from.readUnsignedByte();
    int length = from.readUnsignedByte();
    byte[] bytes = new byte[length == EXTENDED ? from.readUnsignedShort() : length];
    from.readFully(bytes);
    if (kind != 0x81) {
      throw new BenchException(
          "a frame of kind %d: %s".formatted(kind & 15, new String(bytes, ISO_8859_1)));
    }
    return new String(bytes, ISO_8859_1);
  }
}
