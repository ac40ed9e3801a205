package io.baton.pipe;

/** The reason why a worker does not take a handoff. */
public enum Refusal {
  /** The worker is out of descriptors: the client's could not be received. */
  NO_DESCRIPTORS(1),
  /** The worker drains and takes nothing new. */
  DRAINING(2),
  /** The client's descriptor could not be made a connection. */
  UNUSABLE(3),
  /** Codec or service cannot go on with the saved state. */
  UNREADABLE(4),
  /** The session that the client wants is not here. */
  NOT_HERE(5),
  /** The session that the client wants is here, but on its way to another worker or to this one. */
  NOT_YET(6);

  final int code;

  Refusal(int code) {
    this.code = code;
  }
}
