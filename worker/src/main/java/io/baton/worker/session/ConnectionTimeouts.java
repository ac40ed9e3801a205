package io.baton.worker.session;

import io.baton.codec.Flow;
import io.baton.config.Settings.Timeouts;
import io.baton.worker.time.Clock;
import io.baton.worker.time.Wheel;
import io.netty.channel.ChannelOutboundBuffer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The times that a client has: for its first byte, for the rest of what it began, to say something
 * again, to take what it is sent. No time runs against it while it is the service's turn; then the
 * service has a time to answer in, where one is configured. And a client that has ended its side is
 * probed while it waits for an answer, because it may have left.
 *
 * <p>One alarm serves all of them. An event only notes its time; when the alarm rings, what is left
 * is computed, and the alarm set for that. Event loop only.
 */
final class ConnectionTimeouts extends Wheel.Alarm {
  private static final long NEVER = Long.MAX_VALUE;

  /** Between requests, where it is the client's turn and no idle-timeout is configured. */
  private static final long CLIENTS_TURN_MS = 75_000;

  /** Between two looks whether a client that has ended its side is still there. */
  private static final long PROBE_MS = 3_000;

  /** The one that the conversation waits for. */
  enum Turn {
    /** Time stands still: the session moves, or no carrier bears it. */
    NOBODY,
    /** Messages are unprocessed, or the client is not read for want of memory. */
    SERVICE,
    CLIENT,
    /** The client has ended its side, whether or not all that it has sent is decoded. */
    LAST_ANSWERS,
    /** The session is to end once its messages are processed. */
    CLOSING
  }

  /** The session, as its timeouts see it. */
  interface Owner {
    Turn turn();

    Flow.Phase phase();

    /** Returns the times of the route that the conversation is at. */
    default Timeouts timeouts(Timeouts usual) {
      return usual;
    }

    /** Whether more than signs of life has arrived since the last call. */
    boolean takeActivity();

    /** Whether a read is being handed out: {@link #read} will come. */
    boolean isReading();

    /** What was flushed and the kernel has not taken; null if nothing waits. */
    @Nullable ChannelOutboundBuffer unsentBuffer();

    /** The client had its time. */
    void timedOut();

    /** The service had its time. */
    void unanswered(long ms);

    /** The client, which has ended its side, is to be sent something. */
    void probe();

    /** The client takes nothing of what it is sent. */
    void writeTimedOut();

    /** Whether a thread of the service waits until the client takes something. */
    boolean isAwaitedBySender();

    /** The client lets nothing be sent, and a thread of the service waits for that. */
    void creditTimedOut();

    /** The codec failed when it was asked where the conversation is. */
    void codecFailed(RuntimeException cause);
  }

  private final Owner owner;
  private final Timeouts usual;
  private final Clock clock;

  /** The client has to speak between messages, so that its silence is bounded. */
  private boolean clientSpeaks;

  /** When the present carrier began to bear the session. */
  private long since;

  /** When more than signs of life last came or went, or the service was last done. */
  private long active;

  /** When the wait for the client's next bytes, or for its reaction to a probe, began. */
  private long read;

  /** When the head of the message that is arriving began, or the one that is answered was whole. */
  private long began;

  private boolean inHead;
  private boolean spoke;
  private boolean over;

  /** Set while the client does not take all that was sent, which is rare. */
  private @Nullable WriteTimeout write;

  /** Set while the codec keeps back more than the high-water mark. */
  private @Nullable CreditTimeout credit;

  /** The time that the alarm is set for, if it is set. */
  private long plannedFor;

  ConnectionTimeouts(Owner owner, Timeouts usual, Clock clock) {
    this.owner = owner;
    this.usual = usual;
    this.clock = clock;
  }

  /** Sets whether the protocol has the client speak between messages. */
  void clientSpeaks(boolean clientSpeaks) {
    this.clientSpeaks = clientSpeaks;
  }

  private Timeouts timeouts() {
    return owner.timeouts(usual);
  }

  private long now() {
    return clock.nanos();
  }

  void begin() {
    active = now();
    since = active;
    read = active;
    began = active; // of a message too whose beginning another carrier has brought
    plan();
  }

  long since() {
    return since;
  }

  long lastActive() {
    return active;
  }

  /** No time runs until the next {@link #begin}: what waited is not this carrier's any more. */
  void pause() {
    write = null;
    credit = null;
    clear();
  }

