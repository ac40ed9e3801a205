package io.baton.link;

import java.util.concurrent.CompletableFuture;

/** A byte stream that this side sends. All methods may be called from any thread. */
public interface Outgoing {
  /** Returns the name that the other side is told. */
  String name();

  /** Returns how many bytes have been written to a connection, those that may be lost included. */
  long sent();

  /**
   * Returns a future that completes when the other side has consumed all bytes. It fails with a
   * {@link LinkException} if the stream ends before: with the code of the other side if that reads
   * no more, 16 (ERROR) if the source cannot be read, 19 (CORRUPT) if the other side has received
   * other bytes than were sent, 20 (MOVED) if the session goes on in another worker, and the code
   * of the session's {@link Ending} otherwise. Cancelling the future does not cancel the stream.
   */
  CompletableFuture<Void> done();

  /** Ends the stream before its end. The reader is told, and {@link #done} fails with code 18. */
  void cancel();
}
