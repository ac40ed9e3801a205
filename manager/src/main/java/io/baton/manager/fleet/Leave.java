package io.baton.manager.fleet;

/**
 * A worker's leave, from the moment at which others serve in its place until its end, and what
 * becomes of the connections that it had.
 */
final class Leave {
  /** What can move has moved by then; the rest is said goodbye to. */
  long deadlineMs;

  /** The deadline has passed. */
  boolean isOver;

  /** When a worker that was told to drain has to be gone. */
  long goneByMs;

  /** Another worker has them. */
  long migrated;

  /** They came to their own end. */
  long finished;

  /** They were there too long, were lost with the worker, or nobody would have them. */
  long closed;

  Leave(long deadlineMs) {
    this.deadlineMs = deadlineMs;
  }

  /** The rest of it, with nothing counted yet. */
  Leave rest() {
    Leave rest = new Leave(deadlineMs);
    rest.isOver = isOver;
    rest.goneByMs = goneByMs;
    return rest;
  }

  /** Connections have ended. */
  void departed(int count) {
    if (isOver) {
      closed += count;
    } else {
      finished += count;
    }
  }
}
