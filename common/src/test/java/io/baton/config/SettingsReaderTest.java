package io.baton.config;

import static io.baton.config.Settings.RouteTimeouts.AS_LISTENER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.baton.config.Settings.LaneKind;
import io.baton.config.Settings.PlacementKind;
import io.baton.config.Settings.RouteOptions;
import io.baton.config.Settings.RouteTimeouts;
import io.baton.credentials.Credentials;
import io.baton.credentials.TestFiles;
import io.baton.service.Endpoint;
import io.baton.service.Peer;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the reader concludes from files and overrides that are good. What it refuses: RefusalTest.
 */
class SettingsReaderTest {

  private static final String WEB =
      "baton.listeners.web { endpoint = \"tcp://127.0.0.1:8080\", codec = http, service = hello }\n";

  private static final Settings.ProxyProtocol NO_PROXIES =
      new Settings.ProxyProtocol(List.of(), Settings.Others.DENY, 3_000);

  private static final Settings.RealIp NO_REAL_IP =
      new Settings.RealIp(List.of(), Settings.ForwardedHeader.X_FORWARDED_FOR);

  private static final TlsSettings NO_TLS =
      new TlsSettings(
          List.of(),
          TlsSettings.ClientAuth.NONE,
          null,
          List.of(TlsSettings.Protocol.TLS_1_3, TlsSettings.Protocol.TLS_1_2),
          true,
          TlsSettings.Records.JAVA,
          10_000);

