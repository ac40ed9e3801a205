package io.baton.worker.broker.nats;

import io.baton.worker.memory.MemoryAccount;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Messages that the client library has brought and the event loop has not come to. The library's
 * threads add them, within fixed bounds; the event loop, which alone may book memory, books what is
 * left after each of its turns, and drops it if there is no memory for it.
 */
final class IncomingMessages {
  static final int MAX_BYTES = 4 * 1024 * 1024;
  static final int MAX_MESSAGES = 32 * 1024;

  /** What a message takes besides its bytes. */
  static final int OVERHEAD = 64;

  private final Queue<byte[]> messages = new ConcurrentLinkedQueue<>();
  private final AtomicInteger bytes = new AtomicInteger();
  private final AtomicInteger count = new AtomicInteger();
  private final AtomicLong lost = new AtomicLong();
  private final BookedBytes booked;

  IncomingMessages(MemoryAccount memory) {
    booked = new BookedBytes(memory);
  }

  /** Adds a message, or counts it as lost. Any thread. */
  void add(byte[] message) {
    if (bytes.get() > MAX_BYTES || count.get() > MAX_MESSAGES) {
      lost.incrementAndGet();
      return;
    }
    bytes.addAndGet(message.length);
    count.incrementAndGet();
    messages.add(message);
  }

  /** Takes the first message, if there is one. */
  byte @Nullable [] poll() {
    byte[] message = messages.poll();
    if (message != null) {
      bytes.addAndGet(-message.length);
      count.decrementAndGet();
    }
    return message;
  }

  /** Returns how many messages were lost since the last call. */
  long takeLost() {
    return lost.getAndSet(0);
  }

  /** Books what waits now. Event loop only. */
  void book() {
    for (int i = count.get();
        !booked.set(bytes.get() + (long) OVERHEAD * count.get()) && i > 0;
        i--) {
      if (poll() != null) {
        lost.incrementAndGet();
      }
    }
  }
}
