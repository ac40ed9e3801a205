package io.baton.worker.mesh;

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
 *   either ── end of input, nonsense, too much control waits ──►  closed
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
     * More control waits than may: the link is to be {@linkplain #giveUp given up}, but not now.
     */
    void overfull(MeshLink link);

    /** Our own inconsistency. */
    void failed(Throwable why);
  }

  private final Neighbour neighbour;
  private final MeshSocket socket;
  private final FileDescriptor fd;
  private final LongConsumer held;
  private final Owner owner;
  private final MeshOutbox outbox = new MeshOutbox();
  private @Nullable IoRegistration registration;
  private boolean full;
  private boolean overfull;
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
   * @param controlLimit of the bytes of others: beyond it the link ends
   * @return false if it will not be sent
   */
  boolean add(MeshMessage message, long limit, long controlLimit) {
    if (closed || overfull) {
      return false;
    }
    long before = outbox.bytes();
    boolean added = outbox.add(message, limit);
    held.accept(outbox.bytes() - before);
    if (outbox.controlBytes() > controlLimit) {
      overfull = true;
      owner.overfull(this);
    }
    return added;
  }

  /** Sends as much as goes, in as few packets as possible. */
  void flush() {
    while (!closed && !full && !outbox.isEmpty()) {
      switch (socket.send(outbox.messages())) {
        case Packed packed -> {
          long before = outbox.bytes();
          outbox.sent(packed.messages());
          held.accept(outbox.bytes() - before);
          if (outbox.isEmpty()) {
            owner.drained(this);
            return;
          }
        }
        case Full _ -> watch(true);
        case Gone _ -> receiveToTheEnd();
      }
    }
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

  /** Ends the link because it is overfull. */
  void giveUp() {
    end("it receives nothing, and more control waits for it than may");
  }

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
