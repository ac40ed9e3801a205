package io.baton.pipe;

import io.baton.service.SessionKey;

/** The name of one session, in a question of the manager's to its workers. */
public sealed interface SessionRef {

  /** A session that its client finds again, by its key. */
  record ByKey(SessionKey key) implements SessionRef {
    @Override
    public String toString() {
      return "%016x%016x".formatted(key.high(), key.low());
    }
  }

  /** Any session, by the number that it has for as long as the server runs. */
  record ById(long id) implements SessionRef {
    @Override
    public String toString() {
      return Long.toString(id);
    }
  }

  /** Writes {@code u8 kind: 0 by key, 1 by id; i64 high or id, i64 low or 0}. */
  static void write(SessionRef ref, FieldWriter to) {
    switch (ref) {
      case ByKey its -> to.u8(0).i64(its.key().high()).i64(its.key().low());
      case ById its -> to.u8(1).i64(its.id()).i64(0);
    }
  }

  /** Reads what {@link #write} has written. */
  static SessionRef read(FieldReader from) throws MalformedMessageException {
    int kind = from.u8();
    long high = from.i64();
    long low = from.i64();
    if (kind == 1 && low == 0) {
      return new ById(high);
    }
    if (kind != 0) {
      throw FieldReader.unknown("name of a session", kind);
    }
    return new ByKey(new SessionKey(high, low));
  }
}
