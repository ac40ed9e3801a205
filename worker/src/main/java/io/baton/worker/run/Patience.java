package io.baton.worker.run;

import io.baton.codec.Flow;
import io.baton.config.Settings.Timeouts;
import io.baton.service.CloseReason;
import io.baton.worker.channel.Unsent;
import io.baton.worker.time.Wheel;
import io.netty.channel.ChannelOutboundBuffer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

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

  /** Between requests, where it is the client's turn and nothing else was said. */
  private static final long CLIENTS_TURN_MS = 75_000;

  private final Connection connection;

  /** When the last bytes came or went, or the service was done. */
  private long active;

  /** Since when it waits for the client's next bytes: the last came, or the service was done. */
  private long read;

  /** Since when the head of the message that is arriving is. */
  private long headBegan;

  private boolean inHead;
  private boolean spoke;

  /** What the client does not take; mostly it takes all. */
  private @Nullable Debt debt;

  /** What the alarm is set for, if it is set. */
  private long plannedFor;

  private boolean over;

  Patience(Connection connection) {
    this.connection = connection;
  }

  private long now() {
    return connection.host().clock().nanos();
  }

  void begin() {
    active = now();
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

  /**
   * Bytes came, or the end of them, and were dealt with.
   *
   * @param handedOut whether a message was handed out meanwhile, which has told the time
   */
  void read(boolean handedOut) {
    long now = handedOut ? active : now();
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
    active = now;
    inHead = false;
    headBegan = now;
    spoke = true;
  }

  /** The service is done with a message. */
  void processed(long now) {
    active = now;
    read = now;
    if (!connection.outlet().isReading()) { // else read() comes yet, and looks at the same
      plan();
    }
  }

  /** Something went out; it may have been what the client has so long to answer. */
  void sent() {
    if (connection.outlet().isReading()) {
      return; // as above
    }
    long now = now();
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
    if (connection.outlet().isReading()) {
      return; // as above
    }
    active = now();
    read = active;
    plan();
  }

  /** What could be sent is with the kernel; what could not waits for the client. */
  void flushed() {
    ChannelOutboundBuffer unsent = Unsent.of(connection.channel());
    if (unsent != null && debt == null && writeNanos() > 0) {
      debt = new Debt(connection.channel(), unsent, now());
      plan();
    }
  }

  private long writeNanos() {
    return TimeUnit.MILLISECONDS.toNanos(connection.timeouts().writeMs());
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
      connection.host().clock().set(this, due);
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
    long now = now();
    Debt owed = debt;
    if (owed != null && owed.isPaid(now)) {
      debt = null;
      active = now;
    }
    long due = due();
    if (due == NEVER || due - now > 0) {
      plan();
    } else if (debt != null) {
      connection.abort(CloseReason.TIMEOUT);
    } else {
      connection.timedOut();
    }
  }

  /** When patience ends, as things are. */
  private long due() {
    if (connection.window().isFrozen()) {
      return NEVER;
    }
    Debt owed = debt;
    if (owed != null) {
      return owed.due(writeNanos());
    }
    if (connection.isClosing()) {
      return after(active, closingMs());
    }
    if (connection.isInputEnded()) {
      return after(active, idleMs()); // it may be gone: nobody would hear what is being worked on
    }
    if (!connection.window().quiet() || connection.window().isHeldBack()) {
      return NEVER;
    }
    return switch (connection.session().flow().phase()) {
      case IDLE -> after(active, spoke ? idleMs() : firstByteMs());
      case HEAD -> after(headBegan, connection.timeouts().headerMs());
      case BODY -> after(read, connection.timeouts().readMs());
      case ANSWER -> NEVER;
    };
  }

  private static long after(long since, long ms) {
    return ms == 0 ? NEVER : since + TimeUnit.MILLISECONDS.toNanos(ms);
  }

  private long idleMs() {
    long idle = connection.timeouts().idleMs();
    if (idle != Timeouts.AUTO) {
      return idle;
    }
    return connection.session().protocol().codec().clientsTurn() ? CLIENTS_TURN_MS : 0;
  }

  /** Who has said its last waits for no answer: what still works on one must not keep it. */
  private long closingMs() {
    long idle = idleMs();
    return idle == 0 ? CLIENTS_TURN_MS : idle;
  }

  private long firstByteMs() {
    long firstByte = connection.timeouts().firstByteMs();
    return firstByte == Timeouts.AUTO ? idleMs() : firstByte;
  }
}
