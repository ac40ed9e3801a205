package io.baton.manager;

import io.baton.manager.fleet.StopMode;

/** What a manager tells of itself to the server that it is a part of, on the manager's thread. */
interface LifecycleListener {
  /** All workers are READY for the first time. Called once at most. */
  void started();

  /** A stop was asked for. */
  void stopping(StopMode mode);
}
