package io.baton.manager.listen;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.config.Settings;
import io.baton.manager.fleet.TestSettings;
import io.baton.posix.Fd;
import io.baton.posix.ServerSocket;
import io.baton.service.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InheritedSocketsTest {
  private static final long PID = 4_711;

  @TempDir private Path dir;
  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
  }

  private ServerSocket unix(String name) throws IOException {
    ServerSocket socket = ServerSocket.unix(dir.resolve(name), 4);
    opened.add(socket);
    return socket;
  }

  private ServerSocket tcp(int port) throws IOException {
    ServerSocket socket = ServerSocket.tcp(InetAddress.ofLiteral("127.0.0.1"), port, 4, 0);
    opened.add(socket);
    return socket;
  }

  private static int freePort() throws IOException {
    try (java.net.ServerSocket socket =
        new java.net.ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  /** As if this process had been started with this socket. */
  private InheritedSockets inherited(ServerSocket socket, String name) throws IOException {
    int number = socket.fd().duplicate().give();
    InheritedSockets inherited = InheritedSockets.take(environment("1", name), PID, number);
    opened.add(inherited);
    return inherited;
  }

  private static Map<String, String> environment(String number, String names) {
    return Map.of("LISTEN_PID", Long.toString(PID), "LISTEN_FDS", number, "LISTEN_FDNAMES", names);
  }

  private List<Settings.Listener> listeners(String... namesAndEndpoints) {
    StringBuilder hocon = new StringBuilder();
    for (int i = 0; i < namesAndEndpoints.length; i += 2) {
      hocon.append(
          "listeners.%s { endpoint = \"%s\", codec = raw, service = echo }\n"
              .formatted(namesAndEndpoints[i], namesAndEndpoints[i + 1]));
    }
    return TestSettings.settings(hocon.toString(), dir).listeners();
  }

  @Test
  void aProcessThatIsNotMeantHasNone() throws Exception {
    assertThat(InheritedSockets.take(Map.of(), PID)).isSameAs(InheritedSockets.NONE);
    assertThat(InheritedSockets.take(Map.of("LISTEN_FDS", "2"), PID))
        .isSameAs(InheritedSockets.NONE);
    assertThat(InheritedSockets.take(environment("1", "web"), PID + 1))
        .isSameAs(InheritedSockets.NONE);
  }

  @Test
  void numbersThatAreNoneAreRefused() {
    for (String number : List.of("-1", "two", "1025", "99999999999")) {
      assertThatThrownBy(() -> InheritedSockets.take(environment(number, ""), PID))
          .isInstanceOf(IOException.class)
          .hasMessage("LISTEN_FDS: found " + number + ", allowed 0 to 1024");
    }
  }

  @Test
  void aListenerHasTheSocketOfItsEndpointWhateverItsName() throws Exception {
    InheritedSockets inherited = inherited(unix("a"), "baton.socket");
    List<Settings.Listener> listeners = listeners("web", "unix:" + dir.resolve("a"));
    try (ServerSocket socket =
        requireNonNull(inherited.assign(listeners).socket(listeners.getFirst()))) {
      assertThat(socket.local()).isEqualTo(new Endpoint.Unix(dir.resolve("a")));
    }
    assertThat(inherited.unused(listeners)).isEmpty();
    assertThat(inherited.used(listeners))
        .singleElement()
        .asString()
        .startsWith("listener web has the inherited descriptor ")
        .endsWith(" (baton.socket), unix://" + dir.resolve("a"));
  }

  @Test
  void aSocketThatNoListenerUsesIsSaid() throws Exception {
    InheritedSockets inherited = inherited(unix("a"), "web");
    List<Settings.Listener> listeners = listeners("web", "unix:" + dir.resolve("b"));
    assertThat(inherited.assign(listeners).socket(listeners.getFirst())).isNull();
    assertThat(inherited.used(listeners)).isEmpty();
    assertThat(inherited.unused(listeners))
        .singleElement()
        .asString()
        .startsWith("no listener uses the inherited descriptor ")
        .contains(" (web), unix://" + dir.resolve("a") + ": its clients wait in vain;");
  }

  @Test
  void aSocketOfTcpWithTheListenersNameNeedsItsPortOnly() throws Exception {
    int port = freePort();
    InheritedSockets inherited = inherited(tcp(port), "web");
    assertThat(inherited.used(listeners("web", "tcp://0.0.0.0:" + port))).hasSize(1);
    assertThat(inherited.used(listeners("other", "tcp://0.0.0.0:" + port))).isEmpty();
    assertThat(inherited.used(listeners("other", "tcp://127.0.0.1:" + port))).hasSize(1);
    int another = port == 65_535 ? port - 1 : port + 1;
    assertThat(inherited.used(listeners("web", "tcp://0.0.0.0:" + another))).isEmpty();
  }

  @Test
  void aSocketIsOneListenersOnlyAndTheOneWithItsEndpointComesFirst() throws Exception {
    int port = freePort();
    InheritedSockets inherited = inherited(tcp(port), "a");
    assertThat(
            inherited.used(
                listeners("a", "tcp://127.0.0.2:" + port, "b", "tcp://127.0.0.1:" + port)))
        .singleElement()
        .asString()
        .startsWith("listener b has ");
  }

  @Test
  void aSocketOfBothFamiliesIsThatOfAllAddressesOfIpv4() throws Exception {
    try (java.nio.channels.ServerSocketChannel dual =
        java.nio.channels.ServerSocketChannel.open()) {
      dual.bind(new java.net.InetSocketAddress("::", 0));
      int port = dual.socket().getLocalPort();
      InheritedSockets inherited;
      try (Fd six = descriptorOf(port)) {
        inherited = InheritedSockets.take(environment("1", ""), PID, six.give());
        opened.add(inherited);
      }
      assertThat(inherited.used(listeners("web", "tcp://0.0.0.0:" + port))).hasSize(1);
      assertThat(inherited.used(listeners("web", "tcp://[::]:" + port))).hasSize(1);
      assertThat(inherited.used(listeners("web", "tcp://127.0.0.1:" + port))).isEmpty();
    }
  }

  /** A copy of the descriptor of this process that listens on the port. */
  private static Fd descriptorOf(int port) throws IOException {
    try (var all = Files.list(Path.of("/proc/self/fd"))) {
      for (Path each : all.toList()) {
        int number = Integer.parseInt(each.getFileName().toString());
        Fd copy;
        try {
          copy = Fd.owning(number).duplicate();
        } catch (IOException _) {
          continue; // it was that of the directory
        }
        try {
          if (ServerSocket.adopt(copy).local() instanceof Endpoint.Tcp tcp && tcp.port() == port) {
            return copy;
          }
        } catch (IOException _) {
          // another kind of descriptor
        }
        copy.close();
      }
    }
    throw new AssertionError("nothing listens on port " + port);
  }

  @Test
  void anythingElseThanAListeningSocketIsRefused() throws Exception {
    Path file = Files.createFile(dir.resolve("file"));
    try (Fd held = io.baton.posix.OpenFile.hold(file)) {
      int number = held.duplicate().give();
      assertThatThrownBy(() -> InheritedSockets.take(environment("1", "web"), PID, number))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("the inherited descriptor " + number + " (web) cannot be used: ")
          .hasMessageEndingWith("; allowed are listening stream sockets");
      Fd.owning(number).close();
    }
  }
}
