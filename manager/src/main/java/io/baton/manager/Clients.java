package io.baton.manager;

import io.baton.posix.Fd;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The descriptors of all clients that no worker has taken yet, by the number of their handoff. */
final class Clients {
  private final Map<Long, Fd> descriptors = new HashMap<>();
  private long last;

  /**
   * Becomes the owner.
   *
   * @return the handoff's number
   */
  long own(Fd client) {
    descriptors.put(++last, client);
    return last;
  }

  Fd get(long handoff) {
    return present(descriptors.get(handoff), handoff);
  }

  /** A worker owns the client now. */
  void release(long handoff) {
    present(descriptors.remove(handoff), handoff).release();
  }

  /** Nobody will. */
  void end(long handoff) {
    present(descriptors.remove(handoff), handoff).end();
  }

  private static Fd present(@Nullable Fd client, long handoff) {
    if (client == null) {
      throw new IllegalStateException("handoff " + handoff + " is not ours");
    }
    return client;
  }
}
