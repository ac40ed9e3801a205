package io.baton.pipe;

import io.baton.pipe.SessionDescription.Detail;
import io.baton.pipe.SessionDescription.State;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a {@link SessionDescription}, or of none.
 *
 * <pre>
 * u8 0: there is no such session
 * u8 1, text listener, text service, peer, u8 via (0 or 1), peer if 1, text principal,
 *       u8 state (0 open, 1 away, 2 moving, 3 ending), i64 sinceMs, i64 graceMs (-1: not away),
 *       i64 heldBytes, i64 unsentBytes, i32 unprocessed,
 *       u8 n (at most MAX_DETAILS), n x {text name, text value}
 * </pre>
 */
final class SessionDescriptionCodec {
  private static final int MAX_PRINCIPAL_BYTES = 256;

  private SessionDescriptionCodec() {}

  static void write(@Nullable SessionDescription session, FieldWriter to) {
    to.flag(session != null);
    if (session == null) {
      return;
    }
    to.text(session.listener(), Message.MAX_PROTOCOL_BYTES)
        .text(session.service(), Message.MAX_PROTOCOL_BYTES);
    PeerCodec.write(session.peer(), to);
    PeerCodec.writeOrNone(session.via(), to);
    to.text(session.principal(), MAX_PRINCIPAL_BYTES)
        .u8(session.state().code)
        .i64(session.sinceMs())
        .i64(session.graceMs())
        .i64(session.heldBytes())
        .i64(session.unsentBytes())
        .i32(session.unprocessed());
    write(session.details(), to);
  }

  private static void write(List<Detail> details, FieldWriter to) {
    if (details.size() > SessionDescription.MAX_DETAILS) {
      throw new IllegalStateException(details.size() + " details of a session");
    }
    to.u8(details.size());
    for (Detail each : details) {
      to.text(each.name(), SessionDescription.MAX_DETAIL_NAME_BYTES)
          .text(each.value(), SessionDescription.MAX_DETAIL_VALUE_BYTES);
    }
  }

  static @Nullable SessionDescription read(FieldReader from) throws MalformedMessageException {
    if (!from.flag()) {
      return null;
    }
    return new SessionDescription(
        from.text(Message.MAX_PROTOCOL_BYTES),
        from.text(Message.MAX_PROTOCOL_BYTES),
        PeerCodec.read(from),
        PeerCodec.readOrNone(from),
        from.text(MAX_PRINCIPAL_BYTES),
        from.oneOf(State.values(), c -> c.code, "state of a session"),
        from.count64(),
        readGrace(from),
        from.count64(),
        from.count64(),
        from.count32(),
        readDetails(from));
  }

  private static long readGrace(FieldReader from) throws MalformedMessageException {
    long grace = from.i64();
    if (grace < -1) {
      throw new MalformedMessageException("a grace of " + grace);
    }
    return grace;
  }

  private static List<Detail> readDetails(FieldReader from) throws MalformedMessageException {
    int n = from.u8();
    if (n > SessionDescription.MAX_DETAILS) {
      throw new MalformedMessageException(n + " details of a session");
    }
    List<Detail> details = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      details.add(
          new Detail(
              from.text(SessionDescription.MAX_DETAIL_NAME_BYTES),
              from.text(SessionDescription.MAX_DETAIL_VALUE_BYTES)));
    }
    return details;
  }
}
