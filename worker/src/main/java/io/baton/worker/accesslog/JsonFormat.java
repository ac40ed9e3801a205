package io.baton.worker.accesslog;

import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lines of JSON, one object each, in US-ASCII. Fields without a value are left out; bytes of a
 * client's text that are not ASCII are written as characters, one for each.
 */
final class JsonFormat implements LineFormat {
  private final int worker;

  /**
   * @param worker slot of this worker
   */
  JsonFormat(int worker) {
    this.worker = worker;
  }

  @Override
  public void append(AccessEntry entry, StringBuilder to) {
    AccessEntry.Subject subject = entry.subject();
    to.append("{\"time\":\"").append(Instant.ofEpochMilli(entry.timeMs())).append('"');
    to.append(",\"type\":\"").append(entry instanceof RequestEntry ? "request" : "session");
    to.append('"');
    text("listener", subject.listener(), to);
    number("worker", worker, to);
    if (subject.session() != 0) {
      number("session", subject.session(), to);
    }
    text("remote", Escapes.remote(subject), to);
    text("user", subject.principal(), to);
    switch (entry) {
      case RequestEntry request -> append(request, to);
      case SessionEntry session -> append(session, to);
    }
    to.append("}\n");
  }

  private static void append(RequestEntry request, StringBuilder to) {
    RequestEntry.Asked asked = request.asked();
    if (asked != null) {
      text("method", asked.method(), to);
      text("target", Escapes.masked(asked.target()), to);
      text("protocol", asked.version(), to);
      text("host", asked.host(), to);
      text("route", asked.route(), to);
    }
    number("status", request.status(), to);
    number("bytes", request.bytes(), to);
    duration(TimeUnit.NANOSECONDS.toMillis(request.nanos()), to);
    if (asked != null) {
      text("referer", Escapes.masked(asked.referer()), to);
      text("userAgent", asked.userAgent(), to);
    }
    if (request.unfinished() != null) {
      text("end", CombinedFormat.word(request.unfinished()), to);
    }
  }

  private static void append(SessionEntry session, StringBuilder to) {
    SessionTraffic traffic = session.traffic();
    if (!session.route().isEmpty()) {
      text("route", session.route(), to);
    }
    text("opened", Instant.ofEpochMilli(session.openedMs()).toString(), to);
    duration(session.timeMs() - session.openedMs(), to);
    number("messagesIn", traffic.messagesIn(), to);
    number("bytesIn", traffic.bytesIn(), to);
    number("messagesOut", traffic.messagesOut(), to);
    number("bytesOut", traffic.bytesOut(), to);
    number("moves", traffic.moves(), to);
    text("end", CombinedFormat.word(session.why()), to);
  }

  private static void duration(long ms, StringBuilder to) {
    to.append(",\"duration\":");
    CombinedFormat.seconds(ms, to);
  }

  private static void number(String name, long value, StringBuilder to) {
    to.append(",\"").append(name).append("\":").append(value);
  }

  private static void text(String name, @Nullable String value, StringBuilder to) {
    if (value != null) {
      to.append(",\"").append(name).append("\":");
      Escapes.json(value, to);
    }
  }
}
