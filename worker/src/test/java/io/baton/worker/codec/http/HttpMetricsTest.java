package io.baton.worker.codec.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Protocol;
import io.baton.config.Settings.HttpRoute;
import io.baton.config.SettingsFixture;
import io.baton.pipe.MetricEntry;
import io.baton.pipe.MetricEntry.Count;
import io.baton.pipe.MetricEntry.Durations;
import io.baton.pipe.MetricEntry.Metric;
import io.baton.pipe.MetricEntry.Series;
import io.baton.service.CloseReason;
import io.baton.worker.NoLeaks;
import io.baton.worker.metrics.HttpMetrics;
import io.baton.worker.metrics.ListenerMetrics;
import io.baton.worker.metrics.MetricsRegistry;
import io.baton.worker.session.Probe;
import io.baton.worker.session.Route;
import io.baton.worker.session.SessionHarness;
import io.baton.worker.session.TestRoutes;
import io.baton.worker.spool.Spool;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a listener of HTTP with routes counts. */
@ExtendWith(NoLeaks.class)
final class HttpMetricsTest {
  private final HttpMetrics http = new HttpMetrics(List.of("/a", "/b/*", "/chat"));
  private final ListenerMetrics metrics = new ListenerMetrics(List.of("/chat"), http);
  private final MetricsRegistry registry = new MetricsRegistry();
  private final Probe<HttpObject, HttpObject> probe = new Probe<>();
  private final SessionHarness<HttpObject, HttpObject> harness =
      new SessionHarness<>(
          new Route<>(
              "web",
              new Protocol<>(
                  "",
                  new RoutedHttpCodec(
                          SettingsFixture.http(
                              "max-request-line = 64, max-header = 256, max-content = 9"),
                          InstantSource.system(),
                          Spool.NONE,
                          List.of(
                              new HttpRoute("/a", "http", "s"), new HttpRoute("/b/*", "http", "s")),
                          Map.of())
                      .with(http),
                  () -> probe),
              List.of(),
              TestRoutes.OPTIONS,
              metrics));

  /** The names and labels of all series, by their numbers. */
  private final List<String> series = new ArrayList<>();

  private final List<String> names = new ArrayList<>();

  @BeforeEach
  void connects() throws Exception {
    metrics.register("web", registry);
    harness.open();
    probe.onReceived =
        (session, message) -> {
          if (message instanceof HttpRequest request) {
            session.send(
                new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1,
                    request.uri().startsWith("/a")
                        ? HttpResponseStatus.OK
                        : HttpResponseStatus.NOT_FOUND,
                    Unpooled.EMPTY_BUFFER));
          }
        };
  }

  @AfterEach
  void disconnects() {
    harness.close();
  }

  /** What has been counted since the last call; of durations their number. */
  private Map<String, Long> counted() {
    Map<String, Long> counted = new TreeMap<>();
    for (MetricEntry entry : registry.take().stream().flatMap(r -> r.entries().stream()).toList()) {
      switch (entry) {
        case Metric its -> names.add(its.definition().name());
        case Series its -> series.add(names.get(its.metric()) + its.labels());
        case Count its -> counted.put(series.get(its.series()), its.more());
        case Durations its ->
            counted.put(series.get(its.series()), its.buckets().stream().mapToLong(n -> n).sum());
        case MetricEntry.Amount its -> throw new AssertionError(its);
      }
    }
    counted.keySet().removeIf(each -> each.contains("bytes"));
    return counted;
  }

  @Test
  void answersAreCountedByRouteAndClass() {
    harness.client("GET /a?b=/b HTTP/1.1\r\nHost: h\r\n\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n");
    harness.client("GET /b/c HTTP/1.1\r\nHost: h\r\n\r\nGET /c HTTP/1.1\r\nHost: h\r\n\r\n");
    assertThat(counted())
        .isEqualTo(
            Map.of(
                "baton_http_responses[web, /a, 2xx]", 2L,
                "baton_http_responses[web, /b/*, 4xx]", 1L,
                "baton_http_responses[web, none, 4xx]", 1L,
                "baton_request_seconds[web, /a]", 2L,
                "baton_request_seconds[web, /b/*]", 1L,
                "baton_request_seconds[web, none]", 1L,
                "baton_listener_messages_in[web]", 4L,
                "baton_listener_messages_out[web]", 4L));
  }

  @Test
  void whatNoServiceGetsHasNoTime() {
    harness.client("GET /a HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n");
    assertThat(counted())
        .isEqualTo(
            Map.of(
                "baton_http_responses[web, /a, 4xx]", 1L,
                "baton_sessions_ended[web, protocol]", 1L));
  }

  @Test
  void theEndOfASessionIsCountedByItsReason() {
    harness.breaks();
    assertThat(counted()).isEqualTo(Map.of("baton_sessions_ended[web, client]", 1L));
    metrics.ended(CloseReason.MOVED);
    metrics.ended(CloseReason.UPGRADED);
    assertThat(counted()).isEmpty();
  }

  @Test
  void eachSeriesIsThereFromTheStartAndOnce() {
    assertThat(counted()).isEmpty();
    assertThat(series)
        .doesNotHaveDuplicates()
        .contains(
            "baton_http_responses[web, /a, 5xx]",
            "baton_request_seconds[web, /chat]",
            "baton_sessions_ended[web, timeout]");
  }
}
