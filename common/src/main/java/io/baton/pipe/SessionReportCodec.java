package io.baton.pipe;

import io.baton.pipe.Message.SessionReport;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of a {@link SessionReport}.
 *
 * <pre>
 * u8 n (at most MAX_SERVICES), n x {u16 listener, text service, counts}, counts of the others
 * counts: u32 sessions, u32 away (at most sessions), i64 heldBytes (not negative), u32 streams, u32 asks
 * </pre>
 */
final class SessionReportCodec {
  private static final long MAX_U32 = 0xFFFF_FFFFL;

  private SessionReportCodec() {}

  static void write(SessionReport report, FieldWriter to) {
    if (report.services().size() > Message.MAX_SERVICES) {
      throw new IllegalStateException(report.services().size() + " services in a report");
    }
    to.u8(report.services().size());
    for (ServiceSessions each : report.services()) {
      to.u16(each.listener()).text(each.service(), Message.MAX_PROTOCOL_BYTES);
      write(each.counts(), to);
    }
    write(report.others(), to);
  }

  static SessionReport read(FieldReader from) throws MalformedMessageException {
    int n = from.u8();
    if (n > Message.MAX_SERVICES) {
      throw new MalformedMessageException("a report of " + n + " services");
    }
    List<ServiceSessions> services = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      services.add(
          new ServiceSessions(from.u16(), from.text(Message.MAX_PROTOCOL_BYTES), readCounts(from)));
    }
    return new SessionReport(services, readCounts(from));
  }

  private static void write(SessionCounts counts, FieldWriter to) {
    to.u32(Math.min(counts.sessions(), MAX_U32))
        .u32(Math.min(counts.away(), MAX_U32))
        .i64(counts.heldBytes())
        .u32(Math.min(counts.streams(), MAX_U32))
        .u32(Math.min(counts.asks(), MAX_U32));
  }

  private static SessionCounts readCounts(FieldReader from) throws MalformedMessageException {
    SessionCounts counts =
        new SessionCounts(from.u32(), from.u32(), from.count64(), from.u32(), from.u32());
    if (counts.away() > counts.sessions()) {
      throw new MalformedMessageException(
          "a count of %d away among %d sessions".formatted(counts.away(), counts.sessions()));
    }
    return counts;
  }
}
