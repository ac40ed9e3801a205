package io.baton.manager.fleet;

/**
 * Connections that workers gave: how many are on their way, how many may be, and what became of
 * those that were. Each is counted as migrated, returned or stranded.
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

  /** The manager has it. */
  void begun(Worker source) {
    source.away++;
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
    leftManager(source);
    if (taker == source) {
      if (source.unmoved.add(handoff.id, handoff.unreadable)) {
        returned++;
      }
      return;
    }
    source.unmoved.moved(handoff.id);
    migrated++;
    boolean isGone = taker.duty != source.duty; // not only at another of those that leave
    if (source.leave != null && isGone) {
      source.leave.migrated++;
    }
  }

  /** No worker would have it. */
  void ended(Worker source) {
    leftManager(source);
    lost(source);
  }

  /** It was given and never came. */
  void lost(Worker source) {
    stranded++;
    if (source.leave != null) {
      source.leave.closed++;
    }
  }

  /** No worker would have it, without a session, once its client was to be told of its search. */
  void endedUnserved() {
    stranded++;
  }

  private void leftManager(Worker source) {
    source.away--;
    underWay--;
  }

  /** Connections that nobody serves now. */
  int underWay() {
    return underWay;
  }

  /** How many connections may be on their way. */
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
}
