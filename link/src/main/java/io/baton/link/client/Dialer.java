package io.baton.link.client;

import java.io.IOException;
import java.time.Duration;

/** A way to connect to one server. */
interface Dialer {
  /**
   * Tries to connect, once.
   *
   * @param longest bounds the attempt
   * @throws IOException if there is no connection; a later attempt may succeed
   * @throws InterruptedException if the thread was interrupted
   */
  LinkConnection dial(Duration longest) throws IOException, InterruptedException;
}
