package io.baton.link.service;

import java.util.function.Predicate;

/**
 * The room in the window of one channel of a service, as the codec knows it, less what is still on
 * its way to the codec. Safe for any thread.
 */
public final class ChannelRoom {
  /** Bytes that may be on their way to the codec, whatever room it has. */
  private static final int MAX_ON_THEIR_WAY = 64 * 1024;

  private boolean hasRoom = true;
  private boolean open = true;
  private long onTheirWay;

  /**
   * Sends an output to the codec. A virtual thread waits for room before.
   *
   * @return false if the channel is closed, or nothing is taken any more
   */
  <T> boolean send(T output, int bytes, Predicate<T> way) {
    if (Thread.currentThread().isVirtual()) {
      await();
    }
    synchronized (this) {
      if (!open) {
        return false;
      }
      onTheirWay += bytes;
    }
    boolean taken = way.test(output);
    if (!taken) {
      sent(bytes);
    }
    return taken;
  }

  /** Learns of bytes that the codec has got, or that were not sent after all. */
  synchronized void sent(int bytes) {
    onTheirWay -= bytes;
    notifyAll();
  }

  /** Learns whether the channel takes messages. */
  synchronized void hasRoom(boolean has) {
    hasRoom = has;
    notifyAll();
  }

  /** The channel takes no messages any more: it or its session is over. */
  synchronized void close() {
    open = false;
    notifyAll();
  }

  synchronized boolean isOpen() {
    return open;
  }

  synchronized boolean writable() {
    return open && hasRoom && onTheirWay < MAX_ON_THEIR_WAY;
  }

  /** Waits until there is room or the channel is closed; an interrupt is kept for later. */
  private synchronized void await() {
    boolean interrupted = false;
    while (open && !writable()) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
