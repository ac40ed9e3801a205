package io.baton.manager.admin;

import io.baton.manager.certificate.ServerCertificate;
import io.baton.manager.fleet.FleetView;
import io.baton.manager.fleet.FleetView.WorkerView;
import io.baton.pipe.Load;
import io.baton.pipe.Refusals;
import io.baton.pipe.ServiceSessions;
import io.baton.pipe.SessionCounts;
import io.baton.posix.DescriptorUse;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Quantile;
import io.prometheus.metrics.model.snapshots.Quantiles;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.DoubleStream;
import org.HdrHistogram.Histogram;

/** The status in Prometheus' text format: what {@code /metrics} gives. */
final class Metrics {
  static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

  private static final double NANOS_PER_SECOND = 1e9;

  private final MetricSnapshots.Builder all = MetricSnapshots.builder();

  private Metrics() {}

  static String render(Status status) {
    Metrics metrics = new Metrics();
    metrics.server(status);
    metrics.listeners(status.listeners());
    metrics.services(status.listeners(), status.unlisted());
    metrics.certificates(status.listeners());
    metrics.workers(status);
    metrics.latency(status.latency());
    status.metrics().stream().map(ReportedMetrics::snapshot).forEach(metrics.all::metricSnapshot);
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try {
      PrometheusTextFormatWriter.create()
          .write(text, metrics.all.build(), EscapingScheme.UNDERSCORE_ESCAPING);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory has no I/O to fail
    }
    return text.toString(StandardCharsets.UTF_8);
  }

  private void server(Status status) {
    FleetView.Totals totals = status.fleet().totals();
    Load.Counters counters = totals.counters();
    gauge("baton_ready", "1 while clients are served", status.isReady() ? 1 : 0);
    all.metricSnapshot(
        InfoSnapshot.builder()
            .name("baton_build")
            .help("The versions of Baton and of its Java")
            .dataPoint(
                InfoSnapshot.InfoDataPointSnapshot.builder()
                    .labels(
                        Labels.of(
                            "version", status.version(), "java", Runtime.version().toString()))
                    .build())
            .build());
    gauge(
        "baton_start_time_seconds",
        "Time of the manager's start, in seconds since the epoch",
        ManagementFactory.getRuntimeMXBean().getStartTime() / 1000.0);
    gauge("baton_uptime_seconds", "Time since the manager's start", status.uptimeMs() / 1000.0);
    gauge("baton_generation", "The configuration's generation", status.fleet().generation());
    gauge(
        "baton_replacing",
        "1 while workers are being replaced",
        status.fleet().replacing() == null ? 0 : 1);
    DescriptorUse descriptors = status.descriptors(status.pid());
    gauge("baton_open_descriptors", "Descriptors of the manager", descriptors.open());
    gauge("baton_max_descriptors", "Descriptors that the manager may have", descriptors.limit());
    gauge("baton_connections", "Open connections", (double) status.connections());
    gauge(
        "baton_handoffs_waiting",
        "Clients that no worker has: none has room, or their session is searched for",
        status.fleet().waiting());
    counter("baton_taken", "Connections taken by workers", counters.taken());
    counter("baton_closed", "Connections ended", counters.closed());
    counter("baton_messages_in", "Messages received", counters.messagesIn());
    counter("baton_messages_out", "Messages sent", counters.messagesOut());
    counter("baton_bytes_in", "Bytes received", counters.bytesIn());
    counter("baton_bytes_out", "Bytes sent", counters.bytesOut());
    counter("baton_session_errors", "Sessions ended by an error", counters.errors());
    counter(
        "baton_sessions_overflowed",
        "Sessions closed because more than max-pending waited for their client",
        counters.overflowed());
    counter(
        "baton_websocket_origins_denied",
        "WebSockets refused because a page of another origin wanted them",
        counters.deniedOrigins());
    counter(
        "baton_requests_unanswered",
        "Requests that got a 504 because their service did not answer in time",
        counters.unanswered());
    counter(
        "baton_access_log_dropped",
        "Lines of access logs that were dropped",
        counters.accessLogDropped());
    handshakes(counters.handshakes());
    authentications(counters.authentications());
    linkRefusals(counters.linkRefusals());
    gauge(
        "baton_authentications_running",
        "Clients that wait for an authenticator's decision",
        (double) status.authenticating());
    counter(
        "baton_connections_held_back",
        "Times that a connection was not read because memory was short",
        counters.shed().heldBack());
    counter(
        "baton_messages_refused_for_memory",
        "Messages refused before they arrived because memory was short",
        counters.shed().refused());
    counter(
        "baton_connections_evicted",
        "Connections ended because of the memory they held",
        counters.shed().evicted());
    counter(
        "baton_messages_refused_for_disk",
        "Requests refused because their bodies found no room on the disk",
        counters.shed().unspooled());
    counter("baton_worker_deaths", "Workers that died or could not start", totals.deaths());
    counter("baton_connections_lost", "Connections that ended with their worker", totals.lost());
    counter("baton_pipe_garbled", "Workers ended because they sent nonsense", totals.garbled());
    counter("baton_handoffs_replaced", "Handoffs that were placed again", totals.replaced());
    counter(
        "baton_handoffs_recalled", "Of those, taken back from a stalled worker", totals.recalled());
    counter("baton_pipe_full", "Of those, because a pipe was full", totals.blocked());
    counter(
        "baton_connections_migrated",
        "Moves of connections from one worker to another",
        totals.migrated());
    counter(
        "baton_connections_returned",
        "Connections that all other workers refused and that went back",
        totals.returned());
    counter(
        "baton_connections_stranded",
        "Connections that were given away and that no worker took",
        totals.stranded());
    returns(status, counters.returns());
    searches(status.fleet().seeking(), totals.searches());
    counter("baton_rebalances", "Moves off a worker with too much to do", totals.rebalances());
    gauge("baton_blocked_peers", "Peers kept out for a while", status.fleet().blockedPeers());
    counter("baton_log_discarded", "Log lines dropped", status.logDiscarded());
  }

