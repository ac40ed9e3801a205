package io.baton.worker.session;

import io.baton.codec.UnderWay;
import io.baton.worker.memory.Holder;
import io.baton.worker.migration.MovableSession;

/** An open session as drains, migrations and the memory's guard see it. Event loop only. */
public interface ManagedSession extends MovableSession, InspectedSession {

  /** The index of its listener in the worker's configuration. */
  int listener();

  /** The name of the protocol that is spoken, one of its listener's. */
  String protocol();

  /** Whether its client has lost its connection and may come back. */
  boolean isAway();

  /** The streams and asks that its codec has open; none if the codec fails to tell. */
  UnderWay underWay();

  /** The memory that it holds. */
  Holder holder();

  /**
   * Tells its client to come back at another machine, if it may; it waits for it then, or did
   * before.
   *
   * @return false if it does not wait
   */
  boolean redirect();

  /** Has its codec end it at a point where no message is lost. */
  void goodbye();

  /** Ends it now if nothing is under way. */
  void endIfIdle();

  /** Ends it now, whatever is under way. */
  void abort();
}
