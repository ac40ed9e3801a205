package io.baton.worker.identity;

import io.baton.service.Principal;
import io.baton.service.RequestHead;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a session's client and travels with the session. Immutable, and read by any
 * thread.
 *
 * @param principal null: nobody
 * @param handshake the request that has opened the session; null: none has
 */
public record Identity(@Nullable Principal principal, @Nullable RequestHead handshake) {
  /** Of a client of which nothing is known. */
  public static final Identity NONE = new Identity(null, null);

  /** Most bytes of UTF-8 that the parts of a handshake have together. */
  public static final int MAX_HANDSHAKE_BYTES = 8 * 1024;

  /** Returns the principal's name; null if there is none. */
  public @Nullable String name() {
    return principal == null ? null : principal.name();
  }

  public Identity with(@Nullable Principal other) {
    return new Identity(other, handshake);
  }

  public Identity with(RequestHead other) {
    return new Identity(principal, other);
  }
}
