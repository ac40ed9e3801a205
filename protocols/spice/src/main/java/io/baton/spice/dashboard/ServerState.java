package io.baton.spice.dashboard;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * What the server says of itself at its {@code /metrics}, asked each second while somebody looks.
 * Safe for any thread.
 */
final class ServerState implements AutoCloseable {
  private static final int TIMEOUT_MS = 500;
  private static final int MAX_LINES = 2_000;
  private static final int MAX_LISTENERS = 3;
  private static final String OPEN = "baton_listener_connections{listener=\"";

  private final URI metrics;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofVirtual().name("dashboard-metrics").factory());

  private volatile List<String> lines = List.of();

  /**
   * @param metrics where to ask
   */
  ServerState(URI metrics) {
    this.metrics = metrics;
    var _ = timer.scheduleWithFixedDelay(this::ask, 0, 1, TimeUnit.SECONDS);
  }

  /** Returns it as lines of text. */
  List<String> lines() {
    return lines;
  }

  private void ask() {
    if (!Dashboard.isShown()) {
      return;
    }
    try {
      lines = describe(read());
    } catch (IOException | RuntimeException e) {
      lines = List.of("nothing known of the server: " + metrics + " does not answer");
    }
  }

  private Map<String, String> read() throws IOException {
    URLConnection connection = metrics.toURL().openConnection();
    connection.setConnectTimeout(TIMEOUT_MS);
    connection.setReadTimeout(TIMEOUT_MS);
    Map<String, String> values = new TreeMap<>();
    try (BufferedReader text =
        new BufferedReader(
            new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))) {
      text.lines()
          .limit(MAX_LINES)
          .filter(line -> !line.startsWith("#") && line.lastIndexOf(' ') > 0)
          .forEach(line -> {
            int space = line.lastIndexOf(' ');
            values.put(line.substring(0, space), line.substring(space + 1));
          });
    }
    return values;
  }

  /** Describes the samples of the metrics, by name and labels. */
  static List<String> describe(Map<String, String> samples) {
    List<String> all = new ArrayList<>();
    all.add(
        "server: generation %s, %s connections, %s migrated, %s errors"
            .formatted(
                number(samples, "baton_generation"),
                number(samples, "baton_connections"),
                number(samples, "baton_connections_migrated_total"),
                number(samples, "baton_session_errors_total")));
    samples.keySet().stream()
        .filter(name -> name.startsWith(OPEN))
        .limit(MAX_LISTENERS)
        .map(name -> listener(name) + ": " + number(samples, name) + " open")
        .forEach(all::add);
    return all;
  }

  private static String listener(String sample) {
    return sample.substring(OPEN.length(), sample.length() - 2);
  }

  private static String number(Map<String, String> samples, String name) {
    String value = samples.getOrDefault(name, "?");
    return value.endsWith(".0") ? value.substring(0, value.length() - 2) : value;
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
