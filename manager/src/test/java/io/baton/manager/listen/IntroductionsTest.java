package io.baton.manager.listen;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.manager.fleet.Generation;
import io.baton.manager.fleet.TestSettings;
import io.baton.posix.Epoll;
import io.baton.posix.Fd;
import io.baton.posix.Peek;
import io.baton.posix.Processes;
import io.baton.service.Peer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Proxies at a Unix socket, and what becomes of their connections. */
class IntroductionsTest {
  private static final String HEADER = "PROXY TCP4 192.0.2.7 192.0.2.1 56324 443\r\n";
  private static final Peer CLIENT = new Peer.Tcp(InetAddress.ofLiteral("192.0.2.7"), 56_324);
  private static final String LOCAL = "\r\n\r\n\0\r\nQUIT\n \0\0\0";

  @TempDir private Path dir;
  private long nowMs;
  private Epoll epoll;
  private Listeners listeners;
  private final List<SocketChannel> clients = new ArrayList<>();
  private final List<Fd> connections = new ArrayList<>();

  /** What the sink was told. */
  private final List<String> told = new ArrayList<>();

  private @Nullable Peer peer;
  private @Nullable Peer via;

  private final Sink sink =
      new OnlyClients() {
        @Override
        public void accepted(Listener listener, Fd client, Peer of, @Nullable Peer proxy) {
          connections.add(client);
          told.add("accepted");
          peer = of;
          via = proxy;
        }

        @Override
        public void rejected(Listener listener, Peer of, String why) {
          told.add(why);
        }
      };

  @BeforeEach
  void open() throws Exception {
    epoll = new Epoll(8);
    listeners =
        new Listeners(
            epoll, number -> number, number -> -number, InheritedSockets.NONE, () -> nowMs);
    listeners.watch(true);
  }

  @AfterEach
  void close() throws IOException {
    listeners.close();
    epoll.close();
    connections.forEach(Fd::close);
    for (SocketChannel client : clients) {
      client.close();
    }
  }

  private void listen(String rule) throws IOException {
    Generation first =
        Generation.first(
            TestSettings.settings(
                "listeners.a { endpoint = \"unix:a\", codec = raw, service = echo,"
                    + " backlog = 4096, proxy-protocol { %s } }".formatted(rule),
                dir));
    listeners.switchTo(first, listeners.prepare(first.settings()), sink);
  }

  private void listenToProxies() throws IOException {
    listen("from = [\"uid " + Processes.effectiveUser() + "\"]");
  }

  private SocketChannel connect() throws IOException {
    SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(dir.resolve("a")));
    clients.add(client);
    pass();
    return client;
  }

  private void say(SocketChannel client, String text) throws IOException {
    client.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
    pass();
  }

  /** All that is ready happens. */
  private void pass() throws IOException {
    for (int ready; (ready = epoll.await(0)) > 0; ) {
      for (int i = 0; i < ready; i++) {
        long data = epoll.data(i);
        if (data < 0) {
          listeners.introduced(-data, sink);
        } else {
          listeners.accept((int) data, 8, sink);
        }
      }
    }
  }

  private void assertEnded(SocketChannel client) {
    try {
      assertThat(client.read(ByteBuffer.allocate(1))).isNegative();
    } catch (IOException _) {
      // by a reset, as there was something to read
    }
  }

  @Test
  void theClientIsWhomTheProxyNamesAndItsBytesAreLeftForTheWorker() throws Exception {
    listenToProxies();
    SocketChannel proxy = connect();
    assertThat(told).isEmpty();
    say(proxy, HEADER + "hello");
    assertThat(told).containsExactly("accepted");
    assertThat(peer).isEqualTo(CLIENT);
    assertThat(via).isInstanceOf(Peer.Unix.class);
    Peek peek = new Peek(100);
    peek.at(connections.getFirst());
    assertThat(StandardCharsets.US_ASCII.decode(peek.bytes()).toString()).isEqualTo("hello");
  }

  @Test
  void aHeaderMayComeInAnyPieces() throws Exception {
    listenToProxies();
    SocketChannel proxy = connect();
    for (int i = 0; i < HEADER.length(); i++) {
      assertThat(told).isEmpty();
      say(proxy, HEADER.substring(i, i + 1));
    }
    assertThat(told).containsExactly("accepted");
    assertThat(peer).isEqualTo(CLIENT);
  }

  @Test
  void aProxysOwnConnectionIsItsOwn() throws Exception {
    listenToProxies();
    say(connect(), LOCAL);
    assertThat(told).containsExactly("accepted");
    assertThat(peer).isEqualTo(via);
  }

  @Test
  void aProxyThatSaysSomethingElseIsTurnedAway() throws Exception {
    listenToProxies();
    SocketChannel proxy = connect();
    say(proxy, "GET / HTTP/1.1\r\n");
    assertThat(told).containsExactly("no PROXY header");
    assertEnded(proxy);
  }

  @Test
  void aProxyThatIsLateIsTurnedAway() throws Exception {
    listenToProxies();
    SocketChannel proxy = connect();
    say(proxy, "PROXY TCP4");
    nowMs = 2_999;
    listeners.tick(sink);
    assertThat(told).isEmpty();
    nowMs = 3_000;
    listeners.tick(sink);
    assertThat(told).containsExactly("no PROXY header within 3000 ms");
    assertEnded(proxy);
    pass();
  }

  @Test
  void oneThatOnlyLooksWhetherSomebodyListensIsNobody() throws Exception {
    listenToProxies();
    connect().close();
    pass();
    nowMs = 10_000;
    listeners.tick(sink);
    assertThat(told).isEmpty();
  }

  @Test
  void othersAreDenied() throws Exception {
    listen("from = [\"uid 4294967294\"]");
    SocketChannel other = connect();
    assertThat(told).containsExactly("not among the proxies in proxy-protocol.from");
    assertEnded(other);
  }

  @Test
  void othersMayBeTheirOwnClients() throws Exception {
    listen("from = [\"uid 4294967294\"], others = direct");
    connect();
    assertThat(told).containsExactly("accepted");
    assertThat(peer).isInstanceOf(Peer.Unix.class);
    assertThat(via).isNull();
  }

  @Test
  void noMoreThanSoManyWaitAndTheOldestMakesRoom() throws Exception {
    listenToProxies();
    for (int i = 0; i <= Introductions.MAX; i++) {
      connect();
    }
    assertThat(told).containsExactly("more than 1024 others have not sent their PROXY headers");
    assertEnded(clients.getFirst());
    say(clients.getLast(), HEADER);
    assertThat(told).hasSize(2).last().isEqualTo("accepted");
  }

  @Test
  void whoWaitsWhenTheListenersCloseIsEnded() throws Exception {
    listenToProxies();
    SocketChannel proxy = connect();
    listeners.close();
    assertEnded(proxy);
  }
}
