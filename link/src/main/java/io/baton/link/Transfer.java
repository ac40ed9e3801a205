package io.baton.link;

import java.nio.file.Path;

/**
 * The end of a stream from a file or into one, as told to {@link LinkHandler#transferred}.
 *
 * @param name of the stream
 * @param incoming true if this side has received it
 * @param bytes that were transferred: all, if it is complete
 * @param how code 0 if it is complete; otherwise as the stream's future fails
 */
public record Transfer(String name, boolean incoming, Path file, long bytes, Ending how) {
  /** Returns whether all bytes have arrived at the other side, and are those that were sent. */
  public boolean isComplete() {
    return how.code() == 0 && !how.isLost();
  }
}
