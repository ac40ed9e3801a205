package io.baton.worker.pipe;

import io.baton.pipe.Load;
import io.baton.pipe.MalformedMessageException;
import io.baton.pipe.Message;
import io.baton.pipe.Message.AllowMigrations;
import io.baton.pipe.Message.DescribeSession;
import io.baton.pipe.Message.Drain;
import io.baton.pipe.Message.FormInUse;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Message.Hello;
import io.baton.pipe.Message.ListSessions;
import io.baton.pipe.Message.Neighbours;
import io.baton.pipe.Message.Ping;
import io.baton.pipe.Message.Pong;
import io.baton.pipe.Message.SessionDescribed;
import io.baton.pipe.Message.ToManager;
import io.baton.pipe.Message.ToWorker;
import io.baton.pipe.Pipe;
import io.baton.pipe.Pipe.Empty;
import io.baton.pipe.Pipe.End;
import io.baton.pipe.Pipe.Packet;
import io.baton.posix.Fd;
import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The worker's end of the pipe, on the event loop like any channel: packets in, a bounded batch per
 * wake-up; answers and reports out.
 *
 * <pre>
 *   RECEIVING (EPOLLIN)  ── pipe full ──►  BLOCKED (EPOLLOUT only)
 *        ▲                                     │
 *        └──────────── all of it sent ─────────┘
 *   either ── end of input, nobody there, confusion ──►  closed
 * </pre>
 *
 * <p>While anything waits to be sent, nothing is received: a manager that does not read gets no
 * more answers to write, and no queue here grows.
 *
 * <p>What a manager never sends is our parent's confusion, which ends this process. No exception
 * leaves {@link #handle}: Netty would stop the loop for a second. Event loop only.
 */
public final class Intake implements EpollIoHandle {
  private final Pipe pipe;
  private final FileDescriptor fd;
  private final Orders orders;
  private final int maxBatch;
  private final Reception reception;
  private final Outbox outbox;
  private final Departures departures;
  private @Nullable IoRegistration registration;
  private @Nullable Runnable whenSent;
  private boolean blocked;
  private boolean closed;

  /**
   * @param departures of the connections that the adopter made
   * @param maxBatch messages received per wake-up, and so answers in one packet, at most, but for
   *     the rest of the last packet
   */
  public Intake(Pipe pipe, Adopter adopter, Departures departures, Orders orders, int maxBatch) {
    this.pipe = pipe;
    this.fd = new FileDescriptor(pipe.fd().number());
    this.reception = new Reception(adopter, this::flushUnlessBlocked);
    this.orders = orders;
    this.outbox = new Outbox(departures);
    this.departures = departures;
    departures.watch(this::flushUnlessBlocked);
    this.maxBatch = Math.min(maxBatch, Message.MAX_MESSAGES - Message.MAX_HANDOFFS);
  }

  /** Begins to receive. Nothing arrives before. */
  public void start(IoRegistration registration) {
    this.registration = registration;
    registration.submit(EpollIoOps.EPOLLIN);
  }

  // ---- out ----

  public void send(ToManager message) {
    outbox.add(message);
    flushUnlessBlocked();
  }

  /** As {@link #send}, but while the pipe is full it is dropped. */
  public void mention(ToManager message) {
    if (!blocked) {
      send(message);
    }
  }

  /** Sends the report; while it waits, a newer one takes its place. */
  public void report(Load load) {
    outbox.report(load);
    flushUnlessBlocked();
  }

  /**
   * Gives a connection to the manager.
   *
   * @return YES: it is the manager's; FULL: {@link Orders#roomAgain} will tell when to try again
   */
  public Pipe.Sent give(Handoff handoff, List<Fd> descriptors) {
    departures.settleBeforeGiven();
    if (closed) {
      return Pipe.Sent.GONE;
    }
    if (blocked) {
      return Pipe.Sent.FULL;
    }
    Pipe.Sent sent = pipe.send(List.of(handoff), descriptors);
    switch (sent) {
      case YES -> {}
      case FULL -> block(true);
      case GONE -> end();
    }
    return sent;
  }

  /** Whether a report of latency, of sessions or of metrics waits for the pipe. */
  public boolean reportsWait() {
    return outbox.reportsWait();
  }

  /** Runs the action once all that waits is sent, or never will be. */
  public void whenSent(Runnable action) {
    whenSent = action;
    tellWhenSent();
  }

  private void tellWhenSent() {
    Runnable action = whenSent;
    if (action != null && (closed || (reception.isSent() && outbox.isEmpty()))) {
      whenSent = null;
      action.run();
    }
  }

  /** Whether no connection waits for its Taken to go out. */
  public boolean settled() {
    return reception.isSettled();
  }

  private void flushUnlessBlocked() {
    if (!blocked && !closed) {
      flush();
    }
  }

  /** Sends as much as goes, answers first. */
  private void flush() {
    Pipe.Sent sent = reception.settle(pipe);
    if (closed) {
      return; // a session that just opened had something to report, and found the manager gone
    }
    if (sent == Pipe.Sent.YES) {
      sent = outbox.flush(pipe);
    }
    switch (sent) {
      case YES -> {
        boolean wasBlocked = blocked;
        block(false);
        if (wasBlocked) {
          orders.roomAgain();
        }
      }
      case FULL -> block(true);
      case GONE -> end();
    }
    tellWhenSent();
  }

  private void block(boolean now) {
    if (blocked != now) {
      blocked = now;
      IoRegistration r = registration;
      if (r != null) {
        // Level triggered: what we do not want to hear of must not be asked for.
        r.submit(now ? EpollIoOps.EPOLLOUT : EpollIoOps.EPOLLIN);
      }
    }
  }

  // ---- in ----

  @Override
  public void handle(IoRegistration registration, IoEvent event) {
    try {
      if (closed) {
        return;
      }
      if (((EpollIoEvent) event).ops().contains(EpollIoOps.EPOLLOUT)) {
        flush();
      }
      if (!blocked && !closed) {
        receive();
      }
    } catch (Throwable t) {
      confused(t);
    }
  }

  private void receive() throws MalformedMessageException {
    boolean end = false;
    ToWorker drain = null;
    boolean more = true;
    int received = 0;
    while (received < maxBatch && more) {
      switch (pipe.receive()) {
        case Packet packet -> {
          received += packet.messages().size();
          ToWorker asked = accept(packet);
          drain = asked == null ? drain : asked;
        }
        case Empty _ -> more = false;
        case End _ -> {
          more = false;
          end = true;
        }
      }
    }
    flush();
    switch (drain) {
      case Drain m -> orders.drain(m.timeoutMs());
      case Message.Redirect m -> orders.redirect(m.timeoutMs());
      case null, default -> {
        // It goes on.
      }
    }
    if (end) {
      end();
    }
  }

  /**
   * Does what the packet says, but a drain, which must wait for this batch's answers.
   *
   * @return the drain that was asked for, or null
   */
  private @Nullable ToWorker accept(Packet packet) throws MalformedMessageException {
    try {
      ToWorker drain = null;
      int descriptorsUsed = 0;
      for (Message message : packet.messages()) {
        if (!(message instanceof ToWorker order)) {
          throw new MalformedMessageException("a worker's message from the manager: " + message);
        }
        switch (order) {
          case Hello m -> throw new MalformedMessageException("a second " + m);
          case Handoff m -> descriptorsUsed += reception.receive(m, packet, descriptorsUsed);
          case Neighbours m -> descriptorsUsed += meet(m, packet);
          case AllowMigrations m -> orders.allowMigrations(m);
          case FormInUse m -> orders.readable(m.form());
          case Ping m -> outbox.add(new Pong(m.number()));
          case DescribeSession m ->
              outbox.add(new SessionDescribed(m.request(), orders.describe(m)));
          case ListSessions m -> outbox.add(orders.list(m));
          case Drain _, Message.Redirect _ -> {
            reception.drain();
            drain = order;
          }
        }
      }
      if (descriptorsUsed < packet.descriptors().size()) {
        throw new MalformedMessageException("a descriptor without a handoff");
      }
      return drain;
    } finally {
      packet.releaseDescriptors(); // those that are still ours
    }
  }

  /**
   * Passes links to other workers on.
   *
   * @return how many of the packet's descriptors they are
   */
  private int meet(Neighbours message, Packet packet) throws MalformedMessageException {
    int links = packet.descriptors().size();
    int announced = message.neighbours().size();
    if (packet.messages().size() > 1 || links > announced) {
      throw new MalformedMessageException("links to neighbours among other messages");
    }
    if (links < announced && !packet.descriptorLost()) {
      throw new MalformedMessageException("neighbours without links to them: " + message);
    }
    List<Fd> ours = packet.descriptors().stream().map(each -> Fd.owning(each.give())).toList();
    orders.neighbours(message.neighbours(), ours, message.complete());
    return links;
  }

  // ---- the end ----

  private void end() {
    if (shut()) {
      orders.managerGone();
    }
  }

  private void confused(Throwable why) {
    shut();
    orders.confused(why);
  }

  private boolean shut() {
    if (closed) {
      return false;
    }
    closed = true;
    IoRegistration r = registration;
    if (r != null) {
      r.cancel();
    }
    reception.abandon();
    pipe.close();
    tellWhenSent();
    return true;
  }

  @Override
  public FileDescriptor fd() {
    return fd;
  }

  /** Called by Netty when the loop ends. */
  @Override
  public void close() {
    shut();
  }
}
