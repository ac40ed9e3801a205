package io.baton.posix;

import static io.baton.posix.LibC.C;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.abort;

import io.baton.service.Endpoint;
import io.baton.service.Peer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerSocketTest {

  @TempDir private Path dir;

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void aTcpClientIsAcceptedWithItsAddress(String host) throws Exception {
    InetAddress address = InetAddress.ofLiteral(host);
    int port = freePort(address);
    try (ServerSocket server = ServerSocket.tcp(address, port, 16, 0);
        SocketChannel client = SocketChannel.open(new InetSocketAddress(address, port));
        Fd accepted = accept(server)) {
      int clientPort = ((InetSocketAddress) client.getLocalAddress()).getPort();
      assertThat(server.peer()).isEqualTo(new Peer.Tcp(address, clientPort));
      assertThat(option(accepted, 6, 1)).as("TCP_NODELAY").isEqualTo(1);
      assertGreeted(accepted, client);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1,                  1,     1",
    "1001,               2,     1",
    "300000,           300,    30",
    "9000000000000000, 32767, 3276"
  })
  void anAcceptedTcpClientIsAskedForAsItsListenerSays(long ms, int idle, int interval)
      throws Exception {
    InetAddress address = InetAddress.ofLiteral("127.0.0.1");
    int port = freePort(address);
    try (ServerSocket server = ServerSocket.tcp(address, port, 16, ms);
        SocketChannel client = SocketChannel.open(new InetSocketAddress(address, port));
        Fd accepted = accept(server)) {
      assertThat(client.isConnected()).isTrue();
      assertThat(option(accepted, 1, 9)).as("SO_KEEPALIVE").isEqualTo(1);
      assertThat(option(accepted, 6, 4)).as("TCP_KEEPIDLE").isEqualTo(idle);
      assertThat(option(accepted, 6, 5)).as("TCP_KEEPINTVL").isEqualTo(interval);
      assertThat(option(accepted, 6, 6)).as("TCP_KEEPCNT").isEqualTo(5);
    }
  }

  @Test
  void withoutKeepaliveNobodyIsAsked() throws Exception {
    InetAddress address = InetAddress.ofLiteral("127.0.0.1");
    int port = freePort(address);
    try (ServerSocket server = ServerSocket.tcp(address, port, 16, 0);
        SocketChannel client = SocketChannel.open(new InetSocketAddress(address, port));
        Fd accepted = accept(server)) {
      assertThat(client.isConnected()).isTrue();
      assertThat(option(accepted, 1, 9)).as("SO_KEEPALIVE").isZero();
    }
  }

  @Test
  void aClientThatSaysNothingCanBeMadeToWait() throws Exception {
    InetAddress address = InetAddress.ofLiteral("127.0.0.1");
    InetSocketAddress where = new InetSocketAddress(address, freePort(address));
    try (ServerSocket server = ServerSocket.tcp(address, where.getPort(), 16, 0)) {
      server.deferAccept(60_000);
      try (SocketChannel client = SocketChannel.open(where)) {
        assertThat(server.accept()).isEqualTo(-Errno.EAGAIN);
        client.write(ByteBuffer.wrap(new byte[] {'x'}));
        try (Fd accepted = accept(server)) {
          assertThat(accepted.number()).isPositive();
        }
      }
      server.deferAccept(0);
      try (SocketChannel client = SocketChannel.open(where);
          Fd accepted = accept(server)) {
        assertGreeted(accepted, client);
      }
    }
  }

  @Test
  void anAcceptedTcpClientKeepsNoMoreUnsentThanItsListenerSays() throws Exception {
    InetAddress address = InetAddress.ofLiteral("127.0.0.1");
    InetSocketAddress where = new InetSocketAddress(address, freePort(address));
    try (ServerSocket server = ServerSocket.tcp(address, where.getPort(), 16, 0)) {
      for (int bytes : new int[] {131_072, 0}) {
        server.limitUnsent(bytes);
        try (SocketChannel client = SocketChannel.open(where);
            Fd accepted = accept(server)) {
          assertThat(client.isConnected()).isTrue();
          assertThat(option(accepted, 6, 25)).as("TCP_NOTSENT_LOWAT").isEqualTo(bytes);
        }
      }
    }
  }

  @Test
  void keepaliveCanBeChangedForClientsToCome() throws Exception {
    InetAddress address = InetAddress.ofLiteral("127.0.0.1");
    InetSocketAddress where = new InetSocketAddress(address, freePort(address));
    try (ServerSocket server = ServerSocket.tcp(address, where.getPort(), 16, 300_000)) {
      server.keepAlive(60_000);
      try (SocketChannel client = SocketChannel.open(where);
          Fd accepted = accept(server)) {
        assertThat(client.isConnected()).isTrue();
        assertThat(option(accepted, 6, 4)).as("TCP_KEEPIDLE").isEqualTo(60);
        assertThat(option(accepted, 6, 5)).as("TCP_KEEPINTVL").isEqualTo(6);
      }
      server.keepAlive(0);
      try (SocketChannel client = SocketChannel.open(where);
          Fd accepted = accept(server)) {
        assertThat(client.isConnected()).isTrue();
        assertThat(option(accepted, 1, 9)).as("SO_KEEPALIVE").isZero();
      }
    }
  }

  @Test
  void moreClientsMayWaitAfterwardsAndThoseWhoWaitGoOnWaiting() throws Exception {
    UnixDomainSocketAddress where = UnixDomainSocketAddress.of(dir.resolve("few.sock"));
    try (ServerSocket server = ServerSocket.unix(where.getPath(), 0);
        SocketChannel first = SocketChannel.open(where);
        SocketChannel second = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      second.configureBlocking(false);
      assertThat(first.isConnected()).isTrue();
      assertThatThrownBy(() -> second.connect(where)).as("the queue is full").isNotNull();
      server.listen(8);
      try (SocketChannel third = SocketChannel.open(where);
          Fd one = accept(server);
          Fd other = accept(server)) {
        assertThat(third.isConnected()).isTrue();
        assertGreeted(one, first);
        assertGreeted(other, third);
      }
    }
  }

  @Test
  void aUnixClientIsAcceptedWithItsProcess() throws Exception {
    Path path = dir.resolve("é.sock");
    try (ServerSocket server = ServerSocket.unix(path, 16);
        SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path));
        Fd accepted = accept(server)) {
      assertThat(server.peer())
          .isEqualTo(new Peer.Unix((int) ProcessHandle.current().pid(), Processes.effectiveUser()));
      assertGreeted(accepted, client);
    }
  }

  @Test
  void aPathAsLongAsTheKernelTakesItWorks() throws Exception {
    int rest = Endpoint.Unix.MAX_PATH_BYTES - dir.toString().length() - 1;
    Path path = dir.resolve("s".repeat(rest));
    try (ServerSocket server = ServerSocket.unix(path, 16)) {
      assertThat(path).exists();
      assertThat(ServerSocket.isServed(path)).isTrue();
      assertThat(server.accept()).isNotNegative();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void withTheDoorShutThoseInsideAreAcceptedAndNoOtherTcpClientComesIn(String host)
      throws Exception {
    InetAddress address = InetAddress.ofLiteral(host);
    InetSocketAddress where = new InetSocketAddress(address, freePort(address));
    try (SocketChannel late = SocketChannel.open()) {
      try (ServerSocket server = ServerSocket.tcp(address, where.getPort(), 16, 0);
          SocketChannel first = SocketChannel.open(where);
          SocketChannel second = SocketChannel.open(where)) {
        server.refuseNew();
        late.configureBlocking(false);
        assertThat(late.connect(where)).isFalse();
        try (Fd _ = accept(server);
            Fd accepted = accept(server)) {
          assertThat(first.isConnected()).isTrue();
          assertGreeted(accepted, second);
        }
        assertThat(server.accept()).isEqualTo(-Errno.EAGAIN);
        assertThat(late.finishConnect()).isFalse();
      }
      late.configureBlocking(true);
      assertThatThrownBy(late::finishConnect).isInstanceOf(ConnectException.class);
    }
  }

  @Test
  void withTheDoorShutThoseInsideAreAcceptedAndNoOtherUnixClientComesIn() throws Exception {
    Path path = dir.resolve("s");
    try (ServerSocket server = ServerSocket.unix(path, 16);
        SocketChannel first = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      server.refuseNew();
      assertThatThrownBy(() -> SocketChannel.open(UnixDomainSocketAddress.of(path)))
          .isInstanceOf(ConnectException.class);
      try (Fd accepted = accept(server)) {
        assertGreeted(accepted, first);
      }
      assertThat(server.accept()).isNegative();
    }
  }

  @Test
  void nobodyWaitingIsAnErrorNumber() throws Exception {
    try (ServerSocket server = ServerSocket.unix(dir.resolve("s"), 16)) {
      assertThat(server.accept()).isEqualTo(-Errno.EAGAIN);
    }
  }

  @Test
  void whatIsAcceptedIsNonBlockingAndNotInherited() throws Exception {
    Path path = dir.resolve("s");
    try (ServerSocket server = ServerSocket.unix(path, 16);
        SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path));
        Fd accepted = accept(server)) {
      assertThat(client.isConnected()).isTrue();
      String info = Files.readString(Path.of("/proc/self/fdinfo/" + accepted.number()));
      assertThat(info).containsPattern("flags:\\s+02004002"); // O_CLOEXEC, O_NONBLOCK, O_RDWR
    }
  }

  @Test
  void aSocketFileIsServedOrStaleOrNotThere() throws Exception {
    Path path = dir.resolve("s");
    assertThat(ServerSocket.isServed(path)).isFalse();
    try (ServerSocket server = ServerSocket.unix(path, 1)) {
      assertThat(server.fd().isOpen()).isTrue();
      for (int i = 0; i < 5; i++) { // the last ones find its backlog full
        assertThat(ServerSocket.isServed(path)).isTrue();
      }
    }
    assertThat(path).exists();
    assertThat(ServerSocket.isServed(path)).isFalse();
  }

  @Test
  void anAddressInUseIsToldAsSuchAndLeaksNothing() throws Exception {
    InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
    int port = freePort(loopback);
    Path path = dir.resolve("s");
    try (ServerSocket tcp = ServerSocket.tcp(loopback, port, 1, 0);
        ServerSocket unix = ServerSocket.unix(path, 1)) {
      assertThat(tcp.fd().number()).isNotEqualTo(unix.fd().number());
      Descriptors.assertNoneLeft(() -> {
        assertInUse(
            catchThrowableOfType(
                PosixException.class, () -> ServerSocket.tcp(loopback, port, 1, 0)));
        assertInUse(catchThrowableOfType(PosixException.class, () -> ServerSocket.unix(path, 1)));
      });
    }
  }

  /** Binding only: nothing here may ever connect to a context id. */
  @Test
  void aVsockPortIsBoundOnce() throws Exception {
    long port = 0xFFFF_0000L + ProcessHandle.current().pid() % 0xF000;
    try (ServerSocket server = ServerSocket.vsock(Endpoint.Vsock.ANY, port, 1)) {
      assertThat(server.accept()).isEqualTo(-Errno.EAGAIN);
      assertInUse(
          catchThrowableOfType(
              PosixException.class, () -> ServerSocket.vsock(Endpoint.Vsock.ANY, port, 1)));
    } catch (PosixException e) {
      if (e.errno() != Errno.EAFNOSUPPORT) {
        throw e;
      }
      abort("this machine has no vsock");
    }
  }

  private static void assertInUse(PosixException e) {
    assertThat(e.errno()).isEqualTo(Errno.EADDRINUSE);
    assertThat(e).hasMessage("bind: Address already in use (EADDRINUSE)");
  }

  private static Fd accept(ServerSocket server) {
    return Fd.owning(server.accept());
  }

  private static void assertGreeted(Fd accepted, SocketChannel client) throws IOException {
    Frame frame = new Frame(16);
    frame.payload().clear().putInt(42);
    assertThat(frame.send(accepted, null)).isEqualTo(4);
    accepted.end();
    ByteBuffer read = ByteBuffer.allocate(16);
    while (client.read(read) >= 0) {
      assertThat(read.position()).isPositive();
    }
    assertThat(read.position()).isEqualTo(4);
  }

  private static int option(Fd fd, int level, int name) {
    Memory value = new Memory(4);
    Memory length = new Memory(4);
    length.bytes.putInt(0, 4);
    assertThat(C.getsockopt(fd.number(), level, name, value.pointer, length.pointer)).isZero();
    return value.bytes.getInt(0);
  }

  private static int freePort(InetAddress address) throws IOException {
    var family =
        address.getAddress().length == 4
            ? StandardProtocolFamily.INET
            : StandardProtocolFamily.INET6;
    try (var probe = java.nio.channels.ServerSocketChannel.open(family)) {
      probe.bind(new InetSocketAddress(address, 0));
      return ((InetSocketAddress) probe.getLocalAddress()).getPort();
    }
  }

  @Test
  void aSocketOfAnotherProcessIsTakenOverAsItIsBound() throws Exception {
    InetAddress address = InetAddress.ofLiteral("127.0.0.1");
    int port = freePort(address);
    try (ServerSocket theirs = ServerSocket.tcp(address, port, 16, 0);
        ServerSocket ours = ServerSocket.adopt(theirs.fd().duplicate())) {
      assertThat(ours.local()).isEqualTo(new Endpoint.Tcp("127.0.0.1", port));
      assertThat(ours.isShared()).isTrue();
      assertThat(theirs.isShared()).isFalse();
      ours.refuseNew();
      try (SocketChannel client = SocketChannel.open(new InetSocketAddress(address, port));
          Fd accepted = accept(ours)) {
        assertThat(ours.peer()).isInstanceOf(Peer.Tcp.class);
        assertGreeted(accepted, client);
      }
    }
  }

  @Test
  void clientsWaitOnWhereASharedSocketWasClosed() throws Exception {
    Path path = dir.resolve("shared.sock");
    try (ServerSocket theirs = ServerSocket.unix(path, 4)) {
      ServerSocket ours = ServerSocket.adopt(theirs.fd().duplicate());
      assertThat(ours.local()).isEqualTo(new Endpoint.Unix(path));
      try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
        ours.refuseNew();
        ours.close();
        try (Fd accepted = accept(theirs)) {
          assertGreeted(accepted, client);
        }
      }
    }
  }

  @Test
  void onlyStreamSocketsThatListenAreTakenOver() throws Exception {
    try (EventFd none = new EventFd()) {
      assertThatThrownBy(() -> ServerSocket.adopt(none.fd())).hasMessageContaining("ENOTSOCK");
    }
    try (ServerSocket deaf = ServerSocket.bindUnix(dir.resolve("deaf"), 0600)) {
      assertThatThrownBy(() -> ServerSocket.adopt(deaf.fd()))
          .hasMessageStartingWith("it is not a stream socket that listens");
    }
    try (Fd datagrams = Fd.owning(LibC.result(C.socket(Address.AF_INET, 2, 0)))) {
      assertThatThrownBy(() -> ServerSocket.adopt(datagrams))
          .hasMessageStartingWith("it is not a stream socket that listens");
    }
  }
}
