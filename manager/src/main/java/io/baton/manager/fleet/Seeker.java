package io.baton.manager.fleet;

import io.baton.pipe.HandoffKind.Unserved;
import io.baton.service.SessionKey;
import org.jspecify.annotations.Nullable;

/** A connection whose client wants to go on with a session, while that is searched for. */
final class Seeker {
  /** The connection; it was refused by the workers that do not have the session. */
  final Handoff handoff;

  final SessionKey wanted;

  /** In which the session began. */
  final int slot;

  /** The worker that gave it, which is the last one to be asked: it did not have the session. */
  final Worker source;

  /** The worker that has the session, as far as is known. */
  @Nullable Worker next;

  /** Not before this time is a worker asked. */
  long againMs;

  /** The session has moved since the question that is not answered yet. */
  boolean outdated;

  /** A worker could not have the connection, and did not say whether it has the session. */
  boolean unsure;

  Seeker(Handoff handoff, Unserved kind, Worker source) {
    this.handoff = handoff;
    this.wanted = kind.wanted();
    this.slot = kind.slot();
    this.source = source;
  }
}
