package io.baton.manager.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.config.Settings;
import io.baton.manager.fleet.Generation;
import io.baton.manager.fleet.TestSettings;
import io.baton.posix.DescriptorUse;
import io.baton.posix.Epoll;
import io.baton.posix.Fd;
import io.baton.service.Endpoint;
import io.baton.service.Peer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListenersTest {
  @TempDir private Path dir;
  private Epoll epoll;
  private Listeners listeners;
  private @Nullable Generation generation;
  private final List<SocketChannel> clients = new ArrayList<>();

  /** The number of the listener that accepted, for each client. */
  private final List<Integer> accepted = new ArrayList<>();

  private final Sink sink =
      new OnlyClients() {
        @Override
        public void accepted(Listener listener, Fd client, Peer peer, @Nullable Peer via) {
          client.end();
          accepted.add(listener.number());
        }
      };

  @BeforeEach
  void open() throws Exception {
    epoll = new Epoll(8);
    listeners =
        new Listeners(epoll, number -> number, number -> -number, InheritedSockets.NONE, () -> 0);
    listeners.watch(true);
  }

  @AfterEach
  void close() throws IOException {
    listeners.close();
    epoll.close();
    for (SocketChannel client : clients) {
      client.close();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "20000, 100, 19936",
    "1024,   90,   960",
    "128,    96,   120",
    "100,   100,   100",
    "0,       0, 2147483647"
  })
  void clientsDoNotGetTheLastDescriptors(int limit, int open, int ceiling) {
    assertThat(Listeners.ceiling(new DescriptorUse(open, limit))).isEqualTo(ceiling);
  }

  private Endpoint unix(String name) {
    return new Endpoint.Unix(dir.resolve(name));
  }

  private static String listener(String name, Endpoint endpoint) {
    return listener(name, endpoint, "");
  }

  private static String listener(String name, Endpoint endpoint, String hocon) {
    return "listeners.%s { endpoint = \"%s\", codec = raw, service = echo, %s }"
        .formatted(name, endpoint, hocon);
  }

  /** Goes over to these listeners. */
  private void reload(String... all) throws IOException {
    Generation next = next(all);
    listeners.switchTo(next, listeners.prepare(next.settings()), sink);
    generation = next;
  }

  private Generation next(String... all) {
    Settings settings = TestSettings.settings(String.join("\n", all), dir);
    return generation == null ? Generation.first(settings) : generation.next(settings);
  }

  private void reload(Map<String, Endpoint> all) throws IOException {
    reload(
        all.entrySet().stream()
            .map(each -> listener(each.getKey(), each.getValue()))
            .toArray(String[]::new));
  }

  private static SocketAddress address(Endpoint endpoint) {
    return switch (endpoint) {
      case Endpoint.Tcp tcp -> new InetSocketAddress(InetAddress.getLoopbackAddress(), tcp.port());
      case Endpoint.Unix unix -> UnixDomainSocketAddress.of(unix.path());
      case Endpoint.VsockUnix machine -> UnixDomainSocketAddress.of(machine.arrivals());
      case Endpoint.Vsock _ -> throw new IllegalArgumentException();
    };
  }

  private void connect(Endpoint endpoint) throws IOException {
    clients.add(SocketChannel.open(address(endpoint)));
  }

  /** Accepts from whatever epoll says is ready, until nothing is. */
  private void acceptAll() throws IOException {
    for (int ready; (ready = epoll.await(0)) > 0; ) {
      for (int i = 0; i < ready; i++) {
        listeners.accept((int) epoll.data(i), 8, sink);
      }
    }
  }

  private static Endpoint freeTcp() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return new Endpoint.Tcp("127.0.0.1", socket.getLocalPort());
    }
  }

  @Test
  void whoWaitsAtAListenerThatStaysIsAcceptedAfterwards() throws Exception {
    Endpoint tcp = freeTcp();
    reload(Map.of("a", unix("a"), "t", tcp));
    connect(unix("a"));
    connect(tcp);
    reload(Map.of("a", unix("a"), "t", tcp));
    assertThat(accepted).isEmpty();
    acceptAll();
    assertThat(accepted).containsExactlyInAnyOrder(0, 1);
  }

  @Test
  void whetherSilentClientsWaitChangesWithAReload() throws Exception {
    Endpoint tcp = freeTcp();
    reload(listener("t", tcp, "defer-accept = 1m"));
    connect(tcp);
    acceptAll();
    assertThat(accepted).isEmpty();
    clients.getFirst().write(ByteBuffer.allocate(1));
    acceptAll();
    assertThat(accepted).hasSize(1);

    reload(listener("t", tcp, "defer-accept = off"));
    connect(tcp);
    acceptAll();
    assertThat(accepted).hasSize(2);

    reload(listener("t", tcp, "defer-accept = 1m"));
    connect(tcp);
    acceptAll();
    assertThat(accepted).hasSize(2);
  }

  @Test
  void whatIsPreparedListensButNobodyIsAcceptedBeforeTheSwitch() throws Exception {
    reload(Map.of("a", unix("a")));
    Generation next = next(listener("a", unix("a")), listener("b", unix("b")));
    try (Prepared prepared = listeners.prepare(next.settings())) {
      connect(unix("b"));
      assertThat(epoll.await(0)).isZero();
      listeners.switchTo(next, prepared, sink);
    }
    acceptAll();
    assertThat(accepted).containsExactly(1);
  }

  @Test
  void whoWaitsAtAListenerThatIsGoneIsAcceptedAndNobodyAfterThem() throws Exception {
    Endpoint tcp = freeTcp();
    reload(Map.of("a", unix("a"), "b", unix("b"), "t", tcp));
    connect(unix("b"));
    connect(unix("b"));
    connect(tcp);
    reload(Map.of("a", unix("a")));
    assertThat(accepted).containsExactlyInAnyOrder(1, 1, 2);
    assertThat(dir.resolve("b")).doesNotExist();
    assertThatThrownBy(() -> connect(tcp)).isInstanceOf(ConnectException.class);
    acceptAll();
    connect(unix("a"));
    acceptAll();
    assertThat(accepted).last().isEqualTo(0);
  }

  @Test
  void aSocketFileThatVanishedIsToldAndMadeAgainByAReload() throws Exception {
    reload(Map.of("a", unix("a"), "b", unix("b")));
    connect(unix("a"));
    Files.delete(dir.resolve("a"));
    assertThat(listeners.all().getFirst().problem())
        .contains(dir.resolve("a") + " was removed or replaced");
    assertThat(listeners.all().getFirst().isBound()).isTrue();
    assertThat(listeners.all().getLast().problem()).isNull();
    Object other = Files.readAttributes(dir.resolve("b"), BasicFileAttributes.class).fileKey();

    reload(Map.of("a", unix("a"), "b", unix("b")));

    assertThat(accepted).as("who waited at the former socket").containsExactly(0);
    assertThat(listeners.all().getFirst().problem()).isNull();
    connect(unix("a"));
    acceptAll();
    assertThat(accepted).containsExactly(0, 0);
    assertThat(Files.readAttributes(dir.resolve("b"), BasicFileAttributes.class).fileKey())
        .isEqualTo(other);
    reload(Map.of("b", unix("b")));
    assertThat(dir.resolve("a")).doesNotExist();
  }

  @Test
  void whatSomebodyPutInTheSocketFilesPlaceIsLeftAloneAndTheReloadRefused() throws Exception {
    reload(Map.of("a", unix("a")));
    Files.delete(dir.resolve("a"));
    Files.writeString(dir.resolve("a"), "somebody's");
    assertThatThrownBy(() -> reload(Map.of("a", unix("a"))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the file there is not a socket");
    assertThat(dir.resolve("a")).hasContent("somebody's");
  }

  @Test
  void aListenerThatComesBackHasItsNumberNoMore() throws Exception {
    reload(Map.of("a", unix("a"), "b", unix("b")));
    reload(Map.of("b", unix("b")));
    reload(Map.of("a", unix("a"), "b", unix("b")));
    connect(unix("a"));
    connect(unix("b"));
    acceptAll();
    assertThat(accepted).containsExactlyInAnyOrder(2, 1);
  }

  @Test
  void twoListenersMaySwapTheirEndpoints() throws Exception {
    reload(Map.of("a", unix("x"), "b", unix("y")));
    connect(unix("x"));
    reload(Map.of("a", unix("y"), "b", unix("x")));
    acceptAll();
    assertThat(accepted).as("the one who waited").containsExactly(1);
    connect(unix("y"));
    acceptAll();
    assertThat(accepted).containsExactly(1, 0);
  }

  @Test
  void aListenerThatCannotBeBoundLeavesNoneBoundAndTheRestAsItWas() throws Exception {
    reload(Map.of("a", unix("a")));
    Files.writeString(dir.resolve("c"), "in the way");
    Generation next =
        next(listener("b", unix("b")), listener("c", unix("c")), listener("a", unix("a")));
    assertThatThrownBy(() -> listeners.prepare(next.settings()))
        .hasMessageStartingWith("listener c cannot listen on unix://")
        .hasMessageEndingWith("the file there is not a socket; move it away");
    assertThat(dir.resolve("b")).doesNotExist();
    connect(unix("a"));
    acceptAll();
    assertThat(accepted).containsExactly(0);
  }

  @Test
  void anOptionalListenerIsTriedAgain() throws Exception {
    String optional = listener("c", unix("c"), "optional = true");
    Path inTheWay = Files.writeString(dir.resolve("c"), "in the way");
    reload(optional);
    assertThat(listeners.all().getFirst().problem()).contains("move it away");
    Files.delete(inTheWay);
    reload(optional);
    assertThat(listeners.all().getFirst().isBound()).isTrue();
    assertThat(listeners.all().getFirst().problem()).isNull();
    connect(unix("c"));
    acceptAll();
    assertThat(accepted).containsExactly(0);
  }

  @Test
  void thePermissionsOfASocketThatStaysAreChanged() throws Exception {
    reload(listener("a", unix("a")));
    reload(listener("a", unix("a"), "mode = \"0600\""));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve("a"))))
        .isEqualTo("rw-------");
  }

  @Test
  void aPortThatThisServerHasOnAnotherAddressIsExplained() throws Exception {
    Endpoint.Tcp tcp = (Endpoint.Tcp) freeTcp();
    reload(Map.of("a", tcp));
    Generation next = next(listener("a", new Endpoint.Tcp("0.0.0.0", tcp.port())));
    assertThatThrownBy(() -> listeners.prepare(next.settings()))
        .hasMessageContaining("this server listens on " + tcp)
        .hasMessageContaining("restart it for that");
  }

  @Test
  void noDescriptorIsLeftBehind() throws Exception {
    reload(Map.of("a", unix("a")));
    long before = descriptors();
    for (int i = 0; i < 3; i++) {
      reload(Map.of("a", unix("a"), "b", unix("b")));
      reload(Map.of("a", unix("a")));
    }
    assertThat(descriptors()).isEqualTo(before);
  }

  private static long descriptors() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.count();
    }
  }

  /** One more set of listeners, started with this socket. */
  private void inherit(io.baton.posix.ServerSocket socket, String name) throws IOException {
    int number = socket.fd().duplicate().give();
    InheritedSockets inherited =
        InheritedSockets.take(
            Map.of("LISTEN_PID", "9", "LISTEN_FDS", "1", "LISTEN_FDNAMES", name), 9, number);
    listeners.close();
    listeners = new Listeners(epoll, each -> each, each -> -each, inherited, () -> 0);
    listeners.watch(true);
  }

  @Test
  void aListenerHasTheInheritedSocketOfItsEndpointAndLeavesItsClientsToTheNextProcess()
      throws Exception {
    Path path = dir.resolve("a");
    try (var systemds = io.baton.posix.ServerSocket.unix(path, 4)) {
      inherit(systemds, "");
      connect(unix("a"));
      reload(Map.of("a", unix("a")));
      acceptAll();
      assertThat(accepted).containsExactly(0);

      connect(unix("a"));
      listeners.refuseNew();
      listeners.sweepAndClose(sink);
      assertThat(accepted).as("the next process's client is left alone").hasSize(1);
      assertThat(path).exists();
      Fd.owning(systemds.accept()).end();
    }
  }

  @Test
  void aListenerThatWasGoneHasItsInheritedSocketAgain() throws Exception {
    try (var systemds = io.baton.posix.ServerSocket.unix(dir.resolve("a"), 4)) {
      inherit(systemds, "");
      reload(Map.of("a", unix("a"), "b", unix("b")));
      reload(Map.of("b", unix("b")));
      connect(unix("a"));
      acceptAll();
      assertThat(accepted).isEmpty();
      reload(Map.of("a", unix("a"), "b", unix("b")));
      acceptAll();
      assertThat(accepted).hasSize(1);
    }
  }
}