  /** No time runs any more. */
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
    if (owner.takeActivity()) {
      active = now;
    }
    read = now;
    spoke = true;
    lookAtHead(now);
    plan();
  }

  private void lookAtHead(long now) {
    Flow.Phase phase = owner.phase();
    boolean head = phase == Flow.Phase.HEAD;
    if (phase != Flow.Phase.ASKED && !(head && inHead)) {
      began = now;
    }
    inHead = head;
  }

  /** A message is handed out: it, and what arrives next, have times of their own. */
  void received(long now) {
    active = now;
    inHead = false;
    began = now;
    spoke = true;
  }

  /** A companion hands out a message; what arrives on it has times of its own. */
  void receivedElsewhere(long now) {
    active = now;
    spoke = true;
  }

  /**
   * The same as {@link #read} on a companion.
   *
   * @param activity whether more than signs of life was read
   */
  void readElsewhere(boolean handedOut, boolean activity) {
    if (activity && !handedOut) { // else receivedElsewhere has told the time
      active = now();
    }
    spoke = true;
    plan();
  }

  /** The service is done with a message. */
  void processed(long now) {
    read = now;
    processedElsewhere(now);
  }

  /** The service is done with a message that may be a companion's. */
  void processedElsewhere(long now) {
    active = now;
    if (!owner.isReading()) { // else read() comes yet, and plans the same
      plan();
    }
  }

  /** Something went out; it may have been what the client has so long to answer. */
  void sent() {
    if (isSettledLater()) {
      if (!owner.isReading() && owner.phase() == Flow.Phase.ANSWER) {
        active = now(); // a piece of an answer that may go on for long
      }
      return;
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
  void turnChanged() {
    if (isSettledLater()) {
      return;
    }
    active = now();
    read = active;
    plan();
  }

  /** Whether something that tells the time comes yet, so that a message reads the clock twice. */
  private boolean isSettledLater() {
    return owner.isReading() || owner.turn() == Turn.SERVICE;
  }

  /** What could be sent is with the kernel; what could not waits for the client. */
  void flushed() {
    if (write != null || writeNanos() == 0) {
      return;
    }
    ChannelOutboundBuffer unsent = owner.unsentBuffer();
    if (unsent != null) {
      write = new WriteTimeout(unsent, now());
      plan();
    }
  }

  /**
   * The codec keeps back so much of what the service has sent.
   *
   * @param full whether that is too much, so that a thread that sends waits
   */
  void keepsBack(long bytes, boolean full) {
    CreditTimeout waiting = credit;
    if (!full || writeNanos() == 0) {
      credit = null;
    } else if (waiting != null) {
      waiting.note(bytes, now());
    } else {
      credit = new CreditTimeout(bytes, now());
      plan();
    }
  }

  private long writeNanos() {
    return TimeUnit.MILLISECONDS.toNanos(timeouts().writeMs());
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
        check();
      } catch (RuntimeException e) {
        owner.codecFailed(e);
      }
    }
  }

  private void check() {
    long now = now();
    WriteTimeout waiting = write;
    if (waiting != null && waiting.isOver(owner.unsentBuffer(), now)) {
      write = null;
      active = now;
    }
    if (writeNanos() == 0) { // the conversation is at a route without
      write = null;
      credit = null;
    }
    if (write == null && isDue(probeDue(), now)) {
      read = now;
      owner.probe();
    }
    if (credit != null && !owner.isAwaitedBySender() && isDue(creditDue(), now)) {
      credit.restart(now); // nobody is held up
    }
    if (!isDue(due(), now)) {
      plan();
    } else if (write != null) {
      owner.writeTimedOut();
    } else if (isDue(creditDue(), now)) {
      owner.creditTimedOut();
    } else if (owner.phase() == Flow.Phase.ASKED) {
      owner.unanswered(TimeUnit.NANOSECONDS.toMillis(now - began));
    } else {
      owner.timedOut();
    }
  }

  private static boolean isDue(long due, long now) {
    return due != NEVER && due - now <= 0;
  }

  /** Returns when the client's time ends, or the service's, as things are. */
  private long due() {
    Turn turn = owner.turn();
    if (turn == Turn.NOBODY) {
      return NEVER;
    }
    WriteTimeout waiting = write;
    if (waiting != null && writeNanos() != 0) {
      return waiting.due(writeNanos());
    }
    return earlier(creditDue(), due(turn));
  }

  private long due(Turn turn) {
    return switch (turn) {
      case NOBODY -> NEVER;
      case SERVICE -> answerDue();
      case CLOSING -> earlier(after(active, closingMs()), answerDue());
      case LAST_ANSWERS -> earlier(earlier(after(active, idleMs()), answerDue()), probeDue());
      case CLIENT ->
          switch (owner.phase()) {
            case IDLE -> after(active, spoke ? idleMs() : firstByteMs());
            case HEAD -> after(began, timeouts().headerMs());
            case BODY -> after(read, timeouts().readMs());
            case ASKED -> answerDue();
            case ANSWER -> NEVER;
          };
    };
  }

  private long creditDue() {
    CreditTimeout waiting = credit;
    return waiting == null || writeNanos() == 0 ? NEVER : waiting.due(writeNanos());
  }

  private long answerDue() {
    return owner.phase() == Flow.Phase.ASKED ? after(began, timeouts().responseMs()) : NEVER;
  }

  private long probeDue() {
    return owner.turn() == Turn.LAST_ANSWERS && owner.phase() == Flow.Phase.ASKED
        ? after(read, PROBE_MS)
        : NEVER;
  }

  private static long earlier(long a, long b) {
    if (a == NEVER || b == NEVER) {
      return a == NEVER ? b : a;
    }
    return b - a < 0 ? b : a;
  }

  private static long after(long since, long ms) {
    return ms == 0 ? NEVER : since + TimeUnit.MILLISECONDS.toNanos(ms);
  }

  private long idleMs() {
    long idle = timeouts().idleMs();
    if (idle != Timeouts.AUTO) {
      return idle;
    }
    return clientSpeaks ? CLIENTS_TURN_MS : 0;
  }

  /** A client that has said its last waits for no answer: a service must not keep it for ever. */
  private long closingMs() {
    long idle = idleMs();
    return idle == 0 ? CLIENTS_TURN_MS : idle;
  }

  private long firstByteMs() {
    long firstByte = timeouts().firstByteMs();
    return firstByte == Timeouts.AUTO ? idleMs() : firstByte;
  }
}
