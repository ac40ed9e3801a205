package io.baton.worker.run;

import io.baton.config.Settings.Timeouts;
import io.baton.service.CloseReason;
import io.baton.worker.codec.Flow;
import io.baton.worker.time.Clock;
import io.baton.worker.time.Wheel;
import io.netty.channel.ChannelOutboundBuffer;
import java.util.concurrent.TimeUnit;

/**
 * How long a connection waits for its client: for its first byte, for the rest of what it began, to
 * say something again, to take what it is sent. While it is the service's turn nobody waits for the
 * client.
 *
 * <p>One alarm for all of it. What happens only notes the time; when the alarm rings, it is looked
 * up how long is left, and the alarm set for that.
 */
final class Patience extends Wheel.Alarm {
  private static final long NEVER = Long.MAX_VALUE;

  /** How often it is looked whether a client takes anything, per timeout. */
  private static final int LOOKS = 8;

  /** Between requests, where it is the client's turn and nothing else was said. */
  private static final long CLIENTS_TURN_MS = 75_000;

  private final Connection connection;
  private final Clock clock;
  private final Timeouts timeouts;

  /** When the last bytes came or went, or the service was done. */
  private long active;

  /** When the last bytes came. */
  private long read;

  /** Since when the head of the message that is arriving is. */
  private long headBegan;

  private boolean inHead;
  private boolean spoke;

  /** When the client last took something of what waits for it, and how that looked then. */
  private long took;

  private boolean owed;
  private long looked;
  private int owedFirst;
  private long owedProgress;

  /** What the alarm is set for, if it is set. */
  private long plannedFor;

  private boolean over;

  Patience(Connection connection, Clock clock, Timeouts timeouts) {
    this.connection = connection;
    this.clock = clock;
    this.timeouts = timeouts;
  }

  void begin() {
    active = clock.nanos();
    read = active;
    plan();
  }

  long lastActive() {
    return active;
  }

  /** Nobody waits any more. */
  void end() {
    over = true;
    clear();
  }

  // ---- what happens ----

  void read() {
    long now = clock.nanos();
    active = now;
    read = now;
    spoke = true;
    lookAtHead(now);
    plan();
  }

  private void lookAtHead(long now) {
    boolean head = connection.session().flow().phase() == Flow.Phase.HEAD;
    if (!head || !inHead) {
      headBegan = now;
    }
    inHead = head;
  }

  /** A message is handed out: what arrives next has a time of its own. */
  void received(long now) {
    inHead = false;
    headBegan = now;
    spoke = true;
  }

  /** Something went out; it may have been what the client has so long to answer. */
  void sent() {
    long now = clock.nanos();
    active = now;
    if (!over) {
      lookAtHead(now);
      if (inHead) {
        plan();
      }
    }
  }

  /** It may be the client's turn now. */
  void changed() {
    active = clock.nanos();
    plan();
  }

  /** What could be sent is with the kernel; what could not waits for the client. */
  void flushed() {
    if (!owed && timeouts.writeMs() > 0 && isOwed()) {
      owed = true;
      took = clock.nanos();
      looked = took;
      note();
      plan();
    }
  }

  // ---- how long that may take ----

  /** Makes sure that the alarm rings when there may be something to do; earlier does no harm. */
  private void plan() {
    if (over) {
      return;
    }
    long due = due();
    if (due == NEVER) {
      return;
    }
    if (!isSet() || due - plannedFor < 0) {
      plannedFor = due;
      clock.set(this, due);
    }
  }

  @Override
  protected void ring() {
    if (!over) {
      try {
        lookAround();
      } catch (RuntimeException e) {
        connection.fail(e); // a codec's mistake
      }
    }
  }

  private void lookAround() {
    long now = clock.nanos();
    if (owed) {
      look(now);
    }
    long due = due();
    if (due == NEVER || due - now > 0) {
      plan();
    } else if (owed) {
      connection.abort(CloseReason.TIMEOUT);
    } else {
      connection.end(CloseReason.TIMEOUT);
    }
  }

  /** When patience ends, as things are. */
  private long due() {
    if (connection.window().isFrozen()) {
      return NEVER;
    }
    if (owed) {
      long patience = TimeUnit.MILLISECONDS.toNanos(timeouts.writeMs());
      return Math.min(took + patience, looked + patience / LOOKS);
    }
    if (connection.isInputEnded()) {
      return after(active, idleMs()); // it may be gone: nobody would hear what is being worked on
    }
    if (!connection.window().quiet()) {
      return NEVER;
    }
    return switch (connection.session().flow().phase()) {
      case IDLE -> after(active, spoke ? idleMs() : firstByteMs());
      case HEAD -> after(headBegan, timeouts.headerMs());
      case BODY -> after(read, timeouts.readMs());
      case ANSWER -> NEVER;
    };
  }

  private static long after(long since, long ms) {
    return ms == 0 ? NEVER : since + TimeUnit.MILLISECONDS.toNanos(ms);
  }

  private long idleMs() {
    if (timeouts.idleMs() != Timeouts.AUTO) {
      return timeouts.idleMs();
    }
    return connection.session().protocol().codec().clientsTurn() ? CLIENTS_TURN_MS : 0;
  }

  private long firstByteMs() {
    return timeouts.firstByteMs() == Timeouts.AUTO ? idleMs() : timeouts.firstByteMs();
  }

  // ---- what the client takes ----

  private boolean isOwed() {
    ChannelOutboundBuffer buffer = connection.channel().unsafe().outboundBuffer();
    return buffer != null && !buffer.isEmpty();
  }

  private void note() {
    ChannelOutboundBuffer buffer = connection.channel().unsafe().outboundBuffer();
    if (buffer != null) {
      owedFirst = System.identityHashCode(buffer.current());
      owedProgress = buffer.currentProgress();
    }
  }

  /** Whether the first of what waits moved since the last look; how much waits says nothing. */
  private void look(long now) {
    if (!isOwed()) {
      owed = false;
      active = now;
      return;
    }
    looked = now;
    int first = owedFirst;
    long progress = owedProgress;
    note();
    if (first != owedFirst || progress != owedProgress) {
      took = now;
    }
  }
}
