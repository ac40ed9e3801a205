package io.baton.codec;

/** The outcome of a client's wish to go on with a session that it had before. */
public sealed interface Meeting {

  /**
   * The session is in this worker. If the codec finds that the client may go on with it, {@link
   * CodecContext#replace} puts this connection in the place of the one that it had.
   *
   * @param flow the codec's part of the session, which may have no connection now
   */
  record Here(Flow flow) implements Meeting {}

  /**
   * The connection has gone to look for the session in other workers: the codec's handlers are
   * removed, and nothing more is called.
   */
  record Elsewhere() implements Meeting {}

  /** There is no such session, or not any more. */
  record Nowhere() implements Meeting {}

  /** It cannot be said now: the client is to try again in a moment. */
  record Later() implements Meeting {}
}
