package io.baton.worker.time;

import org.jspecify.annotations.Nullable;

/**
 * A hashed timing wheel (Varghese and Lauck, 1987): a ring of slots, one per tick, each a list of
 * the alarms of that tick of any round. Setting and clearing an alarm costs the same however many
 * there are. An alarm goes off in the tick after its time, so up to one tick late and never early.
 *
 * <p>Knows no clock and no thread: {@link #advance} is told the time. Not thread safe.
 */
public final class Wheel {
  private final long tickNanos;
  private final Alarm[] slots;
  private final long origin;

  /** The last tick that was handled. */
  private long tick;

  private int size;

  /**
   * @param slots a power of two
   * @param now nanoseconds of a monotonic clock
   */
  public Wheel(long tickNanos, int slots, long now) {
    this.tickNanos = tickNanos;
    this.slots = new Alarm[slots];
    for (int i = 0; i < slots; i++) {
      this.slots[i] = new Head();
    }
    this.origin = now;
  }

  /** Something that has to be done at a time; set and cleared any number of times. */
  public abstract static class Alarm {
    private @Nullable Wheel wheel;
    private Alarm before = this;
    private Alarm after = this;
    private long tick;

    /** Its time has come; it is cleared already and may be set again. */
    protected abstract void ring();

    /** Does nothing if it is not set. */
    public final void clear() {
      Wheel from = wheel;
      if (from != null) {
        unlink();
        wheel = null;
        from.size--;
      }
    }

    public final boolean isSet() {
      return wheel != null;
    }

    private void link(Alarm head) {
      before = head.before;
      after = head;
      before.after = this;
      head.before = this;
    }

    private void unlink() {
      before.after = after;
      after.before = before;
      before = this;
      after = this;
    }
  }

  /** Where a slot's list begins and ends. */
  private static final class Head extends Alarm {
    @Override
    protected void ring() {
      throw new AssertionError("a list's head is no alarm");
    }
  }

  /**
   * Sets the alarm, or sets it anew, for a time of the same clock.
   *
   * @return when it will ring: at the end of the tick
   */
  public long set(Alarm alarm, long at) {
    alarm.clear();
    alarm.wheel = this;
    alarm.tick = Math.max(tick + 1, Math.floorDiv(at - origin - 1, tickNanos) + 1);
    alarm.link(slots[slot(alarm.tick)]);
    size++;
    return origin + alarm.tick * tickNanos;
  }

  private int slot(long ofTick) {
    return (int) ofTick & slots.length - 1;
  }

  /** Rings all alarms whose time has come. */
  public void advance(long now) {
    long until = Math.floorDiv(now - origin, tickNanos);
    // After a long pause every slot is looked at once, not once for every round.
    tick = Math.max(tick, until - slots.length);
    while (tick < until) {
      tick++;
      ringSlot(slots[slot(tick)], until);
    }
  }

  /** What is due goes to a list of its own first: an alarm may set and clear any other. */
  private static void ringSlot(Alarm head, long until) {
    Alarm due = new Head();
    for (Alarm alarm = head.after; !alarm.equals(head); ) {
      Alarm next = alarm.after;
      if (alarm.tick <= until) {
        alarm.unlink();
        alarm.link(due);
      }
      alarm = next;
    }
    while (!due.after.equals(due)) {
      Alarm alarm = due.after;
      alarm.clear();
      alarm.ring();
    }
  }

  public boolean isEmpty() {
    return size == 0;
  }

  /** A time at or before which nothing rings: of the next tick whose slot is not empty. */
  public long nextRing() {
    for (long t = tick + 1; t <= tick + slots.length; t++) {
      Alarm head = slots[slot(t)];
      if (!head.after.equals(head)) {
        return origin + t * tickNanos;
      }
    }
    return Long.MAX_VALUE;
  }
}
