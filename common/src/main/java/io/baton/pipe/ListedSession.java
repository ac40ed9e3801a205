package io.baton.pipe;

import io.baton.service.SessionKey;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One session in a list of them.
 *
 * @param id its number for as long as the server runs; who came first has the lowest
 * @param key under which its client finds it again; null if it cannot
 * @param idleMs for how long nothing but signs of life has come or gone in it, in this worker
 * @param session the rest, without details
 */
public record ListedSession(
    long id, @Nullable SessionKey key, long idleMs, SessionDescription session) {

  /**
   * Writes {@code u8 n, n x {i64 id, u8 key (0 or 1), i64 high and i64 low if 1, i64 idleMs,
   * session}}, the session as in {@link SessionDescriptionCodec}.
   */
  static void write(List<ListedSession> all, FieldWriter to) {
    if (all.size() > Message.MAX_LISTED) {
      throw new IllegalStateException(all.size() + " sessions in a list");
    }
    to.u8(all.size());
    for (ListedSession each : all) {
      SessionKey key = each.key();
      to.i64(each.id()).flag(key != null);
      if (key != null) {
        to.i64(key.high()).i64(key.low());
      }
      SessionDescriptionCodec.write(each.session(), to.i64(each.idleMs()));
    }
  }

  /** Reads what {@link #write} has written. */
  static List<ListedSession> read(FieldReader from) throws MalformedMessageException {
    int n = from.u8();
    if (n > Message.MAX_LISTED) {
      throw new MalformedMessageException("a list of " + n + " sessions");
    }
    List<ListedSession> all = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      long id = from.i64();
      SessionKey key = from.flag() ? new SessionKey(from.i64(), from.i64()) : null;
      long idleMs = from.count64();
      SessionDescription session = SessionDescriptionCodec.read(from);
      if (session == null) {
        throw new MalformedMessageException("a list with a session that is not there");
      }
      all.add(new ListedSession(id, key, idleMs, session));
    }
    return all;
  }
}
