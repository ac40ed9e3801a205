package io.baton.worker.memory;

/**
 * The account of all bytes that a worker's connections hold in memory: input that is not decoded
 * yet, bodies and messages that are arriving, messages that no service is done with, output that
 * clients have not taken. Whoever holds bytes books each change here, in plain fields, because all
 * of it happens on the event loop.
 *
 * <pre>
 *   0 ────────── 60 % ─── 70 % ─── 80 % ─── 90 % ─── 100 % of the limit
 *      AMPLE      │ relaxed │ TIGHT  │ SHORT  │ CRITICAL
 * </pre>
 *
 * <p>The limit is no wall: what a level means is the {@link MemoryPressure}'s to enforce, and the
 * rest of the worker's memory is there for what is booked late. Event loop only.
 */
public final class ByteBudget {
  /** Below this share of the limit, those who were held back go on. */
  static final int RELAXED_PERCENT = 60;

  /** From here on, connections that hold more than their share are not read. */
  static final int TIGHT_PERCENT = 70;

  /** From here on, nobody may begin a message that is longer than a share. */
  static final int SHORT_PERCENT = 80;

  /** From here on, those who hold most are ended. */
  static final int CRITICAL_PERCENT = 90;

  /** Of the limit, as much may be held by all connections without more than a share each. */
  private static final int SHARED = 4;

  /** The least and the most that a share may be, in bytes. */
  static final int LEAST_SHARE = 512;

  static final int MOST_SHARE = 16 * 1024;

  /** How much of the limit is held. */
  public enum Level {
    /** Nothing is restricted. */
    AMPLE,
    /** What makes it worse waits. */
    TIGHT,
    /** New messages of some length are refused. */
    SHORT,
    /** Memory is taken back. */
    CRITICAL
  }

  /** What is done about the level. Called within {@link #add}: not to act at once, only soon. */
  interface Watcher {
    /** The level is CRITICAL; said with every change while it is. */
    void critical();

    /** Less is held than {@value ByteBudget#RELAXED_PERCENT} percent; said with every change. */
    void relaxed();
  }

  private static final Watcher NOBODY =
      new Watcher() {
        @Override
        public void critical() {}

        @Override
        public void relaxed() {}
      };

  private final long limit;
  private final long relaxed;
  private final long tight;
  private final long critical;
  private Watcher watcher = NOBODY;
  private long held;

  /**
   * @param limit in bytes
   */
  public ByteBudget(long limit) {
    this.limit = limit;
    this.relaxed = percent(RELAXED_PERCENT);
    this.tight = percent(TIGHT_PERCENT);
    this.critical = percent(CRITICAL_PERCENT);
  }

  private long percent(int percent) {
    return limit / 100 * percent;
  }

  void watch(Watcher by) {
    watcher = by;
  }

  /** So many bytes more are held, or, if negative, fewer. */
  public void add(long change) {
    held += change;
    if (held >= critical) {
      watcher.critical();
    } else if (held < relaxed) {
      watcher.relaxed();
    }
  }

  public long held() {
    return held;
  }

  public long limit() {
    return limit;
  }

  /** Whether what makes it worse is to wait; asked at every read. */
  public boolean isTight() {
    return held >= tight;
  }

  /** Whether so many bytes more can be held, and nothing has to wait for it. */
  public boolean hasRoom(long bytes) {
    return bytes < tight - held;
  }

  public Level level() {
    if (held < tight) {
      return Level.AMPLE;
    }
    if (held < percent(SHORT_PERCENT)) {
      return Level.TIGHT;
    }
    return held < critical ? Level.SHORT : Level.CRITICAL;
  }

  /** How much must be freed for the level to be AMPLE again; nothing if it is. */
  long excess() {
    return Math.max(0, held - relaxed);
  }

  /**
   * What each of so many connections may hold however short memory is: small requests always fit.
   */
  int share(int connections) {
    return Math.clamp(limit / SHARED / Math.max(1, connections), LEAST_SHARE, MOST_SHARE);
  }
}
