package io.baton.manager.fleet;

/**
 * Connections that workers gave: how many are on their way, how many may be, and what became of
 * those that were. Each is counted as migrated, returned or stranded.
 *
 * <p>A session of several connections is one of those on their way, and counts as all of them where
 * it comes to what became of them.
 *
 * <p>How many may be goes by how long they take, since a connection on its way is not served: one
 * more for each that arrived within {@value #QUICK_MS} ms, one fewer for each that took longer. So
 * the window doubles with each window's worth while all goes well, and shrinks as fast when the
 * takers cannot keep up, as when their code is cold.
 */
final class Moves {
  static final int LEAST_WINDOW = 4;
  static final int QUICK_MS = 20;

  private int window = LEAST_WINDOW;
  private int underWay;
  private long migrated;
  private long returned;
  private long stranded;
  private long strandedSessions;

  /** The manager has it. */
  void begun(Handoff handoff, Worker source) {
    source.away += handoff.connections();
    underWay++;
  }

  /**
   * A worker has it, perhaps the one that gave it.
   *
   * @param most how many may be on their way at the very most
   */
  void arrived(Handoff handoff, Worker source, Worker taker, long tookMs, int most) {
    window =
        Math.clamp(
            tookMs <= QUICK_MS ? window + 1L : window - 1L,
            LEAST_WINDOW,
            Math.max(LEAST_WINDOW, most));
    leftManager(handoff, source);
    int connections = handoff.connections();
    if (taker == source) {
      if (source.unmoved.add(handoff.id, handoff.unreadable)) {
        returned += connections;
      }
      return;
    }
    source.unmoved.moved(handoff.id);
    migrated += connections;
    boolean isGone = taker.duty != source.duty; // not only at another of those that leave
    if (source.leave != null && isGone) {
      source.leave.migrated += connections;
    }
  }

  /** No worker would have it. */
  void ended(Handoff handoff, Worker source) {
    leftManager(handoff, source);
    lost(handoff, source);
  }

  /** It was given and never came. */
  void lost(Handoff handoff, Worker source) {
    int connections = handoff.connections();
    stranded += connections;
    strandedSessions++;
    if (source.leave != null) {
      source.leave.closed += connections;
    }
  }

  /** No worker would have it, without a session, once its client was to be told of its search. */
  void endedUnserved() {
    stranded++;
  }

  private void leftManager(Handoff handoff, Worker source) {
    source.away -= handoff.connections();
    underWay--;
  }

  /** Sessions that nobody serves now. */
  int underWay() {
    return underWay;
  }

  /** How many of them may be on their way. */
  int window() {
    return window;
  }

  /** Those who take from now on have cold code. */
  void begin() {
    window = LEAST_WINDOW;
  }

  /** Those that another worker has taken. */
  long migrated() {
    return migrated;
  }

  /** Those that went back; one that does so again and again is counted once. */
  long returned() {
    return returned;
  }

  /** Those that ended. */
  long stranded() {
    return stranded;
  }

  /** Sessions that ended so, whatever connections they had. */
  long strandedSessions() {
    return strandedSessions;
  }
}
