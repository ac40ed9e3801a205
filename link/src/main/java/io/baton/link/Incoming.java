package io.baton.link;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * A byte stream that the other side sends. Exactly one of {@link #input}, {@link #to} and the two
 * {@code refuse} is called, once, in {@link LinkHandler#streamed} or later; until then at most a
 * window of its bytes is received. All methods may be called from any thread.
 */
public interface Incoming {
  /** Returns the name that the other side has given it; not checked, so not a safe file name. */
  String name();

  /** Returns how many bytes the other side has announced; empty if it did not know. */
  OptionalLong length();

  /**
   * Accepts the stream and returns its bytes for one reader, which waits for them. A read fails
   * with a {@link LinkException} if the stream ends before its end: with the sender's code, 19
   * (CORRUPT) if the bytes are not those that were sent, which shows at the end only, or the code
   * of the session's {@link Ending}. Closing the stream early tells the sender that nothing more is
   * read. An interrupt of the reading thread ends its wait with a {@link
   * java.io.InterruptedIOException}, and the stream stays usable.
   *
   * @throws IllegalStateException if the stream is accepted or refused already
   */
  InputStream input();

  /**
   * Accepts the stream and writes it into a file, on a thread of its own: the file is made, or
   * overwritten from its beginning. {@link LinkHandler#transferred} tells the end, too. Cancelling
   * the future stops the stream with code 18 (BYE).
   *
   * @return the number of bytes when the file is complete. Fails with a {@link LinkException} as a
   *     read does, with 16 (ERROR) if the file cannot be written, or with 20 (MOVED) if the session
   *     goes on in another worker, which goes on writing. What was written stays in the file
   * @throws IllegalStateException if the stream is accepted or refused already
   */
  CompletableFuture<Long> to(Path file);

  /** Refuses the stream with code 13. */
  default void refuse() {
    refuse(13);
  }

  /**
   * Refuses the stream; the sender's {@link Outgoing#done} fails with this code.
   *
   * @param code as in {@link Ending#code}: from {@value Ending#FIRST_OF_APPLICATIONS} on an
   *     application's own
   * @throws IllegalStateException if the stream is accepted or refused already
   * @throws IllegalArgumentException if the code is not from 1 to 65535
   */
  void refuse(int code);
}
