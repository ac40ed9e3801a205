package io.baton.link.client;

import io.baton.service.Peer;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A connection that carries a session for a while: a stream of bytes each way.
 *
 * <p>One thread reads and one thread writes at a time; they never wait for each other. Both calls
 * block. {@link #close} may be called by any thread and ends calls that are blocked.
 */
interface LinkConnection extends Closeable {
  /**
   * Waits for bytes.
   *
   * @return how many bytes were read, at least 1, or -1 if the other side sends no more
   */
  int read(ByteBuffer to) throws IOException;

  /** Writes all that remains, waiting as long as that takes. */
  void write(ByteBuffer from) throws IOException;

  /** Returns who is at the other end. */
  Peer peer();

  /** Ends the connection. Does nothing if it has ended. */
  @Override
  void close();

  /** Closes what is not needed any more, where a failure changes nothing. */
  static void closeQuietly(Closeable what) {
    try {
      what.close();
    } catch (IOException e) {
      // The descriptor is given back to the system in any case.
    }
  }
}
