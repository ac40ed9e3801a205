package io.baton.pipe;

import io.baton.pipe.SessionDescription.State;
import org.jspecify.annotations.Nullable;

/**
 * The sessions that an operator wants to see: those for which all of it is true.
 *
 * @param listener name of their listener; empty for any
 * @param peers addresses of their clients, as the configuration's {@code allow} has them; empty for
 *     any
 * @param principal name of their principal; empty for any, or none
 * @param state what they are doing; null for anything
 * @param lastId the highest id that they may have: sessions have theirs in the order of their ages
 */
public record SessionFilter(
    String listener, String peers, String principal, @Nullable State state, long lastId) {
  /** All sessions. */
  public static final SessionFilter ALL = new SessionFilter("", "", "", null, Long.MAX_VALUE);

  /** Longest name of a principal, and range of peers, in bytes of UTF-8; the rest is cut off. */
  public static final int MAX_TEXT_BYTES = 256;

  private static final int ANY_STATE = 255;

  /** Returns the same filter, for sessions up to another id. */
  public SessionFilter upTo(long id) {
    return new SessionFilter(listener, peers, principal, state, id);
  }

  /** Writes {@code text listener, text peers, text principal, u8 state (255: any), i64 lastId}. */
  void write(FieldWriter to) {
    to.text(listener, Message.MAX_PROTOCOL_BYTES)
        .text(peers, MAX_TEXT_BYTES)
        .text(principal, MAX_TEXT_BYTES)
        .u8(state == null ? ANY_STATE : state.code)
        .i64(lastId);
  }

  /** Reads what {@link #write} has written. */
  static SessionFilter read(FieldReader from) throws MalformedMessageException {
    return new SessionFilter(
        from.text(Message.MAX_PROTOCOL_BYTES),
        from.text(MAX_TEXT_BYTES),
        from.text(MAX_TEXT_BYTES),
        readState(from.u8()),
        from.i64());
  }

  private static @Nullable State readState(int code) throws MalformedMessageException {
    if (code == ANY_STATE) {
      return null;
    }
    for (State each : State.values()) {
      if (each.code == code) {
        return each;
      }
    }
    throw FieldReader.unknown("state of a session", code);
  }
}
