package io.baton.link.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.service.Peer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DialersTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @TempDir private Path directory;

  private static LinkConnection dial(String where) throws Exception {
    return Dialers.to(LinkAddress.parseServer(where), null).dial(PATIENCE);
  }

  /** Returns one of this machine's own addresses. */
  private static InetAddress loopback(int last) throws IOException {
    return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) last});
  }

  private static String read(LinkConnection from) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(100);
    from.read(buffer);
    return UTF_8.decode(buffer.flip()).toString();
  }

  @Test
  void aUnixSocketIsConnectedTo() throws Exception {
    Path path = directory.resolve("s");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path));
      try (LinkConnection connection = dial("unix://" + path);
          SocketChannel accepted = server.accept()) {
        connection.write(ByteBuffer.wrap("ping".getBytes(UTF_8)));
        ByteBuffer ping = ByteBuffer.allocate(4);
        accepted.read(ping);
        assertThat(UTF_8.decode(ping.flip()).toString()).isEqualTo("ping");
        accepted.write(ByteBuffer.wrap("pong".getBytes(UTF_8)));
        assertThat(read(connection)).isEqualTo("pong");
        assertThat(connection.peer()).isEqualTo(new Peer.Unix(0, -1));
        accepted.shutdownOutput();
        assertThat(connection.read(ByteBuffer.allocate(1))).isEqualTo(-1);
      }
    }
  }

  @Test
  void aUnixSocketThatIsNotThereIsAnError() {
    assertThatThrownBy(() -> dial("unix://" + directory.resolve("none")))
        .isInstanceOf(IOException.class);
  }

  @Test
  void aMachineBehindItsMonitorsSocketIsConnectedTo() throws Exception {
    Path path = directory.resolve("v.sock");
    try (ServerSocketChannel monitor = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      monitor.bind(UnixDomainSocketAddress.of(path));
      Thread accepting =
          Thread.ofVirtual()
              .start(() -> {
                try (SocketChannel accepted = monitor.accept()) {
                  ByteBuffer request = ByteBuffer.allocate(13);
                  while (request.hasRemaining() && accepted.read(request) >= 0) {
                    // CONNECT 7100, in however many pieces
                  }
                  accepted.write(ByteBuffer.wrap("OK 1234\nhello".getBytes(UTF_8)));
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      try (LinkConnection connection = dial("vsock+unix://" + path + "?port=7100")) {
        assertThat(read(connection)).isEqualTo("hello");
        assertThat(connection.peer()).isEqualTo(new Peer.VsockUnix(path, 0, -1));
      }
      accepting.join();
    }
  }

  @Test
  void closingACarrierEndsAReadThatIsBlocked() throws Exception {
    Path path = directory.resolve("s");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path));
      LinkConnection connection = dial("unix://" + path);
      Thread closing = Thread.ofVirtual().start(connection::close);
      assertThatThrownBy(() -> connection.read(ByteBuffer.allocate(1)))
          .isInstanceOf(IOException.class);
      closing.join();
    }
  }

  @Test
  void theNextAddressOfAHostIsTriedIfOneDoesNotAnswer() throws Exception {
    InetAddress silent = loopback(2);
    InetAddress answering = loopback(1);
    try (ServerSocket server = new ServerSocket(0, 1, answering)) {
      InetAddress[] hosts = {silent, answering};
      try (LinkConnection connection = Dialers.tcp(hosts, server.getLocalPort(), PATIENCE)) {
        assertThat(connection.peer()).isEqualTo(new Peer.Tcp(answering, server.getLocalPort()));
      }
    }
  }

  @Test
  void theLastAddressThatDoesNotAnswerIsNamed() throws Exception {
    InetAddress[] hosts = {loopback(2), loopback(3)};
    int port;
    try (ServerSocket server = new ServerSocket(0, 1, loopback(1))) {
      port = server.getLocalPort();
      assertThatThrownBy(() -> Dialers.tcp(hosts, port, PATIENCE))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("127.0.0.3: ");
    }
  }
}
