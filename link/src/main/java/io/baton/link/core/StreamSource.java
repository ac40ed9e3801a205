package io.baton.link.core;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The bytes of a stream that are kept outside the core, for example in a file. Until the peer has
 * consumed them they can be read again, so the core keeps no copy. Called like the core, by one
 * thread at a time, inside {@link LinkCore#write(ByteBuffer)}.
 */
public interface StreamSource {
  /**
   * Reads bytes, as many as there is room for or fewer.
   *
   * @param position of the first byte, from 0
   * @return how many; less than 1 means that the source has no byte there, which fails the stream
   * @throws IOException if it cannot be read; the stream ends with {@link LinkCode#ERROR} at what
   *     was sent
   */
  int read(long position, ByteBuffer to) throws IOException;

  /** Returns up to 65,536 bytes of which {@link Sources#open} makes a source of the same bytes. */
  byte[] saved();

  /** Learns that the core reads no more. Called once. */
  void close();
}
