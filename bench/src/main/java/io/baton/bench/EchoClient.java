package io.baton.bench;

import java.io.IOException;

/** A client of an echo, over one of the protocols that are compared. */
interface EchoClient {
  /** What a session hears. Called by one thread at a time. */
  interface Listener {
    void answered(byte[] payload);

    /** The session has ended, but was not closed here. */
    void lost(String why);
  }

  /** A session, on a connection of its own. */
  interface Session extends AutoCloseable {
    /**
     * Sends a message. Called by the thread that opened the session until the first answer, then in
     * its listener.
     */
    void send(byte[] payload);

    /** Closes it, and returns when the server has confirmed that. */
    @Override
    void close();
  }

  Session open(Listener listener) throws IOException;
}
