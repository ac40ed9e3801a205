package io.baton.worker.topics;

import io.baton.worker.memory.MemoryAccount;
import org.jspecify.annotations.Nullable;

/**
 * A message that was published. All who wait for it share it; its bytes are booked once, until the
 * last of them is done with it.
 */
public final class Publication {
  /** Bytes that one takes besides its message, about. */
  public static final int OVERHEAD_BYTES = 96;

  private final String topic;
  private final long publisher;
  private final long n;
  private final byte[] message;
  private final MemoryAccount memory;
  private int holders = 1;

  private Publication(String topic, long publisher, long n, byte[] message, MemoryAccount memory) {
    this.topic = topic;
    this.publisher = publisher;
    this.n = n;
    this.message = message;
    this.memory = memory;
  }

  /**
   * Makes one and books its bytes; its maker is the first who holds it.
   *
   * @return null if there is no memory for it
   */
  static @Nullable Publication of(
      String topic, long publisher, long n, byte[] message, MemoryAccount memory) {
    return memory.reserve(bytes(message))
        ? new Publication(topic, publisher, n, message, memory)
        : null;
  }

  private static long bytes(byte[] message) {
    return (long) OVERHEAD_BYTES + message.length;
  }

  public String topic() {
    return topic;
  }

  /** Returns the number of the worker that published it. */
  public long publisher() {
    return publisher;
  }

  /** Returns its number among those of the same publisher and topic. */
  public long n() {
    return n;
  }

  /** Returns the message itself, which must not be changed. */
  public byte[] message() {
    return message;
  }

  long bytes() {
    return bytes(message);
  }

  Publication retain() {
    holders++;
    return this;
  }

  /** One of those who hold it is done with it. */
  public void release() {
    if (--holders == 0) {
      memory.release(bytes());
    } else if (holders < 0) {
      throw new IllegalStateException("publication " + n + " of " + topic + " released twice");
    }
  }
}
