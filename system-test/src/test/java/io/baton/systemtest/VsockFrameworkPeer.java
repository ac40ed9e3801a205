package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.vsockframework.cereal.CerealFormat;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;

/**
 * A client of the vsock message framework over TCP or a Unix socket, which blocks. It sends what is
 * behind a short body as other bytes than zeros, as the original does.
 */
final class VsockFrameworkPeer implements AutoCloseable {
  static final int CLOCK = 3;

  private static final int SMALL = 20;
  private static final int HEAD = 8 + SMALL;

  private final SocketChannel channel;

  VsockFrameworkPeer(SocketAddress address) throws IOException {
    channel = SocketChannel.open(address);
  }

  /**
   * A message that has come.
   *
   * @param body little-endian
   */
  record Received(int type, ByteBuffer body) {
    <T extends Record> T read(CerealFormat<T> format) throws IOException {
      byte[] bytes = new byte[body.remaining()];
      body.get(bytes);
      return format.read(bytes);
    }
  }

  /** The server's two times. */
  record Times(long received, long sent) {}

  static ByteBuffer head(int type, int length) {
    ByteBuffer head = ByteBuffer.allocate(HEAD).order(ByteOrder.LITTLE_ENDIAN);
    head.putInt(type).putInt(length);
    while (head.hasRemaining()) {
      head.put((byte) 0xEE);
    }
    return head.flip();
  }

  void send(int type, byte[] body) throws IOException {
    ByteBuffer head = head(type, body.length);
    if (body.length <= SMALL) {
      head.put(8, body);
      write(head);
    } else {
      write(ByteBuffer.allocate(HEAD + body.length).put(head).put(body).flip());
    }
  }

  <T extends Record> void send(int type, CerealFormat<T> format, T message) throws IOException {
    send(type, format.write(message, Integer.MAX_VALUE));
  }

  void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private ByteBuffer read(int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes) < 0) {
        throw new EOFException(bytes.position() + " of " + length + " bytes came");
      }
    }
    return bytes.flip();
  }

  Received receive() throws IOException {
    ByteBuffer head = read(HEAD);
    int type = head.getInt();
    int length = head.getInt();
    byte[] body = new byte[length];
    (length <= SMALL ? head : read(length)).get(body);
    return new Received(type, ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN));
  }

  <T extends Record> void assertEcho(int type, CerealFormat<T> format, T message)
      throws IOException {
    send(type, format, message);
    Received received = receive();
    assertThat(received.type).isEqualTo(type);
    assertThat(received.read(format)).isEqualTo(message);
  }

  /** Asks for the clock, which is this machine's. */
  void assertClock() throws IOException {
    long before = System.nanoTime();
    send(CLOCK, new byte[16]);
    Times times = times();
    long after = System.nanoTime();
    assertThat(times.received - before).isNotNegative();
    assertThat(times.sent - times.received).isNotNegative();
    assertThat(after - times.sent).isNotNegative();
  }

  Times times() throws IOException {
    Received received = receive();
    assertThat(received.type).isEqualTo(CLOCK);
    assertThat(received.body.remaining()).isEqualTo(16);
    return new Times(received.body.getLong(), received.body.getLong());
  }

  /** Returns when the server has closed the session, whatever it had sent before. */
  void assertEnds() throws IOException {
    ByteBuffer some = ByteBuffer.allocate(8192);
    while (channel.read(some.clear()) >= 0) {
      assertThat(some.position()).isPositive();
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