  @TempDir private Path home;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = home.resolve("baton.conf");
  }

  @Test
  void theRunDirectoryOfAFileWithMistakesIsFoundAllTheSame() throws Exception {
    Files.writeString(file, "baton { workers = many, run-dir = \"here/run\" }");
    assertThat(SettingsReader.runDir(file, Map.of(), home)).isEqualTo(home.resolve("here/run"));
    assertThat(SettingsReader.runDir(file, Map.of("baton.run-dir", "/there"), home))
        .isEqualTo(Path.of("/there"));
    Files.writeString(file, "baton { run-dir = [");
    assertThatThrownBy(() -> SettingsReader.runDir(file, Map.of(), home))
        .isInstanceOf(ConfigurationException.class);
  }

  @Test
  void aFileWithOneListenerGetsEveryDefault() throws Exception {
    Settings settings = read(WEB);
    assertThat(settings)
        .isEqualTo(
            new Settings(
                new Settings.Server(
                    "baton",
                    "",
                    "",
                    Settings.Scheduling.BATCH,
                    home.resolve("run"),
                    home.resolve("log"),
                    new Settings.Admin("127.0.0.1", 9901, List.of()),
                    0),
                Runtime.getRuntime().availableProcessors(),
                List.of(
                    new Settings.Listener(
                        "web",
                        new Endpoint.Tcp("127.0.0.1", 8080),
                        "http",
                        "hello",
                        List.of(),
                        new Settings.ListenerOptions(
                            new Settings.SocketOptions(
                                1024,
                                false,
                                0660,
                                new Settings.TcpOptions(Settings.Timeouts.AUTO, 300_000)),
                            NO_PROXIES,
                            NO_REAL_IP,
                            NO_TLS,
                            PlacementKind.LEAST_LOAD,
                            new Settings.Access(
                                List.of(), List.of(), new Settings.Block(0, 10_000, 60_000)),
                            Settings.Limits.NONE,
                            Settings.AccessLog.OFF,
                            new Settings.SessionOptions(
                                Settings.LaneKind.LOOP,
                                new Settings.Window(0, 1_048_576),
                                new Settings.Output(65_536, 16_777_216),
                                new Settings.Timeouts(-1, 30_000, 60_000, -1, 60_000, 0),
                                new Settings.Return(0, 10_000, false),
                                new Settings.Authentication("", 10_000, 0, false))))),
                new FleetSettings(
                    new FleetSettings.Handoffs(64, 100, 30_000),
                    new FleetSettings.Supervision(30_000, 1_000, 10_000, 2_000, 2_000, 0),
                    new FleetSettings.Backoff(100, 30_000, 10_000),
                    new FleetSettings.Breaker(5, 60_000),
                    30_000,
                    new FleetSettings.Migration(64, 1_000, 5_000, 8),
                    new FleetSettings.Rebalance(0, 950, 5, 25, 60_000)),
                new WorkerSettings(
                    new WorkerSettings.Start(
                        "",
                        List.of(
                            "-Xmx256m",
                            "-XX:+UseSerialGC",
                            "-XX:+UseCompactObjectHeaders",
                            "-XX:CompileThresholdScaling=3",
                            "-XX:MaxInlineLevel=30",
                            "-XX:+ExitOnOutOfMemoryError"),
                        List.of(),
                        true),
                    new WorkerSettings.Reporting(100, 1000),
                    32,
                    new WorkerSettings.Ring(2, 1024),
                    0,
                    new WorkerSettings.Recycle(0, 0, 0),
                    new WorkerSettings.Spool(home.resolve("run"), 1L << 30)),
                new CodecSettings(
                    new CodecSettings.Http(8192, 16_384, 1_048_576, 65_536),
                    new CodecSettings.WebSocket(1_048_576, true),
                    new CodecSettings.Line(8192),
                    new CodecSettings.Frame(1_048_576),
                    new CodecSettings.Link(262_144, 1_048_576, 1_048_576, 1_000)),
                new Settings.Modules(home.resolve("modules"), Map.of()),
                new ClusterSettings(
                    List.of(), "baton", List.of(), null, new ClusterSettings.Tls(null, null))));
  }

  @Test
  void listenersComeInTheOrderOfTheirNames() throws Exception {
    Settings settings =
        read(
            """
            baton.listeners {
              c { endpoint = "tcp://[::1]:1", codec = raw, service = s }
              a { endpoint = "vsock://any:5000", codec = raw, service = s, optional = true }
              b { endpoint = "unix:///tmp/b.sock", codec = raw, service = s, mode = 0600 }
            }
            """);
    assertThat(settings.listeners())
        .extracting(Settings.Listener::name)
        .containsExactly("a", "b", "c");
    assertThat(settings.listeners().get(0).options().socket().optional()).isTrue();
    assertThat(settings.listeners().get(1).options().socket().mode()).isEqualTo(0600);
  }

  @Test
  void listenerDefaultsHoldForEveryListenerThatDoesNotSayOtherwise() throws Exception {
    Settings settings =
        read(
            """
            baton {
              listener-defaults { placement = peer-hash, backlog = 7, optional = true, mode = "0600" }
              listeners {
                a { endpoint = "unix:a", codec = raw, service = s }
                b { endpoint = "unix:b", codec = raw, service = s, placement = round-robin
                    backlog = 8, optional = false, mode = "0666" }
              }
            }
            """);
    assertThat(settings.listeners())
        .extracting(Settings.Listener::name, Settings.Listener::endpoint)
        .containsExactly(
            tuple("a", new Endpoint.Unix(home.resolve("run/a"))),
            tuple("b", new Endpoint.Unix(home.resolve("run/b"))));
    Settings.ListenerOptions defaults = SettingsFixture.options("");
    assertThat(settings.listeners())
        .extracting(Settings.Listener::options)
        .containsExactly(
            new Settings.ListenerOptions(
                new Settings.SocketOptions(7, true, 0600, defaults.socket().tcp()),
                NO_PROXIES,
                NO_REAL_IP,
                NO_TLS,
                PlacementKind.PEER_HASH,
                defaults.access(),
                defaults.limits(),
                defaults.accessLog(),
                defaults.session()),
            new Settings.ListenerOptions(
                new Settings.SocketOptions(8, false, 0666, defaults.socket().tcp()),
                NO_PROXIES,
                NO_REAL_IP,
                NO_TLS,
                PlacementKind.ROUND_ROBIN,
                defaults.access(),
                defaults.limits(),
                defaults.accessLog(),
                defaults.session()));
  }

  @Test
  void proxiesAreInheritedKeyByKeyAndMakeClientsKnownByAddress() throws Exception {
    Settings settings =
        read(
            """
            baton.listener-defaults.proxy-protocol { from = ["10.0.0.0/8"], timeout = 1s }
            baton.listeners {
              a { endpoint = "tcp://a:1", codec = raw, service = s }
              b { endpoint = "tcp://a:2", codec = raw, service = s
                  proxy-protocol { from = ["192.0.2.1"], others = direct } }
              c { endpoint = "unix:c", codec = raw, service = s, deny = ["2001:db8::/32"]
                  proxy-protocol.from = ["uid 33"] }
              d { endpoint = "tcp://a:3", codec = raw, service = s, proxy-protocol.from = [] }
            }
            """);
    List<Settings.ProxyProtocol> rules =
        settings.listeners().stream().map(each -> each.options().proxy()).toList();
    assertThat(rules.get(0))
        .isEqualTo(
            new Settings.ProxyProtocol(
                List.of(PeerRange.parse("10.0.0.0/8")), Settings.Others.DENY, 1_000));
    assertThat(rules.get(1))
        .isEqualTo(
            new Settings.ProxyProtocol(
                List.of(PeerRange.parse("192.0.2.1")), Settings.Others.DIRECT, 1_000));
    assertThat(rules.get(2).isProxy(new Peer.Unix(1, 33))).isTrue();
    assertThat(rules.get(2).isProxy(new Peer.Unix(1, 34))).isFalse();
    assertThat(rules.get(3).isOn()).isFalse();
    assertThat(settings.listeners())
        .extracting(Settings.Listener::deferAcceptMs)
        .as("a proxy speaks at once")
        .containsExactly(1_000L, 1_000L, 1_000L, 0L);
  }

  @Test
  void trustedProxiesOfHttpAreInheritedKeyByKey() throws Exception {
    Settings settings =
        read(
            """
            baton.listener-defaults.real-ip { header = forwarded }
            baton.listeners {
              a { endpoint = "tcp://a:1", codec = http, service = s }
              b { endpoint = "tcp://a:2", codec = http, service = s, real-ip.from = ["10.0.0.1"] }
            }
            """);
    assertThat(settings.listeners())
        .extracting(each -> each.options().realIp())
        .containsExactly(
            new Settings.RealIp(List.of(), Settings.ForwardedHeader.FORWARDED),
            new Settings.RealIp(
                List.of(PeerRange.parse("10.0.0.1")), Settings.ForwardedHeader.FORWARDED));
  }

  @Test
  void encryptionIsInheritedKeyByKeyAndTurnedOffByAnEmptyList() throws Exception {
    String ec = TestFiles.identity("ec", home);
    String rsa = TestFiles.identity("rsa", home);
    TestFiles.put("authority.pem", home);
    Settings settings =
        read(
            """
            baton.listener-defaults.tls {
              certificates = [%s]
              protocols = [TLSv1.3]
              handshake-timeout = 3s
              client-ca = authority.pem
            }
            baton.listeners {
              a { endpoint = "tcp://a:1", codec = raw, service = s }
              b { endpoint = "tcp://a:2", codec = raw, service = s
                  tls { certificates = [%s, { chain = ec.pem, key = ec.key }], records = engine } }
              c { endpoint = "tcp://a:3", codec = raw, service = s, tls.certificates = [] }
              d { endpoint = "tcp://a:4", codec = raw, service = s
                  tls { client-auth = require, protocols = [TLSv1.2, TLSv1.3] } }
              e { endpoint = "tcp://a:5", codec = raw, service = s, tls.client-ca = "" }
            }
            """
                .formatted(ec, rsa));
    List<TlsSettings> rules =
        settings.listeners().stream().map(each -> each.options().tls()).toList();
    Path ca = home.resolve("authority.pem");
    List<TlsSettings.Protocol> only13 = List.of(TlsSettings.Protocol.TLS_1_3);
    TlsSettings common =
        new TlsSettings(
            List.of(files("ec")),
            TlsSettings.ClientAuth.NONE,
            ca,
            only13,
            true,
            TlsSettings.Records.JAVA,
            3_000);
    assertThat(rules)
        .containsExactly(
            common,
            new TlsSettings(
                List.of(files("rsa"), files("ec")),
                TlsSettings.ClientAuth.NONE,
                ca,
                only13,
                true,
                TlsSettings.Records.ENGINE,
                3_000),
            new TlsSettings(
                List.of(),
                TlsSettings.ClientAuth.NONE,
                ca,
                only13,
                true,
                TlsSettings.Records.JAVA,
                3_000),
            new TlsSettings(
                List.of(files("ec")),
                TlsSettings.ClientAuth.REQUIRE,
                ca,
                List.of(TlsSettings.Protocol.TLS_1_2, TlsSettings.Protocol.TLS_1_3),
                true,
                TlsSettings.Records.JAVA,
                3_000),
            new TlsSettings(
                List.of(files("ec")),
                TlsSettings.ClientAuth.NONE,
                null,
                only13,
                true,
                TlsSettings.Records.JAVA,
                3_000));
    assertThat(rules).extracting(TlsSettings::isOn).containsExactly(true, true, false, true, true);
    assertThat(settings.listeners())
        .extracting(Settings.Listener::deferAcceptMs)
        .as("a client begins the handshake")
        .containsExactly(1_000L, 1_000L, 0L, 1_000L, 1_000L);
  }

  private Credentials.Files files(String name) {
    return new Credentials.Files(home.resolve(name + ".pem"), home.resolve(name + ".key"));
  }

  @Test
  void certificatesAreReadOnceAndNotByWhoeverGetsWhatIsConcluded() throws Exception {
    TestFiles.identity("ec", home);
    Path authority = TestFiles.put("authority.pem", home);
    write(
        WEB
            + """
            baton.listeners.web.tls {
              certificates = [{ chain = ec.pem, key = ec.key }]
              client-auth = optional
              client-ca = authority.pem
            }
            """);
    Configuration read = SettingsReader.read(file, Map.of(), home);
    assertThat(read.credentials().identity(files("ec")).names())
        .containsExactly("localhost", "*.example.org");
    assertThat(read.credentials().authorities(authority)).hasSize(1);
    for (Path each : List.of(authority, files("ec").chain(), files("ec").key(), file)) {
      Files.delete(each);
    }
    assertThat(SettingsReader.parse(read.concluded(), home)).isEqualTo(read.settings());
    assertThat(read.concluded()).doesNotContain("BEGIN");
  }

  @Test
  void withoutEncryptionThereAreNoCredentials() throws Exception {
    write(WEB);
    assertThat(SettingsReader.read(file, Map.of(), home).credentials()).isEqualTo(Credentials.NONE);
  }

  @Test
  void aClientThatSaysNothingIsAcceptedByTheCodecUnlessItIsSaid() throws Exception {
    Settings settings =
        read(
            """
            baton.listeners {
              a { endpoint = "tcp://a:1", codec = http, service = s }
              b { endpoint = "tcp://a:2", codec = raw, service = s }
              c { endpoint = "tcp://a:3", codec = http, service = s, defer-accept = off }
              d { endpoint = "tcp://a:4", codec = raw, service = s, defer-accept = 5s }
            }
            """);
    assertThat(settings.listeners())
        .extracting(Settings.Listener::deferAcceptMs)
        .containsExactly(1_000L, 0L, 0L, 5_000L);
  }

  @Test
  void anHttpListenerMayHaveRoutes() throws Exception {
    Settings settings =
        read(
            """
            baton.listeners.web {
              endpoint = "unix:a", codec = http
              routes {
                "/" = page
                "/files/*" = files
                "/pulse" = { codec = websocket, service = pulse }
                "/chat" = { codec = websocket, service = c, origins = ["HTTPS://A:443", "http://b:1"] }
                "/store" = { codec = http, service = store, body = stream, max-content = off }
                "/form" = { codec = http, service = form, max-content = 4k }
              }
            }
            """);
    assertThat(settings.listeners().getFirst().service()).isEmpty();
    assertThat(settings.listeners().getFirst().routes())
        .containsExactly(
            new Settings.HttpRoute("/", "http", "page"),
            new Settings.HttpRoute(
                "/chat",
                "websocket",
                "c",
                Settings.Body.WHOLE,
                Settings.HttpRoute.AS_HTTP,
                List.of("https://a", "http://b:1")),
            new Settings.HttpRoute("/files/*", "http", "files"),
            new Settings.HttpRoute("/form", "http", "form", Settings.Body.WHOLE, 4096),
            new Settings.HttpRoute("/pulse", "websocket", "pulse"),
            new Settings.HttpRoute(
                "/store", "http", "store", Settings.Body.STREAM, Long.MAX_VALUE));
  }

  @Test
  void aRouteMayServeADirectoryAndHaveATimeForItsAnswers(@TempDir Path directory) throws Exception {
    Settings settings =
        read(
            """
            baton.listeners.web {
              endpoint = "unix:a", codec = http
              routes {
                "GET a.org/static/*" = { files = "%s/../%s" }
                "GET b.org/static/*" = { files = "%s", compress = off }
                "POST /orders/{id}" = { codec = http, service = orders, response-timeout = 2s }
                "/report" = { codec = http, service = report, lane = virtual, read-timeout = 5s, write-timeout = off }
                "/ws" = { codec = websocket, service = ws, lane = ring, idle-timeout = off, window-bytes = 1k }
              }
            }
            """
                .formatted(directory, directory.getFileName(), directory));
    List<Settings.HttpRoute> routes = settings.listeners().getFirst().routes();
    assertThat(routes)
        .extracting(Settings.HttpRoute::path, Settings.HttpRoute::options)
        .containsExactly(
            tuple(
                "/report",
                new RouteOptions(
                    LaneKind.VIRTUAL, null, new RouteTimeouts(5_000, AS_LISTENER, 0, AS_LISTENER))),
            tuple(
                "/ws",
                new RouteOptions(
                    LaneKind.RING,
                    new Settings.Window(0, 1024),
                    new RouteTimeouts(AS_LISTENER, 0, AS_LISTENER, AS_LISTENER))),
            tuple("GET a.org/static/*", RouteOptions.NONE),
            tuple("GET b.org/static/*", RouteOptions.NONE),
            tuple(
                "POST /orders/{id}",
                new RouteOptions(
                    null, null, new RouteTimeouts(AS_LISTENER, AS_LISTENER, AS_LISTENER, 2_000))));
    assertThat(routes.get(2).files()).isEqualTo(new Settings.ServedFiles(directory, true));
    assertThat(routes.get(3).files()).isEqualTo(new Settings.ServedFiles(directory, false));
    assertThat(routes.get(2).codec()).isEqualTo("http");
  }

  @Test
  void aRouteHasItsListenersAuthenticatorOrItsOwnOrNone() throws Exception {
    Settings settings =
        read(
            """
            baton.listener-defaults { authenticator = staff, max-sessions-per-principal = 5 }
            baton.listeners.raw { endpoint = "unix:a", codec = raw, service = s, authenticator = off }
            baton.listeners.web { endpoint = "unix:b", codec = http, authenticate-timeout = 1s, routes {
                "/" = page
                "/admin" = { codec = http, service = s, authenticator = admin }
                "/open" = { codec = http, service = s, authenticator = off }
                "/ws" = { codec = websocket, service = s } } }
            baton.listeners.ws { endpoint = "unix:c", codec = websocket, service = s }
            """);
    assertThat(settings.listeners())
        .extracting(each -> each.options().session().authentication())
        .containsExactly(
            new Settings.Authentication("", 10_000, 5, false),
            new Settings.Authentication("staff", 1_000, 5, false),
            new Settings.Authentication("staff", 10_000, 5, false));
    assertThat(settings.listeners())
        .flatExtracting(Settings.Listener::routes)
        .extracting(each -> each.path() + " " + each.authenticator())
        .containsExactly("/ staff", "/admin admin", "/open ", "/ws staff", "/* staff");
  }

  @Test
  void aListenerOfWebSocketsIsOneRouteForAllPaths() throws Exception {
    Settings settings =
        read(
            "baton.listeners.ws { endpoint = \"unix:a\", codec = websocket, service = s,"
                + " origins = [\"*\"] }");
    assertThat(settings.listeners().getFirst().routes())
        .containsExactly(
            new Settings.HttpRoute(
                "/*",
                "websocket",
                "s",
                Settings.Body.WHOLE,
                Settings.HttpRoute.AS_HTTP,
                List.of("*")));
  }

  @Test
  void aListenerSaysWhoMayConnect() throws Exception {
    Settings settings =
        read(
            """
            baton.listener-defaults { deny = ["10.0.0.0/8", "uid 7"] }
            baton.listeners.a { endpoint = "unix:a", codec = raw, service = s, block-after = 3 }
            baton.listeners.b {
              endpoint = "vsock+unix:///srv/v.sock?port=80", codec = raw, service = s
              allow = ["uid 1000"], deny = [], block-after = 5, block-within = 1s, block-for = 1h
            }
            """);
    List<PeerRange> denied =
        List.of(new PeerRange.Network(InetAddress.ofLiteral("10.0.0.0"), 8), new PeerRange.Uid(7));
    assertThat(settings.listeners())
        .extracting(listener -> listener.options().access())
        .containsExactly(
            new Settings.Access(List.of(), denied, new Settings.Block(3, 10_000, 60_000)),
            new Settings.Access(
                List.of(new PeerRange.Uid(1_000)),
                List.of(),
                new Settings.Block(5, 1_000, 3_600_000)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          unix:a                           | uid x     | allow: found "uid x" in the list, allowed an address or network
          unix:a                           | 10.0.0.1  | not 10.0.0.1/32
          tcp://127.0.0.1:1                | cid 3     | allow: found a list, allowed only addresses and networks for tcp://127.0.0.1:1, not cid 3
          tcp://127.0.0.1:1                | 10.0.0/8  | allow: found "10.0.0/8" in the list
          tcp://127.0.0.1:1                | 1.2.3.4/33| allow: found "1.2.3.4/33" in the list
          tcp://127.0.0.1:1                | localhost | allow: found "localhost" in the list
          vsock://any:1                    | uid 3     | allowed only cid N for vsock://any:1, not uid 3
          vsock+unix:///srv/v.sock?port=80 | cid 3     | allowed only uid N for vsock+unix:///srv/v.sock?port=80, not cid 3
          """)
  void peersThatAListenerCannotHaveAreRefused(String endpoint, String peer, String complaint)
      throws Exception {
    write(
        "baton.listeners.a { endpoint = \"%s\", codec = raw, service = s, allow = [\"%s\"] }"
            .formatted(endpoint, peer));
    assertThatThrownBy(() -> SettingsReader.read(file, Map.of(), home))
        .hasMessageContaining(complaint);
  }

  @Test
  void aSocketIsOneListenersOnly() throws Exception {
    write(
        """
        baton.listeners.a { endpoint = "vsock+unix:///srv/v.sock?port=80", codec = raw, service = s }
        baton.listeners.b { endpoint = "unix:///srv/v.sock_80", codec = raw, service = s }
        """);
    assertThatThrownBy(() -> SettingsReader.read(file, Map.of(), home))
        .hasMessageContaining("any but that of listener a");
  }

  @Test
  void timeoutsMayBeOff() throws Exception {
    Settings settings =
        read(
            """
            baton.listener-defaults { idle-timeout = off, read-timeout = 5s }
            baton.listeners.a {
              endpoint = "unix:a", codec = raw, service = s, read-timeout = off, write-timeout = 1m
            }
            """);
    assertThat(settings.listeners().getFirst().options().session().timeouts())
        .isEqualTo(new Settings.Timeouts(Settings.Timeouts.AUTO, 30_000, 0, 0, 60_000, 0));
  }

  @Test
  void overridesWinOverTheFileAndTheFileOverTheDefaults() throws Exception {
    write(WEB + "baton { workers = 3, name = file, http.max-content = 2m }");
    Settings settings =
        SettingsReader.read(
                file,
                Map.of(
                    "baton.workers",
                    "4",
                    "baton.listeners.web.endpoint",
                    "tcp://127.0.0.1:81",
                    "baton.fleet.hang-timeout",
                    "off",
                    "baton.worker.java-options",
                    "[\"-Xmx1g\", \"-Dkey=a b\"]"),
                home)
            .settings();
    assertThat(settings.workers()).isEqualTo(4);
    assertThat(settings.server().name()).isEqualTo("file");
    assertThat(settings.codecs().http().maxContent()).isEqualTo(2 << 20);
    assertThat(settings.listeners().getFirst().endpoint()).hasToString("tcp://127.0.0.1:81");
    assertThat(settings.fleet().supervision().hangTimeoutMs()).isZero();
    assertThat(settings.worker().start().javaOptions()).containsExactly("-Xmx1g", "-Dkey=a b");
  }

  @Test
  void substitutionsSeeOverridesAndOtherKeys() throws Exception {
    write(WEB + "baton.admin.port = 7001\nbaton.name = \"on-\"${baton.admin.port}");
    assertThat(SettingsReader.read(file, Map.of(), home).settings().server().name())
        .isEqualTo("on-7001");
    assertThat(
            SettingsReader.read(file, Map.of("baton.admin.port", "7002"), home)
                .settings()
                .server()
                .name())
        .isEqualTo("on-7002");
  }

  @Test
  void aFileMayIncludeAnother() throws Exception {
    Files.writeString(home.resolve("more.conf"), "baton.name = more");
    assertThat(read(WEB + "include \"more.conf\"").server().name()).isEqualTo("more");
  }

  @ParameterizedTest
  @CsvSource({
    "1500ms, 1500",
    "2 seconds, 2000",
    "0.5s, 500",
    "1m, 60000",
    "1h, 3600000",
    "250, 250",
    "'\"3s\"', 3000"
  })
  void durationsHaveUnits(String written, long ms) throws Exception {
    assertThat(
            read(WEB + "baton.fleet.start-timeout = " + written)
                .fleet()
                .supervision()
                .startTimeoutMs())
        .isEqualTo(ms);
  }

  @ParameterizedTest
  @CsvSource({"64, 64", "4k, 4096", "4 KiB, 4096", "4kB, 4000", "1m, 1048576", "'\"9\"k', 9216"})
  void sizesHaveUnits(String written, int bytes) throws Exception {
    assertThat(read(WEB + "baton.http.max-header = " + written).codecs().http().maxHeader())
        .isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/var/run/b", "var/run/../run/b", "./var/run/b"})
  void directoriesAreAbsoluteAndPlain(String written) throws Exception {
    Path absolute = written.startsWith("/") ? Path.of(written) : home.resolve("var/run/b");
    Settings settings =
        read(
            "baton { run-dir = \"%s\", log-dir = \"%s\", modules-dir = \"%s\" }\n"
                    .formatted(written, written, written)
                + "baton.listeners.a { endpoint = \"unix:a\", codec = raw, service = s }");
    assertThat(settings.server().runDir()).isEqualTo(absolute);
    assertThat(settings.server().logDir()).isEqualTo(absolute);
    assertThat(settings.modules().directory()).isEqualTo(absolute);
    assertThat(settings.listeners().getFirst().endpoint())
        .isEqualTo(new Endpoint.Unix(absolute.resolve("a")));
  }

  @Test
  void blocksOfModulesAreTheirOwn() throws Exception {
    Settings settings =
        read(
            WEB
                + """
                baton.modules {
                  empty {}
                  hello { text = "hi", n = 1, big = 10000000000, ratio = 0.5, on = true, gone = null
                          list = [1, [two], {three = 3}], deep.er.still = "x" }
                }
                """);
    assertThat(settings.modules().blocks())
        .isEqualTo(
            Map.of(
                "empty",
                Map.of(),
                "hello",
                Map.of(
                    "text",
                    "hi",
                    "n",
                    1,
                    "big",
                    10_000_000_000L,
                    "ratio",
                    0.5,
                    "on",
                    true,
                    "list",
                    List.of(1, List.of("two"), Map.of("three", 3)),
                    "deep",
                    Map.of("er", Map.of("still", "x")))));
    assertThatThrownBy(() -> settings.modules().blocks().values().forEach(Map::clear))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void whatIsConcludedReadsAsTheSameSettingsWhateverBecomesOfTheFile() throws Exception {
    write(
        WEB
            + """
            baton.workers = auto
            baton.name = "Bäton \\"1\\""
            baton.listeners.local { endpoint = "unix:x", codec = raw, service = s, mode = 007 }
            baton.modules.m { ratio = 1.0, list = [1e3, "ü", null], gone = null, "odd key.\\n" = 007 }
            """);
    Configuration read = SettingsReader.read(file, Map.of("baton.fleet.hang-timeout", "off"), home);
    Files.delete(file);
    assertThat(SettingsReader.parse(read.concluded(), home)).isEqualTo(read.settings());
    assertThat(read.concluded())
        .contains("\"workers\":" + Runtime.getRuntime().availableProcessors());
  }

  @Test
  void aConcludedConfigurationThatIsNoneIsRefused() {
    assertThat(
            catchThrowableOfType(
                    ConfigurationException.class,
                    () -> SettingsReader.parse("{\"baton\":{\"workers\":1}}", home))
                .complaints())
        .contains(
            "concluded configuration: baton.name: found nothing, allowed a text of one line"
                + " that is not empty");
  }

  private Settings read(String text) throws Exception {
    write(text);
    Configuration read = SettingsReader.read(file, Map.of(), home);
    assertThat(SettingsReader.parse(read.concluded(), home)).isEqualTo(read.settings());
    return read.settings();
  }

  private void write(String text) throws IOException {
    Files.writeString(file, text);
  }
}
