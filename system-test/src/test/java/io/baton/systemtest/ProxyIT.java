package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.server.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that come through HAProxy and nginx are known by their own addresses. */
class ProxyIT {
  private static final String STREAM_MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so";
  private static final String CLIENT = "127.0.0.2";
  private static final String DENIED = "127.0.0.9";

  /** What stands in front. */
  enum Proxy {
    HAPROXY_V1,
    HAPROXY_V2,
    NGINX,
    NGINX_TO_UNIX
  }

  private static @Nullable TestServer behind;
  private static int front;
  private static int whose;

  @TempDir private static Path dir;
  private static final Map<Proxy, Integer> PORTS = new EnumMap<>(Proxy.class);
  private static final List<Process> PROXIES = new ArrayList<>();
  private static int who;
  private static int pairs;

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        who = server.listen("who", "who");
        pairs = server.listen("pairs", "who");
        for (String name : List.of("who", "pairs")) {
          server
              .configure("listeners." + name + ".codec", "line")
              .configure("listeners." + name + ".proxy-protocol.from", "[\"127.0.0.1\"]");
        }
        server
            .configure("listeners.who.deny", "[\"" + DENIED + "\"]")
            .configure("listeners.pairs.max-connections-per-peer", 2)
            .configure(
                "listeners.who-local",
                "{ endpoint = \"unix:who.sock\", codec = line, service = who }")
            .configure("listeners.who-local.proxy-protocol.from", "[\"uid %d\"]".formatted(uid()));
        whose = server.listen("whose", "whose");
        server
            .configure("listeners.whose.codec", "http")
            .configure("listeners.whose.real-ip.from", "[\"127.0.0.1\"]");
        ModuleJar.install(server, WhoModule.class, Map.of());
      });

  /** The server, and the proxies in front of it: a server in its place has other ports. */
  private static TestServer running() throws Exception {
    TestServer server = SERVERS.running();
    if (behind != server) {
      endProxies();
      startProxies(server);
      behind = server;
    }
    return server.beginTest();
  }

  private static void startProxies(TestServer server) throws Exception {
    Shell.need("ProxyIT", "haproxy");
    Shell.need("ProxyIT", "nginx");
    List<Integer> ports = new ArrayList<>(Ports.free(Proxy.values().length + 1));
    for (Proxy each : Proxy.values()) {
      PORTS.put(each, ports.removeLast());
    }
    front = ports.removeLast();
    Path haproxy =
        Files.writeString(
            dir.resolve("haproxy.cfg"),
            """
            defaults
              mode tcp
              timeout connect 5s
              timeout client 1m
              timeout server 1m
            listen v1
              bind 127.0.0.1:%d
              server baton 127.0.0.1:%d send-proxy check inter 300ms
            listen v2
              bind 127.0.0.1:%d
              server baton 127.0.0.1:%d send-proxy-v2 proxy-v2-options crc32c,unique-id check inter 300ms
            listen requests
              mode http
              option forwardfor
              option http-server-close
              bind 127.0.0.1:%d
              server baton 127.0.0.1:%d
            """
                .formatted(
                    port(Proxy.HAPROXY_V1), who, port(Proxy.HAPROXY_V2), pairs, front, whose));
    Path nginx =
        Files.writeString(
            dir.resolve("nginx.conf"),
            """
            load_module %s;
            daemon off;
            master_process off; # which would have its worker be another user's
            pid %s/nginx.pid;
            error_log %s/nginx.log;
            events {}
            stream {
              proxy_protocol on;
              server { listen 127.0.0.1:%d; proxy_pass 127.0.0.1:%d; }
              server { listen 127.0.0.1:%d; proxy_pass unix:%s; }
            }
            """
                .formatted(
                    STREAM_MODULE,
                    dir,
                    dir,
                    port(Proxy.NGINX),
                    who,
                    port(Proxy.NGINX_TO_UNIX),
                    server.runDir.resolve("who.sock")));
    begin("haproxy", "-db", "-f", haproxy.toString());
    begin("nginx", "-e", dir.resolve("nginx.log").toString(), "-c", nginx.toString());
    for (Proxy each : Proxy.values()) {
      Wait.until(each + " listens", () -> isThere(port(each)));
    }
  }

  private static int port(Proxy proxy) {
    return Objects.requireNonNull(PORTS.get(proxy));
  }

  private static int uid() throws IOException {
    return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
  }

  private static void begin(String... command) throws IOException {
    PROXIES.add(
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve(command[0] + ".out").toFile())
            .start());
  }

  private static boolean isThere(int port) {
    try (Client client = Client.tcp(port)) {
      return ask(client).contains(" via ");
    } catch (IOException _) {
      return false;
    }
  }

  @AfterAll
  static void endProxies() throws Exception {
    for (Process each : PROXIES) {
      each.destroy();
      assertThat(each.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
    PROXIES.clear();
  }

  private static String ask(Client client) throws IOException {
    client.send("who?\n");
    StringBuilder line = new StringBuilder();
    while (line.indexOf("\n") < 0) {
      line.append((char) client.read(1)[0]);
    }
    return line.toString().strip();
  }

  @ParameterizedTest
  @EnumSource(Proxy.class)
  void theClientIsTheOneThatTheProxyNames(Proxy proxy) throws Exception {
    var _ = running();
    try (Client client = Client.tcp(port(proxy), CLIENT)) {
      assertThat(ask(client))
          .matches(
              "tcp:127\\.0\\.0\\.2:\\d+ via "
                  + (proxy == Proxy.NGINX_TO_UNIX
                      ? "unix:pid=\\d+,uid=\\d+"
                      : "tcp:127\\.0\\.0\\.1:\\d+"));
    }
  }

  @ParameterizedTest
  @EnumSource(Proxy.class)
  void itStaysSoThroughAReload(Proxy proxy) throws Exception {
    TestServer server = running();
    try (Client client = Client.tcp(port(proxy), CLIENT)) {
      String before = ask(client);
      assertThat(server.script("reload").exit()).isZero();
      assertThat(ask(client)).isEqualTo(before);
    }
  }

  @Test
  void theLimitPerPeerIsOneForEachClientBehindTheProxy() throws Exception {
    TestServer server = running();
    int port = port(Proxy.HAPROXY_V2);
    try (Client one = Client.tcp(port, "127.0.0.3");
        Client two = Client.tcp(port, "127.0.0.3")) {
      assertThat(ask(one)).startsWith("tcp:127.0.0.3:");
      assertThat(ask(two)).startsWith("tcp:127.0.0.3:");
      try (Client three = Client.tcp(port, "127.0.0.3");
          Client other = Client.tcp(port, "127.0.0.4")) {
        assertThat(three.isEnded()).isTrue();
        assertThat(ask(other)).startsWith("tcp:127.0.0.4:");
      }
    }
    assertThat(server.status().listener("pairs").limited()).isEqualTo(1);
    server.awaitLog("are open from 127.0.0.3;");
  }

  @Test
  void whomTheListenerDeniesIsDeniedBehindTheProxy() throws Exception {
    TestServer server = running();
    try (Client client = Client.tcp(port(Proxy.HAPROXY_V1), DENIED)) {
      assertThat(client.isEnded()).isTrue();
    }
    server.await("it is counted", s -> s.listener("who").denied() == 1);
  }

  @Test
  void whoIsNoProxyOrSaysNothingOfAClientIsDenied() throws Exception {
    TestServer server = running();
    try (Client stranger = Client.tcp(who, CLIENT);
        Client careless = Client.tcp(who)) {
      stranger.send("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nwho?\n");
      careless.send("who?\n");
      assertThat(stranger.isEnded()).isTrue();
      assertThat(careless.isEnded()).isTrue();
    }
    server.await("both are counted", s -> s.listener("who").denied() == 2);
  }

  @Test
  void aRequestIsWhoseTheProxySaysAndNotWhoseTheClientSays() throws Exception {
    var _ = running();
    try (Client client = Client.tcp(front, CLIENT);
        Client direct = Client.tcp(whose, CLIENT)) {
      for (Client each : List.of(client, direct)) {
        each.send(
            "GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 192.0.2.1\r\nX-Real-IP: 192.0.2.2\r\n\r\n");
        assertThat(each.answer().body()).isEqualTo(CLIENT + "\n");
      }
    }
  }

  @Test
  void healthChecksOfAProxyAreItsOwnConnections() throws Exception {
    TestServer server = running();
    Status status =
        server.await(
            "some checks",
            s -> s.listener("who").accepted() >= 5 && s.listener("pairs").accepted() >= 5);
    assertThat(status.total("denied")).isZero();
    assertThat(status.total("limited")).isZero();
    assertThat(status.total("errors")).isZero();
  }
}
