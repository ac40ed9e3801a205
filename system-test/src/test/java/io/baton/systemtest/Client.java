package io.baton.systemtest;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/** A client on one connection, blocking, TCP or Unix. */
final class Client implements AutoCloseable {
  private final SocketChannel channel;

  /** An HTTP response. */
  record Answer(int code, String head, String body) {

    /** Whether it is the connection's last. */
    boolean closes() {
      return head.toLowerCase(Locale.ROOT).contains("\r\nconnection: close\r\n");
    }
  }

  private Client(SocketChannel channel) {
    this.channel = channel;
  }

  static Client connect(SocketAddress address) throws IOException {
    return new Client(SocketChannel.open(address));
  }

  static Client tcp(int port) throws IOException {
    return connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  /** From an address of this machine's choice, e.g. {@code 127.0.0.2}. */
  static Client tcp(int port, String from) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.INET);
    channel.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
    channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    return new Client(channel);
  }

  static Client unix(Path path) throws IOException {
    return connect(UnixDomainSocketAddress.of(path));
  }

  void send(String text) throws IOException {
    send(text.getBytes(StandardCharsets.UTF_8));
  }

  void send(byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  byte[] read(int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException("after " + buffer.position() + " of " + length + " bytes");
      }
    }
    return buffer.array();
  }

  String readText(String expected) throws IOException {
    return new String(
        read(expected.getBytes(StandardCharsets.UTF_8).length), StandardCharsets.UTF_8);
  }

  /** Sends a text and returns as many bytes as come back. */
  String echo(String text) throws IOException {
    send(text);
    return readText(text);
  }

  /** Waits for the end of the connection: true if it came without another byte, by FIN or reset. */
  boolean isEnded() {
    try {
      return channel.read(ByteBuffer.allocate(1)) < 0;
    } catch (IOException _) {
      return true;
    }
  }

  Answer get(String path) throws IOException {
    sendGet(path);
    return answer();
  }

  void sendGet(String path) throws IOException {
    send("GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n");
  }

  Answer answer() throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.length() < 4 || head.indexOf("\r\n\r\n", head.length() - 4) < 0) {
      head.append((char) read(1)[0]);
    }
    String lower = head.toString().toLowerCase(Locale.ROOT);
    int at = lower.indexOf("\r\ncontent-length:") + 17;
    int length = Integer.parseInt(lower.substring(at, lower.indexOf('\r', at)).strip());
    String body = new String(read(length), StandardCharsets.UTF_8);
    return new Answer(Integer.parseInt(head.substring(9, 12)), head.toString(), body);
  }

  /** Everything up to the end of the connection. */
  String readAll() throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
    while (channel.read(buffer) >= 0 && buffer.hasRemaining()) {}
    return StandardCharsets.UTF_8.decode(buffer.flip()).toString();
  }

  void shutdownOutput() throws IOException {
    channel.shutdownOutput();
  }

  /** Ends the connection with a reset instead of a FIN. */
  void reset() throws IOException {
    channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    channel.close();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
