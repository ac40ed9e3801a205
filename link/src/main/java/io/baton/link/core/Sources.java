package io.baton.link.core;

import java.io.IOException;

/** The way back from a saved {@link StreamSource} to a source of the same bytes. */
@FunctionalInterface
public interface Sources {
  /**
   * Opens a source again.
   *
   * @throws IOException if it is not there or not the same; its stream ends with {@link
   *     LinkCode#ERROR}
   */
  StreamSource open(byte[] saved) throws IOException;
}
