package io.baton.worker.accesslog;

import io.baton.service.CloseReason;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * The format "combined" of nginx and Apache. The line of a session has the same fields, with {@code
 * SESSION} and its route for a request and the status 000, and behind them its own.
 *
 * <pre>
 *   192.0.2.7 - alice [29/Nov/2026:19:00:00 +0000] "GET /hello HTTP/1.1" 200 12 "-" "curl/8.5.0"
 *   192.0.2.7 - alice [29/Nov/2026:19:00:00 +0000] "SESSION /chat" 000 220 "-" "-"
 *       end=client listener=web session=17 duration=12.345 in=3/120 out=4/220 moves=1
 * </pre>
 *
 * (The latter is one line.)
 */
final class CombinedFormat implements LineFormat {
  private static final long SECOND_MS = 1_000;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("'['dd/MMM/yyyy:HH:mm:ss Z']'", Locale.ENGLISH);

  private final ZoneId zone;
  private long second = Long.MIN_VALUE;
  private String time = "";

  CombinedFormat(ZoneId zone) {
    this.zone = zone;
  }

  @Override
  public void append(AccessEntry entry, StringBuilder to) {
    AccessEntry.Subject subject = entry.subject();
    Escapes.bare(Escapes.bytes(Escapes.remote(subject)), to);
    to.append(" - ");
    Escapes.bare(Escapes.bytes(subject.principal()), to);
    to.append(' ').append(time(entry.timeMs())).append(" \"");
    switch (entry) {
      case RequestEntry request -> append(request, to);
      case SessionEntry session -> append(session, to);
    }
    to.append('\n');
  }

  /** The same for all lines of a second, almost always. */
  private String time(long ms) {
    long at = Math.floorDiv(ms, SECOND_MS);
    if (at != second) {
      second = at;
      time = TIME.format(Instant.ofEpochSecond(at).atZone(zone));
    }
    return time;
  }

  private static void append(RequestEntry request, StringBuilder to) {
    RequestEntry.Asked asked = request.asked();
    if (asked == null) {
      to.append('-');
    } else {
      Escapes.quoted(asked.method(), to);
      to.append(' ');
      Escapes.quoted(Escapes.masked(asked.target()), to);
      to.append(' ').append(asked.version());
    }
    to.append("\" ");
    status(request.status(), to);
    to.append(' ').append(request.bytes()).append(" \"");
    Escapes.quoted(asked == null ? null : Escapes.masked(asked.referer()), to);
    to.append("\" \"");
    Escapes.quoted(asked == null ? null : asked.userAgent(), to);
    to.append('"');
  }

  private static void status(int status, StringBuilder to) {
    if (status == RequestEntry.NONE) {
      to.append("000");
    } else {
      to.append(status);
    }
  }

  private static void append(SessionEntry session, StringBuilder to) {
    SessionTraffic traffic = session.traffic();
    to.append("SESSION ");
    Escapes.quoted(Escapes.bytes(session.route()), to);
    to.append("\" 000 ").append(traffic.bytesOut()).append(" \"-\" \"-\" end=");
    to.append(word(session.why())).append(" listener=").append(session.subject().listener());
    to.append(" session=").append(session.subject().session()).append(" duration=");
    seconds(session.timeMs() - session.openedMs(), to);
    to.append(" in=").append(traffic.messagesIn()).append('/').append(traffic.bytesIn());
    to.append(" out=").append(traffic.messagesOut()).append('/').append(traffic.bytesOut());
    to.append(" moves=").append(traffic.moves());
  }

  /** Returns the word for a reason in all formats. */
  static String word(CloseReason why) {
    return why.name().toLowerCase(Locale.ROOT);
  }

  /** Appends milliseconds as seconds with three decimals. */
  static void seconds(long ms, StringBuilder to) {
    long positive = Math.max(0, ms);
    to.append(positive / SECOND_MS).append('.');
    long rest = positive % SECOND_MS;
    to.append((char) ('0' + rest / 100)).append((char) ('0' + rest / 10 % 10));
    to.append((char) ('0' + rest % 10));
  }
}
