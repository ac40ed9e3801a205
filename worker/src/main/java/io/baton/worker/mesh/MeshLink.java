package io.baton.worker.mesh;

import io.baton.log.RareLine;
import io.baton.mesh.MeshMessage;
import io.baton.mesh.MeshSocket;
import io.baton.mesh.MeshSocket.Empty;
import io.baton.mesh.MeshSocket.End;
import io.baton.mesh.MeshSocket.Full;
import io.baton.mesh.MeshSocket.Gone;
import io.baton.mesh.MeshSocket.Packed;
import io.baton.mesh.MeshSocket.Packet;
import io.baton.pipe.MalformedMessageException;
import io.baton.pipe.Neighbour;
import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The link to one other worker, on the event loop like any channel.
 *
 * <pre>
 *   OPEN (EPOLLIN)  ── socket full ──►  FULL (EPOLLIN, EPOLLOUT)
 *        ▲                                  │
 *        └───────── all of it sent ─────────┘
 *   either ── end of input, nonsense ──►  closed
 * </pre>
 *
 * <p>Besides, a link for whose neighbour more control waits than may is reset: what waits gives way
 * to a {@link MeshMessage.Reset}, and nothing else is taken until that is sent.
 *
 * <pre>
 *   TAKING ── too much control ──► OVERFULL ── {@link #reset} ──► RESETTING
 *      ▲                                                          │
 *      └───────────────────────── Reset sent ─────────────────────┘
 * </pre>
 *
 * <p>While the neighbour does not receive, what it sends is received all the same: two workers that
 * are full of each other's messages do not wait for each other.
 *
 * <p>A neighbour's nonsense ends its link and nothing else. No exception leaves {@link #handle}:
 * Netty would stop the loop for a second. Event loop only.
 */
final class MeshLink implements EpollIoHandle {
  /** Packets received per wake-up, after which others have their turn. */
  private static final int RECEIVE_BATCH = 16;

  /** What a link tells of itself. */
  interface Owner {

    /** A message has arrived. */
    void received(MeshLink link, MeshMessage message);

    /** All that waited has been sent. */
    void drained(MeshLink link);

    /**
     * The link is closed.
     *
     * @param why for the operator; empty if the neighbour is gone
     */
    void ended(MeshLink link, String why);

    /**
     * More control waits than may: the link is to be {@link #reset}, but not now.
     *
     * @param times how often that has happened since it was last worth a line in the log; 0 if it
     *     is not worth one yet
     */
    void overfull(MeshLink link, long times);

    /** All that waited has been sent, which was a {@link MeshMessage.Reset}. */
    void begunAnew(MeshLink link);

    /** Our own inconsistency. */
    void failed(Throwable why);
  }

  /** What becomes of messages for the neighbour. */
  private enum Intake {
    /** They wait in the outbox. */
    TAKING,
    /** They are not taken: what waits is about to be dropped. */
    OVERFULL,
    /** They are not taken: a Reset waits, and nothing else. */
    RESETTING
  }

  private final Neighbour neighbour;
  private final MeshSocket socket;
  private final FileDescriptor fd;
  private final LongConsumer held;
  private final Owner owner;
  private final MeshOutbox outbox = new MeshOutbox();
  private final RareLine overfullLine = new RareLine(System::nanoTime);
  private @Nullable IoRegistration registration;
  private boolean full;
  private Intake intake = Intake.TAKING;
  private boolean closed;

  /**
   * @param held is told of each change of the bytes that wait
   */
  MeshLink(Neighbour neighbour, MeshSocket socket, LongConsumer held, Owner owner) {
    this.neighbour = neighbour;
    this.socket = socket;
    this.fd = new FileDescriptor(socket.fd().number());
    this.held = held;
    this.owner = owner;
  }

  /** Begins to receive. Nothing arrives before. */
  void start(IoRegistration registration) {
    this.registration = registration;
    registration.submit(EpollIoOps.EPOLLIN);
  }

  Neighbour neighbour() {
    return neighbour;
  }

  long waitingBytes() {
    return outbox.bytes();
  }

  // ---- out ----

  /**
   * Adds a message to those that wait; {@link #flush} sends them.
   *
   * @param limit of the bytes that wait, for publications
   * @param controlLimit of the bytes of others that wait although the socket is full: beyond it the
   *     link is reset
   * @return false if it will not be sent
   */
  boolean add(MeshMessage message, long limit, long controlLimit) {
    if (closed || intake != Intake.TAKING) {
      return false;
    }
    long before = outbox.bytes();
    boolean added = outbox.add(message, limit);
    held.accept(outbox.bytes() - before);
    if (outbox.controlBytes() > controlLimit) {
      boolean _ = transmit(); // the next flush finds out if the neighbour is gone
      if (outbox.controlBytes() > controlLimit) {
        intake = Intake.OVERFULL;
        owner.overfull(this, overfullLine.due());
      }
    }
    return added;
  }

  /** Sends as much as goes, in as few packets as possible. */
  void flush() {
    if (closed) {
      return;
    }
    if (!transmit()) {
      receiveToTheEnd();
    } else if (outbox.isEmpty() && intake == Intake.RESETTING) {
      intake = Intake.TAKING;
      owner.begunAnew(this);
    } else if (outbox.isEmpty()) {
      owner.drained(this);
    }
  }

  /** Sends as much as goes; returns false if nobody receives any more. */
  private boolean transmit() {
    while (!full && !outbox.isEmpty()) {
      switch (socket.send(outbox.messages())) {
        case Packed packed -> {
          long before = outbox.bytes();
          outbox.sent(packed.messages());
          held.accept(outbox.bytes() - before);
        }
        case Full _ -> watch(true);
        case Gone _ -> {
          return false;
        }
      }
    }
    return true;
  }

  /** Drops all that waits, because the link is overfull, and has a Reset sent in its place. */
  void reset() {
    if (closed) {
      return;
    }
    intake = Intake.RESETTING;
    long before = outbox.bytes();
    outbox.clear();
    boolean _ = outbox.add(new MeshMessage.Reset(), 0); // control is never refused
    held.accept(outbox.bytes() - before);
    flush();
  }

  private void watch(boolean nowFull) {
    full = nowFull;
    IoRegistration r = registration;
    if (r != null) {
      r.submit(nowFull ? EpollIoOps.EPOLLIN.with(EpollIoOps.EPOLLOUT) : EpollIoOps.EPOLLIN);
    }
  }

  // ---- in ----

  @Override
  public void handle(IoRegistration registration, IoEvent event) {
    try {
      if (closed) {
        return;
      }
      if (full && ((EpollIoEvent) event).ops().contains(EpollIoOps.EPOLLOUT)) {
        watch(false);
        flush();
      }
      receive(RECEIVE_BATCH);
    } catch (Throwable t) {
      owner.failed(t);
    }
  }

  /** Receives at most so many packets. */
  private void receive(int packets) {
    try {
      for (int i = 0; i < packets && !closed; i++) {
        switch (socket.receive()) {
          case Packet packet -> {
            for (MeshMessage message : packet.messages()) {
              if (!closed) {
                owner.received(this, message);
              }
            }
          }
          case Empty _ -> {
            return;
          }
          case End _ -> end("");
        }
      }
    } catch (MalformedMessageException e) {
      end("it sent nonsense: " + e.getMessage());
    }
  }

  /** Nobody receives any more: what the neighbour had sent before its end is still there. */
  private void receiveToTheEnd() {
    receive(Integer.MAX_VALUE);
    if (!closed) {
      end("its socket takes nothing");
    }
  }

  // ---- the end ----

  private void end(String why) {
    if (shut()) {
      owner.ended(this, why);
    }
  }

  private boolean shut() {
    if (closed) {
      return false;
    }
    closed = true;
    held.accept(-outbox.bytes());
    outbox.clear();
    IoRegistration r = registration;
    if (r != null) {
      r.cancel();
    }
    socket.close();
    return true;
  }

  @Override
  public FileDescriptor fd() {
    return fd;
  }

  /** Ends the link without a word to its owner. Called by Netty, too, when the loop ends. */
  @Override
  public void close() {
    var _ = shut();
  }
}
