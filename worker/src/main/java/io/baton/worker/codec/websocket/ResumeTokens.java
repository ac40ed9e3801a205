package io.baton.worker.codec.websocket;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The secrets with which a client shows that a session is its own: the one that it was told last,
 * and those before that it may still hold, because the welcome with the next one was lost or went
 * to a connection that another one overtook. Immutable.
 *
 * <p>The one that the client has shown last is the last to be forgotten: it surely has that.
 *
 * @param all the newest first
 */
record ResumeTokens(List<ResumeToken> all) {
  private static final int MAX = 3;

  ResumeTokens {
    all = List.copyOf(all);
  }

  /** Makes those of a session that begins. */
  static ResumeTokens first() {
    return new ResumeTokens(List.of(ResumeToken.random()));
  }

  ResumeToken current() {
    return all.getFirst();
  }

  /** Whether it is one of these; how long that takes tells nothing of them. */
  boolean contains(ResumeToken shown) {
    boolean found = false;
    for (ResumeToken each : all) {
      found |= each.matches(shown);
    }
    return found;
  }

  /**
   * Returns these with a new one for a client that is back.
   *
   * @param shown by that client
   */
  ResumeTokens renewed(ResumeToken shown) {
    List<ResumeToken> next = new ArrayList<>(MAX + 1);
    next.add(ResumeToken.random());
    next.add(shown);
    for (ResumeToken each : all) {
      if (next.size() < MAX && !each.matches(shown)) {
        next.add(each);
      }
    }
    return new ResumeTokens(next);
  }

  /**
   * Reads what {@link #write} has written, up to the end.
   *
   * @throws IllegalArgumentException if it is something else
   */
  static ResumeTokens read(ByteBuffer from) {
    int bytes = from.remaining();
    if (bytes == 0 || bytes % ResumeToken.BYTES != 0 || bytes > MAX * ResumeToken.BYTES) {
      throw new IllegalArgumentException(
          "tokens of %d bytes; they are 1 to %d of %d".formatted(bytes, MAX, ResumeToken.BYTES));
    }
    List<ResumeToken> all = new ArrayList<>(MAX);
    while (from.hasRemaining()) {
      all.add(ResumeToken.read(from));
    }
    return new ResumeTokens(all);
  }

  int bytes() {
    return all.size() * ResumeToken.BYTES;
  }

  void write(ByteBuffer to) {
    all.forEach(each -> each.write(to));
  }
}