  private void authentications(Load.Authentications its) {
    all.metricSnapshot(
        CounterSnapshot.builder()
            .name("baton_authentications")
            .help("Decisions of authenticators on clients, by their result")
            .dataPoint(count(its.accepted(), Labels.of("result", "accepted")))
            .dataPoint(count(its.unauthenticated(), Labels.of("result", "unauthenticated")))
            .dataPoint(count(its.forbidden(), Labels.of("result", "forbidden")))
            .dataPoint(count(its.unavailable(), Labels.of("result", "unavailable")))
            .dataPoint(count(its.failed(), Labels.of("result", "failed")))
            .dataPoint(count(its.timedOut(), Labels.of("result", "timed_out")))
            .dataPoint(count(its.abandoned(), Labels.of("result", "abandoned")))
            .build());
    counter(
        "baton_sessions_limited_per_principal",
        "Handshakes refused because their principal has max-sessions-per-principal",
        its.limited());
  }

  private void linkRefusals(Refusals refusals) {
    CounterSnapshot.Builder counter =
        CounterSnapshot.builder()
            .name("baton_link_refusals")
            .help("Clients that were refused a session of Link, by the code they were told");
    refusals.byCode().forEach((code, n) -> counter.dataPoint(count(n, Labels.of("code", code))));
    all.metricSnapshot(counter.build());
  }

  private void handshakes(Load.Handshakes handshakes) {
    all.metricSnapshot(
        CounterSnapshot.builder()
            .name("baton_tls_handshakes")
            .help("TLS handshakes that have ended, by their result")
            .dataPoint(count(handshakes.full(), Labels.of("result", "full")))
            .dataPoint(count(handshakes.resumed(), Labels.of("result", "resumed")))
            .dataPoint(count(handshakes.failed(), Labels.of("result", "failed")))
            .build());
  }

  private void returns(Status status, Load.Returns returns) {
    gauge(
        "baton_sessions_away",
        "Sessions whose clients have lost their connections and may come back",
        (double) status.away());
    counter(
        "baton_sessions_lost",
        "Times that a session went on without its connection",
        returns.lost());
    counter(
        "baton_sessions_resumed",
        "Times that a client came back to its session",
        returns.resumed());
    counter(
        "baton_sessions_superseded",
        "Of those, times that the session's former connection still seemed to be there",
        returns.superseded());
    counter(
        "baton_sessions_expired",
        "Sessions that ended because their clients stayed away for too long",
        returns.expired());
    counter(
        "baton_sessions_displaced",
        "Sessions that were away and ended because too many were",
        returns.displaced());
    counter(
        "baton_session_keys_forged",
        "Keys that clients named and this server has not made",
        returns.forged());
    counter(
        "baton_returns_later",
        "Clients that were told to come back to their session later",
        returns.later());
  }

