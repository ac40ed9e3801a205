package io.baton.manager.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.baton.config.SettingsFixture;
import io.baton.manager.certificate.ServerCertificate;
import io.baton.manager.fleet.FleetView;
import io.baton.manager.fleet.FleetView.Phase;
import io.baton.manager.metrics.MetricView;
import io.baton.manager.metrics.MetricView.SeriesView;
import io.baton.manager.process.ModuleVersion;
import io.baton.pipe.HistogramBuckets;
import io.baton.pipe.Load;
import io.baton.pipe.OwnMetrics;
import io.baton.pipe.Refusals;
import io.baton.pipe.ServiceSessions;
import io.baton.pipe.SessionCounts;
import io.baton.posix.DescriptorUse;
import io.baton.service.metrics.MetricDefinition;
import io.baton.service.metrics.MetricType;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class StatusTest {
  private static final Load LOAD =
      new Load(
          12,
          1,
          375,
          2,
          50L << 20,
          120L << 20,
          3_500_000_000L,
          40_000_000L,
          new Load.Counters(
              100,
              88,
              1_000,
              999,
              5_000,
              70_000,
              1,
              40,
              30,
              2,
              3,
              9,
              new Load.Shed(17, 6, 5, 4),
              new Load.Handshakes(33, 2, 1),
              new Load.Returns(51, 42, 6, 7, 4, 12, 5),
              new Load.Authentications(49, 41, 3, 2, 1, 1, 1, 0, 0),
              new Refusals(new TreeMap<>(Map.of("FORBIDDEN", 8L, "RETRY_LATER", 3L))),
              0),
          new Load.Memory(3L << 20, 128L << 20, 20L << 20, 256L << 20, 200L << 20),
          new Load.Callbacks(1_250_000_000L, 4_000_000_000L, 750_000_000L),
          new Load.Mesh(3, 1_000, 900, 7, 12_345)
              .with(new Load.Broker(Load.BrokerState.UP, 2, 500, 400, 3)));

  private static final ServerCertificate CERTIFICATE =
      certificate("example.org", "2027-01-01T12:00:00Z");

  private static final List<ServiceSessions> SERVICES =
      List.of(service("/chat", 1_200), service("", 30));

  private static final List<MetricView> METRICS =
      List.of(
          new MetricView(
              OwnMetrics.REQUESTS,
              List.of(
                  new SeriesView(List.of("web", "/a"), 1_500_000_000L, 0, buckets(2, 1)),
                  new SeriesView(List.of("web", ""), 0, 0, buckets(0, 0)))),
          new MetricView(
              OwnMetrics.CPU, List.of(new SeriesView(List.of("0"), 2_500_000_000L, 0, List.of()))),
          gauge(OwnMetrics.TOPICS, 12, 11),
          gauge(OwnMetrics.TOPIC_SUBSCRIPTIONS, 300, 40),
          counter(OwnMetrics.TOPICS_PUBLISHED, 1_000, 200),
          counter(OwnMetrics.TOPICS_DELIVERED, 20_000, 4_000),
          new MetricView(
              OwnMetrics.TOPICS_MISSED,
              List.of(
                  new SeriesView(List.of("0", "link"), 2, 0, List.of()),
                  new SeriesView(List.of("1", "link"), 3, 0, List.of()),
                  new SeriesView(List.of("0", "memory"), 0, 0, List.of()),
                  new SeriesView(List.of("1", "session"), 1, 0, List.of()))),
          new MetricView(
              new MetricDefinition(
                  MetricType.COUNTER, "chat_joined", "Rooms joined", List.of("kind")),
              List.of(new SeriesView(List.of("a \"b\""), 7, 0, List.of()))),
          new MetricView(
              new MetricDefinition(MetricType.GAUGE, "chat_rooms", "Rooms", List.of()),
              List.of(new SeriesView(List.of(), 0, 2.5, List.of()))));

  /** Of slots 0 and 1. */
  private static MetricView gauge(MetricDefinition metric, double first, double second) {
    return new MetricView(
        metric,
        List.of(
            new SeriesView(List.of("0"), 0, first, List.of()),
            new SeriesView(List.of("1"), 0, second, List.of())));
  }

  private static MetricView counter(MetricDefinition metric, long first, long second) {
    return new MetricView(
        metric,
        List.of(
            new SeriesView(List.of("0"), first, 0, List.of()),
            new SeriesView(List.of("1"), second, 0, List.of())));
  }

  /** So many in the first and in the last bucket. */
  private static List<Long> buckets(long first, long last) {
    List<Long> all = new ArrayList<>(Collections.nCopies(HistogramBuckets.COUNT, 0L));
    all.set(0, first);
    all.set(HistogramBuckets.COUNT - 1, last);
    return all;
  }

  private static ServiceSessions service(String name, long sessions) {
    return new ServiceSessions(0, name, new SessionCounts(sessions, 4, 5_000, 6, 9));
  }

  private static ServerCertificate certificate(String name, String end) {
    return new ServerCertificate(
        "web",
        List.of(name, "www." + name),
        Path.of("/tls/chain.pem"),
        ServerCertificate.Limit.own(Instant.parse("2026-01-01T00:00:00Z")),
        ServerCertificate.Limit.own(Instant.parse(end)));
  }

  private static Status status(Phase phase, String state) {
    Histogram latency = new Histogram(3);
    latency.recordValue(1_500_000);
    return status(phase, state, latency);
  }

  private static Status status(Phase phase, String state, Histogram latency) {
    return status(phase, state, latency, List.of());
  }

  private static Status withTls(ServerCertificate... certificates) {
    return status(Phase.RUNNING, "READY", new Histogram(3), List.of(certificates));
  }

  private static Status status(
      Phase phase, String state, Histogram latency, List<ServerCertificate> certificates) {
    return status(phase, state, latency, certificates, SERVICES);
  }

  private static Status withServices(ServiceSessions... services) {
    return status(Phase.RUNNING, "READY", new Histogram(3), List.of(), List.of(services));
  }

  private static Status status(
      Phase phase,
      String state,
      Histogram latency,
      List<ServerCertificate> certificates,
      List<ServiceSessions> services) {
    FleetView.WorkerView good =
        new FleetView.WorkerView(0, 4711, 1, state, LOAD, 4, 100, 0, 11, null, 0);
    FleetView.WorkerView broken =
        new FleetView.WorkerView(
            1, 0, 1, "BROKEN", Load.NONE, 0, 0, 7, 0, "module x: \"boom\"", 42_000);
    FleetView fleet =
        new FleetView(
            phase,
            1,
            List.of(good, broken),
            List.of(
                new FleetView.ListenerCounts(108, 5, 3, 8, 12, new FleetView.Returning(2, 11, 3)),
                new FleetView.ListenerCounts(1_000, 0, 0, 0, 0)), // of a former generation
            1,
            3,
            13,
            "generation 2 comes up",
            new FleetView.Totals(
                LOAD.counters(),
                7,
                9,
                1,
                11,
                6,
                2,
                21,
                1,
                4,
                2,
                new FleetView.Searches(50, 40, 5, 2, 1)));
    return new Status(
            "baton",
            "1.0",
            99,
            200_000,
            fleet,
            List.of(new ModuleVersion("chat.jar", "1.4.2")),
            List.of(
                new Status.ListenerView(
                    "web",
                    "tcp://127.0.0.1:8080",
                    "http",
                    "hello",
                    "least-load",
                    certificates,
                    108,
                    5,
                    3,
                    8,
                    12,
                    new FleetView.Returning(2, 11, 3),
                    services,
                    "LISTENING",
                    null)),
            new SessionCounts(70, 7, 2_048, 3, 1),
            latency,
            0,
            Map.of(),
            List.of("the certificate expires"),
            METRICS)
        .withProblem("the admin socket was removed")
        .with(pid -> pid == 99 ? new DescriptorUse(930, 1_000) : new DescriptorUse(120, 20_000));
  }

  @Test
  void aListenerIsShownWithWhatItServes() {
    assertThat(
            SettingsFixture.settings(
                    """
                    listeners {
                      a { endpoint = "unix:a", codec = raw, service = echo }
                      b { endpoint = "unix:b", codec = http
                          routes { "/a" = page, "/b" = page, "/c" = hello
                                   "/d/*" = { files = "/" } } }
                      c { endpoint = "unix:c", codec = link, services { "room/1" = room, chat = c } }
                      d { endpoint = "unix:d", codec = link
                          services { 1 = s, 2 = s, 3 = s, 4 = s, 5 = s, 6 = s, 7 = s } }
                    }
                    """)
                .listeners())
        .extracting(Status::service)
        .containsExactly("echo", "page,hello,files", "chat, room/1", "1, 2, 3, 4, 5 and 2 more");
  }

  @Test
  void isReadyOnlyWhileRunningWithAWorkerThatIs() {
    assertThat(status(Phase.RUNNING, "READY").isReady()).isTrue();
    assertThat(status(Phase.RUNNING, "STARTING").isReady()).isFalse();
    assertThat(status(Phase.RUNNING, "STUCK").isReady()).isFalse();
    assertThat(status(Phase.STOPPING, "READY").isReady()).isFalse();
  }

  @Test
  void theJsonHasEveryFieldThatIsPromised() throws IOException {
    assertThat(fields(StatusJson.render(status(Phase.RUNNING, "READY"))))
        .contains("name", "version", "pid", "uptimeSeconds", "state", "generation", "totals")
        .contains(
            "listeners.name",
            "listeners.endpoint",
            "listeners.codec",
            "listeners.service",
            "listeners.placement",
            "listeners.tls",
            "listeners.accepted",
            "listeners.refused",
            "listeners.limited",
            "listeners.denied",
            "listeners.open",
            "listeners.state")
        .contains(
            "openDescriptors",
            "maxDescriptors",
            "workers.openDescriptors",
            "workers.maxDescriptors",
            "totals.limited",
            "totals.denied",
            "totals.blockedPeers",
            "totals.overflowed",
            "totals.deniedOrigins",
            "totals.unanswered",
            "totals.accessLogDropped",
            "totals.tlsHandshakesFull",
            "totals.tlsHandshakesResumed",
            "totals.tlsHandshakesFailed",
            "totals.authenticationsAccepted",
            "totals.authenticationsUnauthenticated",
            "totals.authenticationsForbidden",
            "totals.authenticationsUnavailable",
            "totals.authenticationsFailed",
            "totals.authenticationsTimedOut",
            "totals.authenticationsAbandoned",
            "totals.authenticationsRunning",
            "totals.limitedPerPrincipal",
            "totals.linkRefusals",
            "totals.heldBack",
            "totals.refusedForMemory",
            "totals.evicted",
            "totals.refusedForDisk",
            "workers.slot",
            "workers.pid",
            "workers.generation",
            "workers.state",
            "workers.connections",
            "workers.inFlight",
            "workers.loopBusy",
            "workers.queueDepth",
            "workers.longestCallbackSeconds",
            "workers.standstillSeconds",
            "workers.heapUsedBytes",
            "workers.heldBytes",
            "workers.memoryBudgetBytes",
            "workers.directBytes",
            "workers.directLimitBytes",
            "workers.spooledBytes",
            "workers.mesh",
            "workers.mesh.links",
            "workers.mesh.dropped",
            "topics.topics",
            "topics.subscriptions",
            "topics.published",
            "topics.delivered",
            "topics.missed.cause",
            "topics.missed.count",
            "topics.links",
            "topics.queueBytes",
            "workers.rssBytes",
            "workers.cpuSeconds",
            "workers.taken",
            "workers.movedIn",
            "workers.movedOut",
            "workers.restarts")
        .contains(
            "replacing",
            "totals.migrated",
            "totals.returned",
            "totals.stranded",
            "totals.rebalances",
            "totals.seeking",
            "totals.sought",
            "totals.found",
            "totals.nowhere",
            "totals.soughtUnanswered",
            "totals.nowhereSlowed",
            "totals.admitted",
            "totals.away",
            "totals.lost",
            "totals.resumed",
            "totals.superseded",
            "totals.expired",
            "totals.displaced",
            "totals.forged",
            "totals.later",
            "listeners.admitted",
            "listeners.away",
            "listeners.services.name",
            "listeners.services.sessions",
            "listeners.services.away",
            "listeners.services.heldBytes",
            "listeners.services.streams",
            "listeners.services.asks",
            "unlistedServices.sessions",
            "unlistedServices.away",
            "unlistedServices.heldBytes",
            "unlistedServices.streams",
            "unlistedServices.asks",
            "listeners.seeking",
            "workers.away",
            "workers.lost",
            "workers.resumed",
            "workers.superseded",
            "workers.expired",
            "workers.displaced",
            "workers.forged",
            "workers.later");
  }

  /** Else they would go down when a reload removes a listener. */
  @Test
  void theTotalsCountTheListenersOfFormerGenerations() {
    assertThat(StatusJson.render(status(Phase.RUNNING, "READY"))).contains("\"accepted\" : 1108");
  }

  @Test
  void theJsonHasTheCertificatesOfListenersWithTls() throws IOException {
    String json = StatusJson.render(withTls(CERTIFICATE));
    assertThat(fields(json))
        .contains(
            "listeners.tls.certificates.names",
            "listeners.tls.certificates.chain",
            "listeners.tls.certificates.expires");
    assertThat(json)
        .contains(
            "\"names\" : [ \"example.org\", \"www.example.org\" ]",
            "\"chain\" : \"/tls/chain.pem\"",
            "\"expires\" : \"2027-01-01T12:00:00Z\"",
            "\"expiringIssuer\" : null");
    ServerCertificate chained =
        new ServerCertificate(
            "web",
            List.of("example.org"),
            Path.of("/tls/chain.pem"),
            CERTIFICATE.validFrom(),
            new ServerCertificate.Limit(CERTIFICATE.expires().at(), "CN=Issuer"));
    assertThat(StatusJson.render(withTls(chained))).contains("\"expiringIssuer\" : \"CN=Issuer\"");
    assertThat(StatusJson.render(withTls())).contains("\"tls\" : null");
  }

  private static List<String> fields(String json) throws IOException {
    List<String> fields = new ArrayList<>();
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      while (parser.nextToken() != null) {
        if (parser.currentToken() == JsonToken.FIELD_NAME) {
          fields.add(
              parser
                  .getParsingContext()
                  .pathAsPointer()
                  .toString()
                  .substring(1)
                  .replaceAll("/\\d+/", "/")
                  .replace('/', '.'));
        }
      }
    }
    return fields;
  }

  @Test
  void theJsonHasNoFieldThatNamesASessionOrItsClient() throws IOException {
    assertThat(fields(StatusJson.render(status(Phase.RUNNING, "READY"))))
        .contains("listeners.name")
        .map(field -> field.substring(field.lastIndexOf('.') + 1))
        .doesNotContain("id", "key", "session", "peer", "principal");
  }

  @Test
  void theTableSaysWhatIsWrongAndWhenItIsTriedAgain() {
    String table = StatusTable.render(status(Phase.RUNNING, "READY"));
    assertThat(table)
        .contains(
            "baton 1.0  running  pid 99  up 3 min 20 s  generation 1  (generation 2 comes up)")
        .contains(
            "PLACEMENT   OPEN  ACCEPTED  REFUSED  LIMITED  DENIED  STATE",
            "web       tcp://127.0.0.1:8080  http hello  least-load    12       108        5       "
                + " 3       8  listening")
        .contains(
            "0       4711    1  ready      12          1   38%      2  3.0 MiB (2%)  50.0 MiB  120"
                + " MiB  3.5 s")
        .contains("TAKEN  MOVED IN  OUT  RESTARTS", "100        40   30         0")
        .contains("21 connections migrated to another worker, 1 returned, 4 stranded; 2 rebalances")
        .contains(
            "    worker 0: a callback in lane ring has been running for 1.3 s\n",
            "    worker 0: a callback in lane virtual has been running for 4.0 s\n")
        .contains("  ! worker 1: module x: \"boom\"; next try in 42 s")
        .contains(
            "12 connections open, 100 taken, 88 closed; 1,000 messages in (4.9 KiB), 999 out (68.4"
                + " KiB); 1 error, 2 sessions overflowed\n")
        .contains(
            "  ! the certificate expires\n",
            "  ! the admin socket was removed\n",
            "  ! the manager has 930 of 1,000 descriptors open (ulimit -n)\n")
        .contains("9 requests not answered in time\n")
        .contains(
            "50 sessions sought on other workers: 40 found, 5 nowhere, 2 unanswered, 3 sought"
                + " now\n")
        .contains(
            "11 sessions away now; 51 lost their clients, 42 resumed (6 superseded a connection), 7"
                + " expired, 4 displaced\n",
            "12 forged keys, 5 clients told to come back later\n")
        .contains(
            "41 clients authenticated, 3 had to say who they are, 2 forbidden, 1 told to try again;"
                + " 1 error, 0 timed out, 1 waiting; 1 beyond max-sessions-per-principal\n")
        .contains("35 TLS handshakes done, 2 of them resumed, 1 failed\n")
        .contains(
            "memory was short: 17 connections held back, 6 messages refused,"
                + " 5 connections ended because of the memory they held\n")
        .contains("7 workers died, 9 connections with them; 11 handoffs placed again");
  }

  @Test
  void theTableHasLatenciesOnceThereAreAny() {
    assertThat(StatusTable.render(status(Phase.RUNNING, "READY")))
        .containsPattern("service latency p50 1\\.5\\d* ms, p99");
    assertThat(StatusTable.render(status(Phase.RUNNING, "READY", new Histogram(3))))
        .doesNotContain("latency");
  }

  @Test
  void theTableSaysWhatIsExchangedWithOtherMachines() {
    assertThat(StatusTable.render(status(Phase.RUNNING, "READY")))
        .containsPattern(
            "broker: \\d of \\d workers? connected, 2 other machines; [\\d,]+ messages out, [\\d,]+ in, \\d dropped");
  }

  @Test
  void theTableHasTheTopicsOfAllWorkersAndWhatWaitsBetweenThem() {
    assertThat(StatusTable.render(status(Phase.RUNNING, "READY")))
        .contains(
            """
            12 topics, 340 subscriptions; 1,200 messages published, 24,000 delivered, 6 missed (link 5, session 1)
            1 link between workers, 12.1 KiB waiting
            """);
  }

  @Test
  void theTableHasTheSessionsOfEachService() {
    assertThat(StatusTable.render(status(Phase.RUNNING, "READY")))
        .contains(
            """
            LISTENER  SESSIONS  AWAY     HELD  STREAMS  ASKS  SERVICE
            web          1,200     4  4.9 KiB        6     9  /chat
            web             30     4  4.9 KiB        6     9  (http)
                            70     7  2.0 KiB        3     1  (services with too few sessions to be listed)
            """);
  }

  @Test
  void theTableHasAtMostFiveServicesOfAListener() {
    String table =
        StatusTable.render(
            withServices(
                service("/a", 7),
                service("/b", 6),
                service("/c", 5),
                service("/d", 4),
                service("/e\n", 3),
                service("/f", 2),
                service("/g", 1)));
    assertThat(table).contains("  /e\\n\n").doesNotContain("/f", "/g");
    assertThat(table).contains("web              3     8  9.8 KiB       12    18  (and 2 more)\n");
  }

  @Test
  void theTableHasNoServicesOfAListenerThatHasOnlyOne() {
    assertThat(StatusTable.render(withServices(service("", 30)))).doesNotContain("(http)");
  }

  @Test
  void theMetricsHaveTheSessionsOfEachService() {
    assertThat(Metrics.render(status(Phase.RUNNING, "READY")))
        .contains(
            """
            # TYPE baton_service_sessions gauge
            baton_service_sessions{listener="web",service=""} 30.0
            baton_service_sessions{listener="web",service="/chat"} 1200.0
            """,
            "baton_service_sessions_away{listener=\"web\",service=\"/chat\"} 4.0\n",
            "baton_service_held_bytes{listener=\"web\",service=\"/chat\"} 5000.0\n",
            "baton_service_streams{listener=\"web\",service=\"/chat\"} 6.0\n",
            "baton_service_asks{listener=\"web\",service=\"/chat\"} 9.0\n",
            "baton_unlisted_service_sessions 70.0\n",
            "baton_unlisted_service_sessions_away 7.0\n",
            "baton_unlisted_service_held_bytes 2048.0\n",
            "baton_unlisted_service_streams 3.0\n",
            "baton_unlisted_service_asks 1.0\n");
  }

  @Test
  void theTableSaysWhichListenersHaveTls() {
    assertThat(StatusTable.render(withTls(CERTIFICATE))).contains("  http tls hello  ");
  }

  @Test
  void theMetricsHaveTheEndOfEachCertificate() {
    assertThat(Metrics.render(withTls(CERTIFICATE, certificate("b.org", "2027-01-01T12:00:01Z"))))
        .contains(
            "# TYPE baton_tls_certificate_expiry_timestamp_seconds gauge\n"
                + "baton_tls_certificate_expiry_timestamp_seconds{certificate=\"b.org\",listener=\"web\"}"
                + " 1.798804801E9\n"
                + "baton_tls_certificate_expiry_timestamp_seconds{certificate=\"example.org\",listener=\"web\"}"
                + " 1.7988048E9\n");
    assertThat(Metrics.render(withTls())).doesNotContain("baton_tls_certificate");
  }

  /** Names of hosts are unique in a listener, subjects need not be. */
  @Test
  void theMetricsHaveTheEarlierEndOfCertificatesWithTheSameName() {
    assertThat(
            Metrics.render(
                withTls(
                    certificate("CN=a", "2027-01-01T12:00:01Z"),
                    certificate("CN=a", "2027-01-01T12:00:00Z"))))
        .containsOnlyOnce("baton_tls_certificate_expiry_timestamp_seconds{")
        .contains(" 1.7988048E9\n");
  }

  @Test
  void theMetricsAreInPrometheusTextFormat() {
    assertThat(Metrics.render(status(Phase.RUNNING, "READY")))
        .contains("# TYPE baton_taken_total counter\nbaton_taken_total 100.0\n")
        .contains("baton_listener_refused_total{listener=\"web\"} 5.0\n")
        .contains("baton_listener_limited_total{listener=\"web\"} 3.0\n")
        .contains("baton_listener_denied_total{listener=\"web\"} 8.0\n")
        .contains("baton_blocked_peers 13.0\n")
        .contains("baton_listener_connections{listener=\"web\"} 12.0\n")
        .contains("baton_worker_loop_busy{slot=\"0\"} 0.375\n")
        .contains("baton_worker_callback_seconds{lane=\"ring\",slot=\"0\"} 1.25\n")
        .contains("baton_worker_callback_seconds{lane=\"virtual\",slot=\"0\"} 4.0\n")
        .contains("baton_worker_standstill_seconds{slot=\"0\"} 0.75\n")
        .contains("baton_connections_migrated_total 21.0\n")
        .contains("baton_connections_seeking 3.0\n", "baton_connections_sought_total 50.0\n")
        .contains(
            "baton_searches_total{result=\"found\"} 40.0\n",
            "baton_searches_total{result=\"nowhere\"} 5.0\n",
            "baton_searches_total{result=\"unanswered\"} 2.0\n")
        .contains("baton_sessions_away 11.0\n", "baton_worker_sessions_away{slot=\"0\"} 11.0")
        .contains(
            "baton_sessions_lost_total 51.0\n",
            "baton_sessions_resumed_total 42.0\n",
            "baton_sessions_superseded_total 6.0\n",
            "baton_sessions_expired_total 7.0\n",
            "baton_sessions_displaced_total 4.0\n",
            "baton_session_keys_forged_total 12.0\n",
            "baton_returns_later_total 5.0\n",
            "baton_searches_slowed_total 1.0\n")
        .contains(
            "baton_listener_admitted_total{listener=\"web\"} 2.0\n",
            "baton_listener_sessions_away{listener=\"web\"} 11.0\n",
            "baton_listener_connections_seeking{listener=\"web\"} 3.0\n")
        .contains("baton_sessions_overflowed_total 2.0\n")
        .contains("baton_requests_unanswered_total 9.0\n")
        .contains(
            "baton_authentications_total{result=\"accepted\"} 41.0\n",
            "baton_authentications_total{result=\"unauthenticated\"} 3.0\n",
            "baton_authentications_running 1.0\n",
            "baton_sessions_limited_per_principal_total 1.0\n",
            "baton_link_refusals_total{code=\"FORBIDDEN\"} 8.0\n",
            "baton_link_refusals_total{code=\"RETRY_LATER\"} 3.0\n")
        .contains(
            """
            # TYPE baton_tls_handshakes_total counter
            baton_tls_handshakes_total{result="failed"} 1.0
            baton_tls_handshakes_total{result="full"} 33.0
            baton_tls_handshakes_total{result="resumed"} 2.0
            """)
        .contains("baton_open_descriptors 930.0\n", "baton_max_descriptors 1000.0\n")
        .contains("baton_worker_open_descriptors{slot=\"0\"} 120.0\n")
        .contains("baton_worker_max_descriptors{slot=\"0\"} 20000.0\n")
        .contains("baton_connections_stranded_total 4.0\n")
        .contains("baton_rebalances_total 2.0\n")
        .contains("baton_replacing 1.0\n")
        .contains("baton_service_latency_seconds_count 1\n")
        .contains("baton_ready 1.0\n");
  }

  @Test
  void whatWorkersReportIsInTheMetricsAndInTheJson() throws IOException {
    Status status = status(Phase.RUNNING, "READY");
    assertThat(Metrics.render(status))
        .contains("# TYPE baton_request_seconds histogram\n")
        .contains(
            "baton_request_seconds_bucket{listener=\"web\",route=\"/a\",le=\"1.0E-4\"} 2\n",
            "baton_request_seconds_bucket{listener=\"web\",route=\"/a\",le=\"10.0\"} 2\n",
            "baton_request_seconds_bucket{listener=\"web\",route=\"/a\",le=\"+Inf\"} 3\n",
            "baton_request_seconds_count{listener=\"web\",route=\"/a\"} 3\n",
            "baton_request_seconds_sum{listener=\"web\",route=\"/a\"} 1.5\n",
            "baton_request_seconds_count{listener=\"web\",route=\"\"} 0\n",
            "baton_worker_cpu_seconds_total{slot=\"0\"} 2.5\n",
            "chat_joined_total{kind=\"a \\\"b\\\"\"} 7.0\n",
            "chat_rooms 2.5\n",
            "baton_build_info{java=\"" + Runtime.version() + "\",version=\"1.0\"} 1\n",
            "\nbaton_start_time_seconds ");
    assertThat(StatusJson.render(status).replaceAll("\\s+", " "))
        .contains(
            "{ \"name\" : \"baton_request_seconds\", \"type\" : \"histogram\", \"series\" : [ {"
                + " \"labels\" : { \"listener\" : \"web\", \"route\" : \"/a\" }, \"count\" : 3,"
                + " \"sumSeconds\" : 1.5 }",
            "\"labels\" : { \"slot\" : \"0\" }, \"value\" : 2.5",
            "\"labels\" : { \"kind\" : \"a \\\"b\\\"\" }, \"value\" : 7",
            "\"labels\" : { }, \"value\" : 2.5");
  }

  private static Status with(Status status, FleetView.WorkerView another) {
    FleetView fleet = status.fleet();
    List<FleetView.WorkerView> workers = new ArrayList<>(fleet.workers());
    workers.add(another);
    return new Status(
        status.name(),
        status.version(),
        status.pid(),
        status.uptimeMs(),
        new FleetView(
            fleet.phase(),
            fleet.generation(),
            workers,
            fleet.listeners(),
            fleet.waiting(),
            fleet.seeking(),
            fleet.blockedPeers(),
            fleet.replacing(),
            fleet.totals()),
        status.modules(),
        status.listeners(),
        status.unlisted(),
        status.latency(),
        status.logDiscarded(),
        status.descriptors(),
        status.problems(),
        status.metrics());
  }

  @Test
  void aSlotWithSeveralProcessesHasOneSeries() {
    Status one = status(Phase.RUNNING, "READY");
    FleetView.WorkerView leaving =
        new FleetView.WorkerView(0, 4712, 2, "LEAVING", LOAD, 4, 100, 2, 11, null, 0);
    assertThat(Metrics.render(with(one, leaving)))
        .contains(
            "\nbaton_worker_up{slot=\"0\"} 1.0\n",
            "\nbaton_worker_generation{slot=\"0\"} 2.0\n",
            "\nbaton_worker_connections{slot=\"0\"} 24.0\n",
            "\nbaton_worker_loop_busy{slot=\"0\"} 0.375\n",
            "\nbaton_worker_restarts_total{slot=\"0\"} 2.0\n",
            "\nbaton_worker_restarts_total{slot=\"1\"} 7.0\n");
  }
}
