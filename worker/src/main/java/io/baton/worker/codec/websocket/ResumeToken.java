package io.baton.worker.codec.websocket;

import io.baton.service.SessionKey;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Optional;

/** A secret of 128 random bits with which a client shows that a session is its own. */
record ResumeToken(long high, long low) {
  static final int BYTES = 2 * Long.BYTES;

  private static final SecureRandom RANDOM = new SecureRandom();

  static ResumeToken random() {
    return new ResumeToken(RANDOM.nextLong(), RANDOM.nextLong());
  }

  /** Reads what {@link #toString} has written; empty if it is something else. */
  static Optional<ResumeToken> parse(String text) {
    return SessionKey.parse(text).map(same -> new ResumeToken(same.high(), same.low()));
  }

  /** Whether it is this one; how long that takes tells nothing of it. */
  boolean matches(ResumeToken other) {
    return ((high ^ other.high) | (low ^ other.low)) == 0;
  }

  static ResumeToken read(ByteBuffer from) {
    return new ResumeToken(from.getLong(), from.getLong());
  }

  /** Returns its bytes. */
  ByteBuffer bytes() {
    return ByteBuffer.allocate(BYTES).putLong(high).putLong(low).flip();
  }

  void write(ByteBuffer to) {
    to.putLong(high).putLong(low);
  }

  /** Returns it in the form of a {@link SessionKey}. */
  @Override
  public String toString() {
    return new SessionKey(high, low).toString();
  }
}
