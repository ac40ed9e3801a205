package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.credentials.TestFiles;
import io.baton.testing.server.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What a server shows for Prometheus, and what is shipped for those who look at it. */
final class MetricsIT {
  private static final Pattern NAMES = Pattern.compile("baton_[a-z_]+");
  private static final String GREETINGS = "examples_greetings_total";
  private static final String REQUESTS =
      "baton_request_seconds_count{listener=\"site\",route=\"/hello\"}";
  private static final String RESPONSES =
      "baton_http_responses_total{code=\"2xx\",listener=\"site\",route=\"/hello\"}";

  @TempDir private static Path dir;

  @SuppressWarnings("NullAway.Init") // before the first test
  private static Site site;

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        site = Site.of(server);
        server.listen("secret", "echo");
        server
            .configure(
                "listeners.secret.tls.certificates", "[" + TestFiles.identity("ec", dir) + "]")
            .configure("worker.latency-interval", "100ms");
      });

  private final TestServer server;

  MetricsIT() throws Exception {
    server = SERVERS.running();
  }

  private Map<String, Double> metrics() throws IOException {
    Map<String, Double> all = new HashMap<>();
    for (String line : server.http("/metrics").body().lines().toList()) {
      if (!line.startsWith("#")) {
        int end = line.lastIndexOf(' ');
        all.put(line.substring(0, end), Double.valueOf(line.substring(end + 1)));
      }
    }
    return all;
  }

  private double metric(String series) throws IOException {
    Map<String, Double> all = metrics();
    assertThat(all).containsKey(series);
    return all.getOrDefault(series, Double.NaN);
  }

  private void awaitMetric(String series, double value) {
    double _ = Wait.until(series + " is " + value, () -> metric(series), now -> now == value);
  }

  private static void visit(int times, String path) throws Exception {
    for (int i = 0; i < times; i++) {
      try (Client client = Client.tcp(site.port())) {
        assertThat(client.get(path).code()).isIn(200, 404);
      }
    }
  }

  @Test
  void countsAreOfAllWorkersAndSurviveAReloadAndADeath() throws Exception {
    double before = metric(GREETINGS);
    double requests = metric(REQUESTS);
    double responses = metric(RESPONSES);
    double missing =
        metric("baton_http_responses_total{code=\"4xx\",listener=\"site\",route=\"none\"}");
    visit(20, "/hello");
    visit(3, "/missing");
    awaitMetric(GREETINGS, before + 20);
    awaitMetric(REQUESTS, requests + 20);
    awaitMetric(RESPONSES, responses + 20);
    awaitMetric(
        "baton_http_responses_total{code=\"4xx\",listener=\"site\",route=\"none\"}", missing + 3);
    Moved.by(server, "reload");
    assertThat(metric(GREETINGS)).isEqualTo(before + 20);
    visit(5, "/hello");
    awaitMetric(GREETINGS, before + 25);
    Status.Worker victim = server.status().worker(0);
    assertThat(ProcessHandle.of(victim.pid()).orElseThrow().destroyForcibly()).isTrue();
    server.await(
        "another worker in its place", s -> s.allReady() && s.worker(0).pid() != victim.pid());
    assertThat(metric(GREETINGS)).isEqualTo(before + 25);
    assertThat(metric(REQUESTS)).isEqualTo(requests + 25);
    visit(10, "/hello");
    awaitMetric(GREETINGS, before + 35);
    awaitMetric(RESPONSES, responses + 35);
  }

  @Test
  void theMetricsOfModulesAreInTheStatus() throws Exception {
    String json = server.ask("status", "--json").out();
    assertThat(Json.object(json).get("metrics"))
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .anySatisfy(metric ->
            assertThat(metric)
                .asInstanceOf(InstanceOfAssertFactories.MAP)
                .containsEntry("name", "examples_greetings")
                .containsEntry("type", "counter"));
  }

  @Test
  void noLabelNamesAProcess() throws Exception {
    assertThat(metrics().keySet()).noneMatch(series -> series.contains("pid="));
  }

  @Test
  void theDashboardAndTheAlertsNameOnlyMetricsThatThereAre() throws Exception {
    Set<String> there =
        metrics().keySet().stream()
            .map(series -> series.replaceAll("\\{.*", ""))
            .collect(Collectors.toCollection(TreeSet::new));
    for (String file : List.of("grafana-dashboard.json", "alerts.yml")) {
      Set<String> named =
          NAMES
              .matcher(Files.readString(conf(file)))
              .results()
              .map(MatchResult::group)
              .collect(Collectors.toCollection(TreeSet::new));
      assertThat(named).as(file).hasSizeGreaterThan(5).isSubsetOf(there);
    }
    assertThat(Json.object(Files.readString(conf("grafana-dashboard.json")))).containsKey("panels");
  }

  private static Path conf(String file) {
    return TestServer.HOME.resolve("conf").resolve(file);
  }

  @Test
  void promtoolHasNothingToSayAgainstTheMetrics() throws Exception {
    Shell.need("promtoolHasNothingToSayAgainstTheMetrics", "promtool");
    Path metrics = Files.writeString(dir.resolve("metrics"), server.http("/metrics").body());
    Command.Result check = Shell.run("sh", "-c", "promtool check metrics <'" + metrics + "'");
    assertThat(check.out() + check.err()).isEmpty();
    assertThat(check.exit()).isZero();
  }

  @Test
  void promtoolTakesTheAlerts() throws Exception {
    Shell.need("promtoolTakesTheAlerts", "promtool");
    Command.Result check = Shell.run("promtool", "check", "rules", conf("alerts.yml").toString());
    assertThat(check.exit()).as(check.out() + check.err()).isZero();
  }
}
