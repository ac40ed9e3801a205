package io.baton.manager.admin;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.baton.manager.certificate.ServerCertificate;
import io.baton.manager.fleet.FleetView;
import io.baton.manager.fleet.FleetView.WorkerView;
import io.baton.manager.process.ModuleVersion;
import io.baton.pipe.Load;
import io.baton.pipe.Refusals;
import io.baton.pipe.ServiceSessions;
import io.baton.pipe.SessionCounts;
import io.baton.posix.DescriptorUse;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;

/** The status as JSON: what {@code /status} and {@code bin/status --json} give. */
public final class StatusJson {
  private static final JsonFactory JSON = new JsonFactory();
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double NANOS_PER_MILLI = 1e6;

  private StatusJson() {}

  public static String render(Status status) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text).useDefaultPrettyPrinter()) {
      json.writeStartObject();
      json.writeStringField("name", status.name());
      json.writeStringField("version", status.version());
      json.writeNumberField("pid", status.pid());
      descriptors(json, status.descriptors(status.pid()));
      json.writeNumberField("uptimeSeconds", status.uptimeMs() / 1000.0);
      json.writeStringField("state", status.fleet().phase().name().toLowerCase(Locale.ROOT));
      json.writeBooleanField("ready", status.isReady());
      json.writeNumberField("generation", status.fleet().generation());
      json.writeStringField("replacing", status.fleet().replacing());
      json.writeArrayFieldStart("problems");
      for (String problem : status.problems()) {
        json.writeString(problem);
      }
      json.writeEndArray();
      json.writeArrayFieldStart("modules");
      for (ModuleVersion module : status.modules()) {
        json.writeStartObject();
        json.writeStringField("jar", module.jar());
        json.writeStringField("version", module.version());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeArrayFieldStart("listeners");
      for (Status.ListenerView listener : status.listeners()) {
        listener(json, listener);
      }
      json.writeEndArray();
      json.writeObjectFieldStart("unlistedServices");
      sessions(json, status.unlisted());
      json.writeEndObject();
      json.writeArrayFieldStart("workers");
      for (WorkerView worker : status.fleet().workers()) {
        worker(json, worker, status.descriptors(worker.pid()));
      }
      json.writeEndArray();
      json.writeObjectFieldStart("totals");
      totals(json, status);
      json.writeEndObject();
      TopicTotals.of(status).write(json);
      latency(json, status.latency());
      ReportedMetrics.write(json, status.metrics());
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a StringWriter has no I/O to fail
    }
    return text.append('\n').toString();
  }

  private static void listener(JsonGenerator json, Status.ListenerView listener)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("name", listener.name());
    json.writeStringField("endpoint", listener.endpoint());
    json.writeStringField("codec", listener.codec());
    json.writeStringField("service", listener.service());
    json.writeStringField("placement", listener.placement());
    tls(json, listener);
    json.writeNumberField("accepted", listener.accepted());
    json.writeNumberField("refused", listener.refused());
    json.writeNumberField("limited", listener.limited());
    json.writeNumberField("denied", listener.denied());
    json.writeNumberField("open", listener.open());
    json.writeNumberField("admitted", listener.returning().admitted());
    json.writeNumberField("away", listener.returning().away());
    json.writeNumberField("seeking", listener.returning().seeking());
    json.writeArrayFieldStart("services");
    for (ServiceSessions service : listener.services()) {
      json.writeStartObject();
      json.writeStringField("name", service.service());
      sessions(json, service.counts());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeStringField("state", listener.state().toLowerCase(Locale.ROOT));
    json.writeStringField("problem", listener.problem());
    json.writeEndObject();
  }

  private static void sessions(JsonGenerator json, SessionCounts counts) throws IOException {
    json.writeNumberField("sessions", counts.sessions());
    json.writeNumberField("away", counts.away());
    json.writeNumberField("heldBytes", counts.heldBytes());
    json.writeNumberField("streams", counts.streams());
    json.writeNumberField("asks", counts.asks());
  }

  private static void tls(JsonGenerator json, Status.ListenerView listener) throws IOException {
    if (!listener.hasTls()) {
      json.writeNullField("tls");
      return;
    }
    json.writeObjectFieldStart("tls");
    json.writeArrayFieldStart("certificates");
    for (ServerCertificate certificate : listener.certificates()) {
      json.writeStartObject();
      json.writeArrayFieldStart("names");
      for (String name : certificate.names()) {
        json.writeString(name);
      }
      json.writeEndArray();
      json.writeStringField("chain", certificate.chain().toString());
      json.writeStringField("expires", certificate.expires().at().toString());
      json.writeStringField("expiringIssuer", certificate.expires().issuer());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void mesh(JsonGenerator json, Load.Mesh mesh) throws IOException {
    json.writeObjectFieldStart("mesh");
    json.writeNumberField("links", mesh.links());
    json.writeNumberField("sent", mesh.sent());
    json.writeNumberField("received", mesh.received());
    json.writeNumberField("dropped", mesh.dropped());
    json.writeNumberField("waitingBytes", mesh.waitingBytes());
    json.writeEndObject();
    Load.Broker broker = mesh.broker();
    json.writeObjectFieldStart("broker");
    json.writeStringField("state", broker.state().name().toLowerCase(Locale.ROOT));
    json.writeNumberField("machines", broker.machines());
    json.writeNumberField("published", broker.published());
    json.writeNumberField("received", broker.received());
    json.writeNumberField("dropped", broker.dropped());
    json.writeEndObject();
  }

  private static void descriptors(JsonGenerator json, DescriptorUse use) throws IOException {
    json.writeNumberField("openDescriptors", use.open());
    json.writeNumberField("maxDescriptors", use.limit());
  }

  private static void worker(JsonGenerator json, WorkerView worker, DescriptorUse descriptors)
      throws IOException {
    Load load = worker.load();
    json.writeStartObject();
    json.writeNumberField("slot", worker.slot());
    json.writeNumberField("pid", worker.pid());
    descriptors(json, descriptors);
    json.writeNumberField("generation", worker.generation());
    json.writeStringField("state", worker.state().toLowerCase(Locale.ROOT));
    json.writeNumberField("connections", load.connections());
    json.writeNumberField("inFlight", load.inFlight());
    json.writeNumberField("loopBusy", load.busyPermille() / 1000.0);
    json.writeNumberField("queueDepth", load.queueDepth());
    Load.Callbacks callbacks = load.callbacks();
    json.writeObjectFieldStart("longestCallbackSeconds");
    json.writeNumberField("ring", callbacks.ringNanos() / NANOS_PER_SECOND);
    json.writeNumberField("virtual", callbacks.virtualNanos() / NANOS_PER_SECOND);
    json.writeEndObject();
    json.writeNumberField("standstillSeconds", callbacks.standstillNanos() / NANOS_PER_SECOND);
    json.writeNumberField("heapUsedBytes", load.heapUsedBytes());
    json.writeNumberField("rssBytes", load.rssBytes());
    json.writeNumberField("heldBytes", load.memory().held());
    json.writeNumberField("memoryBudgetBytes", load.memory().budget());
    json.writeNumberField("directBytes", load.memory().direct());
    json.writeNumberField("directLimitBytes", load.memory().directLimit());
    json.writeNumberField("spooledBytes", load.memory().spooled());
    mesh(json, load.mesh());
    json.writeNumberField("cpuSeconds", load.cpuNanos() / NANOS_PER_SECOND);
    json.writeNumberField("gcPauseSeconds", load.gcPauseNanos() / NANOS_PER_SECOND);
    json.writeNumberField("untaken", worker.untaken());
    json.writeNumberField("taken", worker.taken());
    json.writeNumberField("messagesIn", load.counters().messagesIn());
    json.writeNumberField("messagesOut", load.counters().messagesOut());
    json.writeNumberField("bytesIn", load.counters().bytesIn());
    json.writeNumberField("bytesOut", load.counters().bytesOut());
    json.writeNumberField("movedIn", load.counters().movedIn());
    json.writeNumberField("movedOut", load.counters().movedOut());
    json.writeNumberField("away", worker.away());
    returns(json, load.counters().returns());
    json.writeNumberField("restarts", worker.restarts());
    json.writeStringField("problem", worker.problem());
    json.writeNumberField("retryInSeconds", worker.retryInMs() / 1000.0);
    json.writeEndObject();
  }

  private static void returns(JsonGenerator json, Load.Returns returns) throws IOException {
    json.writeNumberField("lost", returns.lost());
    json.writeNumberField("resumed", returns.resumed());
    json.writeNumberField("superseded", returns.superseded());
    json.writeNumberField("expired", returns.expired());
    json.writeNumberField("displaced", returns.displaced());
    json.writeNumberField("forged", returns.forged());
    json.writeNumberField("later", returns.later());
  }

  private static void totals(JsonGenerator json, Status status) throws IOException {
    FleetView fleet = status.fleet();
    FleetView.Totals totals = fleet.totals();
    Load.Counters counters = totals.counters();
    json.writeNumberField("connections", status.connections());
    json.writeNumberField("accepted", sum(fleet, FleetView.ListenerCounts::accepted));
    json.writeNumberField("refused", sum(fleet, FleetView.ListenerCounts::refused));
    json.writeNumberField("limited", sum(fleet, FleetView.ListenerCounts::limited));
    json.writeNumberField("denied", sum(fleet, FleetView.ListenerCounts::denied));
    json.writeNumberField("blockedPeers", fleet.blockedPeers());
    json.writeNumberField("waiting", fleet.waiting());
    json.writeNumberField("admitted", sum(fleet, each -> each.returning().admitted()));
    json.writeNumberField("away", status.away());
    json.writeNumberField("seeking", fleet.seeking());
    json.writeNumberField("taken", counters.taken());
    json.writeNumberField("closed", counters.closed());
    json.writeNumberField("messagesIn", counters.messagesIn());
    json.writeNumberField("messagesOut", counters.messagesOut());
    json.writeNumberField("bytesIn", counters.bytesIn());
    json.writeNumberField("bytesOut", counters.bytesOut());
    json.writeNumberField("errors", counters.errors());
    json.writeNumberField("overflowed", counters.overflowed());
    json.writeNumberField("deniedOrigins", counters.deniedOrigins());
    json.writeNumberField("unanswered", counters.unanswered());
    json.writeNumberField("accessLogDropped", counters.accessLogDropped());
    json.writeNumberField("tlsHandshakesFull", counters.handshakes().full());
    json.writeNumberField("tlsHandshakesResumed", counters.handshakes().resumed());
    json.writeNumberField("tlsHandshakesFailed", counters.handshakes().failed());
    authentications(json, status);
    linkRefusals(json, counters.linkRefusals());
    json.writeNumberField("heldBack", counters.shed().heldBack());
    json.writeNumberField("refusedForMemory", counters.shed().refused());
    json.writeNumberField("evicted", counters.shed().evicted());
    json.writeNumberField("refusedForDisk", counters.shed().unspooled());
    json.writeNumberField("workerDeaths", totals.deaths());
    json.writeNumberField("lostWithWorker", totals.lost());
    json.writeNumberField("garbled", totals.garbled());
    json.writeNumberField("replaced", totals.replaced());
    json.writeNumberField("recalled", totals.recalled());
    json.writeNumberField("pipeFull", totals.blocked());
    json.writeNumberField("migrated", totals.migrated());
    json.writeNumberField("returned", totals.returned());
    json.writeNumberField("stranded", totals.stranded());
    json.writeNumberField("rebalances", totals.rebalances());
    json.writeNumberField("sought", totals.searches().sought());
    json.writeNumberField("found", totals.searches().found());
    json.writeNumberField("nowhere", totals.searches().nowhere());
    json.writeNumberField("soughtUnanswered", totals.searches().unanswered());
    json.writeNumberField("nowhereSlowed", totals.searches().slowed());
    returns(json, counters.returns());
    json.writeNumberField("logDiscarded", status.logDiscarded());
  }

  private static void authentications(JsonGenerator json, Status status) throws IOException {
    Load.Authentications all = status.fleet().totals().counters().authentications();
    json.writeNumberField("authenticationsAccepted", all.accepted());
    json.writeNumberField("authenticationsUnauthenticated", all.unauthenticated());
    json.writeNumberField("authenticationsForbidden", all.forbidden());
    json.writeNumberField("authenticationsUnavailable", all.unavailable());
    json.writeNumberField("authenticationsFailed", all.failed());
    json.writeNumberField("authenticationsTimedOut", all.timedOut());
    json.writeNumberField("authenticationsAbandoned", all.abandoned());
    json.writeNumberField("authenticationsRunning", status.authenticating());
    json.writeNumberField("limitedPerPrincipal", all.limited());
  }

  private static void linkRefusals(JsonGenerator json, Refusals refusals) throws IOException {
    json.writeObjectFieldStart("linkRefusals");
    for (Map.Entry<String, Long> each : refusals.byCode().entrySet()) {
      json.writeNumberField(each.getKey(), each.getValue());
    }
    json.writeEndObject();
  }

  /** Of all listeners, also those of former generations. */
  private static long sum(FleetView fleet, ToLongFunction<FleetView.ListenerCounts> count) {
    return fleet.listeners().stream().mapToLong(count).sum();
  }

  private static void latency(JsonGenerator json, Histogram latency) throws IOException {
    json.writeObjectFieldStart("serviceLatencyMillis");
    json.writeNumberField("count", latency.getTotalCount());
    json.writeNumberField("p50", latency.getValueAtPercentile(50) / NANOS_PER_MILLI);
    json.writeNumberField("p99", latency.getValueAtPercentile(99) / NANOS_PER_MILLI);
    json.writeNumberField("p999", latency.getValueAtPercentile(99.9) / NANOS_PER_MILLI);
    json.writeNumberField("max", latency.getMaxValue() / NANOS_PER_MILLI);
    json.writeEndObject();
  }
}
