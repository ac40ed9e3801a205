package io.baton.worker.session;

import io.baton.codec.Flow;
import io.baton.config.Settings.Timeouts;
import io.baton.worker.time.Clock;
import io.baton.worker.time.Wheel;
import java.util.concurrent.TimeUnit;

/**
 * The times that the client has on one companion for a message that it has begun: {@code
 * header-timeout} for its head, {@code read-timeout} for each piece of the rest, whatever the
 * session's other connections do. Time stands still while the companion is not read. Event loop
 * only.
 */
final class ReadWatch extends Wheel.Alarm {

  /** The connection that is watched. */
  interface Connection {
    Flow.Phase phase();

    /** Whether the client could bring more now. */
    boolean isRead();

    /** The client had its time. */
    void readTimedOut();
  }

  private final Connection connection;
  private final Clock clock;
  private final Timeouts timeouts;

  /** What is arriving, as far as that is known. */
  private Flow.Phase phase = Flow.Phase.IDLE;

  /** When the head began, or the last piece came. */
  private long began;

  /** The time that the alarm is set for, if it is set. */
  private long plannedFor;

  ReadWatch(Connection connection, Timeouts timeouts, Clock clock) {
    this.connection = connection;
    this.timeouts = timeouts;
    this.clock = clock;
  }

  /** A message is handed out: what arrives next has a time of its own. */
  void received() {
    phase = Flow.Phase.IDLE;
  }

  /** Bytes came, or waited, and were dealt with. */
  void read() {
    Flow.Phase next = connection.phase();
    if (next != Flow.Phase.HEAD || phase != Flow.Phase.HEAD) {
      began = clock.nanos();
    }
    phase = next;
    plan();
  }

  /** Returns how long that may take; 0: as long as it likes. */
  private long ms() {
    return switch (phase) {
      case HEAD -> timeouts.headerMs();
      case BODY -> timeouts.readMs();
      case IDLE, ASKED, ANSWER -> 0;
    };
  }

  private long due() {
    return began + TimeUnit.MILLISECONDS.toNanos(ms());
  }

  /** Makes sure that the alarm rings when the time is over; earlier does no harm. */
  private void plan() {
    if (ms() > 0 && (!isSet() || due() - plannedFor < 0)) {
      plannedFor = due();
      clock.set(this, plannedFor);
    }
  }

  @Override
  protected void ring() {
    long now = clock.nanos();
    if (!connection.isRead()) {
      began = now;
    }
    if (ms() > 0 && due() - now <= 0) {
      connection.readTimedOut();
    } else {
      plan();
    }
  }

  /** Nothing is watched any more. */
  void end() {
    phase = Flow.Phase.IDLE;
    clear();
  }
}