  private void searches(int seeking, FleetView.Searches searches) {
    gauge(
        "baton_connections_seeking",
        "Connections that wait while the worker is searched for that has their session",
        seeking);
    counter(
        "baton_connections_sought",
        "Connections whose client wanted to go on with a session that their worker did not have",
        searches.sought());
    all.metricSnapshot(
        CounterSnapshot.builder()
            .name("baton_searches")
            .help("Searches for the worker that has a session, by their result")
            .dataPoint(count(searches.found(), Labels.of("result", "found")))
            .dataPoint(count(searches.nowhere(), Labels.of("result", "nowhere")))
            .dataPoint(count(searches.unanswered(), Labels.of("result", "unanswered")))
            .build());
    counter(
        "baton_searches_slowed",
        "Of those unanswered, the ones whose peer has heard too often that there is no session",
        searches.slowed());
  }

  private void listeners(List<Status.ListenerView> listeners) {
    CounterSnapshot.Builder accepted =
        CounterSnapshot.builder().name("baton_listener_accepted").help("Clients accepted");
    CounterSnapshot.Builder refused =
        CounterSnapshot.builder()
            .name("baton_listener_refused")
            .help("Clients refused: no worker took them");
    CounterSnapshot.Builder limited =
        CounterSnapshot.builder()
            .name("baton_listener_limited")
            .help("Clients limited: beyond a connection limit");
    CounterSnapshot.Builder denied =
        CounterSnapshot.builder()
            .name("baton_listener_denied")
            .help("Clients denied: by an access list or a ban");
    GaugeSnapshot.Builder open =
        GaugeSnapshot.builder().name("baton_listener_connections").help("Open connections");
    CounterSnapshot.Builder admitted =
        CounterSnapshot.builder()
            .name("baton_listener_admitted")
            .help("Of the limited clients, those that came back to their sessions");
    GaugeSnapshot.Builder away =
        GaugeSnapshot.builder()
            .name("baton_listener_sessions_away")
            .help("Sessions whose clients have lost their connections and may come back");
    GaugeSnapshot.Builder seeking =
        GaugeSnapshot.builder()
            .name("baton_listener_connections_seeking")
            .help("Connections whose session is searched for");
    GaugeSnapshot.Builder reachable =
        GaugeSnapshot.builder()
            .name("baton_listener_reachable")
            .help("1 unless it could not be bound or its socket's file is gone");
    for (Status.ListenerView listener : listeners) {
      Labels labels = Labels.of("listener", listener.name());
      accepted.dataPoint(count(listener.accepted(), labels));
      refused.dataPoint(count(listener.refused(), labels));
      limited.dataPoint(count(listener.limited(), labels));
      denied.dataPoint(count(listener.denied(), labels));
      open.dataPoint(value(listener.open(), labels));
      admitted.dataPoint(count(listener.returning().admitted(), labels));
      away.dataPoint(value(listener.returning().away(), labels));
      seeking.dataPoint(value(listener.returning().seeking(), labels));
      reachable.dataPoint(value(listener.problem() == null ? 1 : 0, labels));
    }
    all.metricSnapshot(accepted.build())
        .metricSnapshot(refused.build())
        .metricSnapshot(limited.build())
        .metricSnapshot(denied.build())
        .metricSnapshot(open.build())
        .metricSnapshot(admitted.build())
        .metricSnapshot(away.build())
        .metricSnapshot(seeking.build())
        .metricSnapshot(reachable.build());
  }

  private void services(List<Status.ListenerView> listeners, SessionCounts unlisted) {
    perService(
        listeners,
        unlisted,
        "sessions",
        "Sessions of a service of a listener",
        SessionCounts::sessions);
    perService(
        listeners,
        unlisted,
        "sessions_away",
        "Of those, the ones whose clients have lost their connections and may come back",
        SessionCounts::away);
    perService(
        listeners,
        unlisted,
        "held_bytes",
        "Memory that the sessions of a service hold",
        SessionCounts::heldBytes);
    perService(
        listeners,
        unlisted,
        "streams",
        "Byte streams and message channels under way in the sessions of a service",
        SessionCounts::streams);
    perService(
        listeners,
        unlisted,
        "asks",
        "Questions without an answer yet in the sessions of a service",
        SessionCounts::asks);
  }

