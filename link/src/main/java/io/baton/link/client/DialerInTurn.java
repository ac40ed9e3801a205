package io.baton.link.client;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * A way to a service on several machines: to the one that it has led to last, until there is no
 * connection to that; then to the next one in the list. For one thread.
 */
final class DialerInTurn implements Dialer {
  private final List<Dialer> all;
  private int next;

  /**
   * @param all at least one
   */
  DialerInTurn(List<Dialer> all) {
    this.all = all;
  }

  @Override
  public LinkConnection dial(Duration longest) throws IOException, InterruptedException {
    boolean done = false;
    try {
      LinkConnection connection = all.get(next).dial(longest);
      done = true;
      return connection;
    } finally {
      if (!done) {
        next = (next + 1) % all.size();
      }
    }
  }
}
