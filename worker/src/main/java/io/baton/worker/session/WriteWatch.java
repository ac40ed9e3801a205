package io.baton.worker.session;

import io.baton.worker.time.Clock;
import io.baton.worker.time.Wheel;
import io.netty.channel.ChannelOutboundBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The {@link WriteTimeout} of one companion, with an alarm of its own: whether the client takes
 * what it is sent, whatever the session's other connections do. Event loop only.
 */
final class WriteWatch extends Wheel.Alarm {

  /** The connection that is watched. */
  interface Connection {
    /** What was flushed and the kernel has not taken; null if nothing waits. */
    @Nullable ChannelOutboundBuffer unsentBuffer();

    /** Whether time stands still: the session moves. */
    boolean isFrozen();

    /** The client takes nothing. */
    void writeTimedOut();
  }

  private final Connection connection;
  private final Clock clock;
  private final long timeoutNanos;

  /** Set while the client does not take all that was sent. */
  private @Nullable WriteTimeout waiting;

  /**
   * @param timeoutNanos 0: the client has all the time it wants
   */
  WriteWatch(Connection connection, Clock clock, long timeoutNanos) {
    this.connection = connection;
    this.clock = clock;
    this.timeoutNanos = timeoutNanos;
  }

  /** What could be sent is with the kernel. */
  void flushed() {
    if (waiting == null && timeoutNanos > 0) {
      ChannelOutboundBuffer unsent = connection.unsentBuffer();
      if (unsent != null) {
        watch(new WriteTimeout(unsent, clock.nanos()));
      }
    }
  }

  private void watch(WriteTimeout from) {
    waiting = from;
    clock.set(this, from.due(timeoutNanos));
  }

  @Override
  protected void ring() {
    WriteTimeout timeout = waiting;
    ChannelOutboundBuffer unsent = connection.unsentBuffer();
    long now = clock.nanos();
    if (timeout == null || unsent == null || timeout.isOver(unsent, now)) {
      waiting = null;
    } else if (connection.isFrozen()) {
      watch(new WriteTimeout(unsent, now));
    } else if (timeout.due(timeoutNanos) - now <= 0) {
      connection.writeTimedOut();
    } else {
      watch(timeout);
    }
  }

  /** Nothing is watched any more. */
  void end() {
    waiting = null;
    clear();
  }
}