  /** Those that are not listed have a metric for themselves, so that no label stands for them. */
  private void perService(
      List<Status.ListenerView> listeners,
      SessionCounts unlisted,
      String what,
      String help,
      ToLongFunction<SessionCounts> count) {
    GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name("baton_service_" + what).help(help);
    for (Status.ListenerView listener : listeners) {
      for (ServiceSessions each : listener.services()) {
        Labels labels = Labels.of("listener", listener.name(), "service", each.service());
        gauge.dataPoint(value((double) count.applyAsLong(each.counts()), labels));
      }
    }
    all.metricSnapshot(gauge.build());
    gauge(
        "baton_unlisted_service_" + what,
        "Sum for all services without a series of their own in baton_service_" + what,
        (double) count.applyAsLong(unlisted));
  }

  private static GaugeSnapshot.GaugeDataPointSnapshot value(double value, Labels labels) {
    return GaugeSnapshot.GaugeDataPointSnapshot.builder().labels(labels).value(value).build();
  }

  private void certificates(List<Status.ListenerView> listeners) {
    Map<Labels, Instant> ends = new TreeMap<>(); // the earlier of two with the same subject
    for (Status.ListenerView listener : listeners) {
      for (ServerCertificate certificate : listener.certificates()) {
        Labels labels = Labels.of("listener", listener.name(), "certificate", certificate.name());
        ends.merge(labels, certificate.expires().at(), (a, b) -> a.isBefore(b) ? a : b);
      }
    }
    GaugeSnapshot.Builder gauge =
        GaugeSnapshot.builder()
            .name("baton_tls_certificate_expiry_timestamp_seconds")
            .help(
                "End of the first certificate of the chain to expire, in seconds since the epoch");
    ends.forEach((labels, end) ->
        gauge.dataPoint(
            GaugeSnapshot.GaugeDataPointSnapshot.builder()
                .labels(labels)
                .value((double) end.getEpochSecond())
                .build()));
    all.metricSnapshot(gauge.build());
  }

  private void workers(Status status) {
    List<WorkerView> workers = status.fleet().workers();
    greatest(workers, "baton_worker_up", "1 while READY", w -> w.state().equals("READY") ? 1 : 0);
    greatest(workers, "baton_worker_generation", "Its generation", WorkerView::generation);
    restarts(workers);
    total(workers, "baton_worker_connections", "Open connections", w -> w.load().connections());
    total(
        workers,
        "baton_worker_sessions_away",
        "Sessions whose clients have lost their connections and may come back",
        WorkerView::away);
    total(workers, "baton_worker_in_flight", "Messages in work", w -> w.load().inFlight());
    greatest(
        workers,
        "baton_worker_loop_busy",
        "Busy share, 0 to 1",
        w -> w.load().busyPermille() / 1e3);
    total(workers, "baton_worker_queue_depth", "Tasks waiting", w -> w.load().queueDepth());
    callbacks(workers);
    greatest(
        workers,
        "baton_worker_standstill_seconds",
        "Time for which a lane has finished nothing though callbacks run in it",
        w -> w.load().callbacks().standstillNanos() / NANOS_PER_SECOND);
    total(workers, "baton_worker_heap_used_bytes", "Java heap", w -> w.load().heapUsedBytes());
    total(workers, "baton_worker_rss_bytes", "Resident memory", w -> w.load().rssBytes());
    total(
        workers,
        "baton_worker_held_bytes",
        "Memory that all connections hold",
        w -> w.load().memory().held());
    total(
        workers,
        "baton_worker_memory_budget_bytes",
        "Memory that all connections may hold",
        w -> w.load().memory().budget());
    total(
        workers,
        "baton_worker_direct_bytes",
        "Direct memory used",
        w -> w.load().memory().direct());
    total(
        workers,
        "baton_worker_direct_limit_bytes",
        "Direct memory available",
        w -> w.load().memory().directLimit());
    total(
        workers,
        "baton_worker_spooled_bytes",
        "Room on the disk that bodies of requests occupy",
        w -> w.load().memory().spooled());
    total(
        workers,
        "baton_worker_open_descriptors",
        "Descriptors of the worker",
        w -> status.descriptors(w.pid()).open());
    total(
        workers,
        "baton_worker_max_descriptors",
        "Descriptors that the worker may have",
        w -> status.descriptors(w.pid()).limit());
  }

  /**
   * A slot has more than one process while it is replaced; then it has what these have together.
   */
  private void total(
      List<WorkerView> workers, String name, String help, ToDoubleFunction<WorkerView> value) {
    perSlot(name, help, slots(workers, Double::sum, value));
  }

  /** The same for what cannot be added up: the most of any. */
  private void greatest(
      List<WorkerView> workers, String name, String help, ToDoubleFunction<WorkerView> value) {
    perSlot(name, help, slots(workers, Math::max, value));
  }

  private static Map<Integer, Double> slots(
      List<WorkerView> workers, BinaryOperator<Double> merge, ToDoubleFunction<WorkerView> value) {
    Map<Integer, Double> slots = new TreeMap<>();
    workers.forEach(each -> slots.merge(each.slot(), value.applyAsDouble(each), merge));
    return slots;
  }

  private void perSlot(String name, String help, Map<Integer, Double> slots) {
    GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(name).help(help);
    slots.forEach((slot, value) -> gauge.dataPoint(value(value, slot(slot))));
    all.metricSnapshot(gauge.build());
  }

  private void restarts(List<WorkerView> workers) {
    CounterSnapshot.Builder counter =
        CounterSnapshot.builder().name("baton_worker_restarts").help("Restarts of the slot");
    slots(workers, Math::max, WorkerView::restarts)
        .forEach((slot, restarts) -> counter.dataPoint(count(restarts.longValue(), slot(slot))));
    all.metricSnapshot(counter.build());
  }

  private void callbacks(List<WorkerView> workers) {
    GaugeSnapshot.Builder gauge =
        GaugeSnapshot.builder()
            .name("baton_worker_callback_seconds")
            .help("Time for which the longest callback of a lane has been running");
    Map<String, ToDoubleFunction<Load.Callbacks>> lanes =
        Map.of("ring", Load.Callbacks::ringNanos, "virtual", Load.Callbacks::virtualNanos);
    lanes.forEach((lane, nanos) ->
        slots(workers, Math::max, each -> nanos.applyAsDouble(each.load().callbacks()))
            .forEach((slot, longest) ->
                gauge.dataPoint(value(longest / NANOS_PER_SECOND, slot(slot).add("lane", lane)))));
    all.metricSnapshot(gauge.build());
  }

  private static Labels slot(int slot) {
    return Labels.of("slot", Integer.toString(slot));
  }

  private void latency(Histogram latency) {
    Quantile[] quantiles =
        DoubleStream.of(0.5, 0.9, 0.99, 0.999)
            .mapToObj(
                q -> new Quantile(q, latency.getValueAtPercentile(q * 100) / NANOS_PER_SECOND))
            .toArray(Quantile[]::new);
    all.metricSnapshot(
        SummarySnapshot.builder()
            .name("baton_service_latency_seconds")
            .help("Time from a message's arrival at the service until it is processed")
            .dataPoint(
                SummarySnapshot.SummaryDataPointSnapshot.builder()
                    .count(latency.getTotalCount())
                    .quantiles(Quantiles.of(quantiles))
                    .build())
            .build());
  }

  private void gauge(String name, String help, double value) {
    all.metricSnapshot(
        GaugeSnapshot.builder()
            .name(name)
            .help(help)
            .dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder().value(value).build())
            .build());
  }

  private void counter(String name, String help, long value) {
    all.metricSnapshot(
        CounterSnapshot.builder()
            .name(name)
            .help(help)
            .dataPoint(count(value, Labels.EMPTY))
            .build());
  }

  private static CounterSnapshot.CounterDataPointSnapshot count(long value, Labels labels) {
    return CounterSnapshot.CounterDataPointSnapshot.builder()
        .value((double) value)
        .labels(labels)
        .build();
  }
}
