package io.baton.worker.broker.nats;

import io.baton.worker.memory.MemoryAccount;

/** A number of bytes in the worker's account of its memory, which follows it. Event loop only. */
final class BookedBytes {
  private final MemoryAccount memory;
  private long booked;

  BookedBytes(MemoryAccount memory) {
    this.memory = memory;
  }

  /**
   * Books so many bytes, instead of those before.
   *
   * @return false if there is no memory for that many more; it is as it was then
   */
  boolean set(long bytes) {
    long more = bytes - booked;
    if (more > 0 && !memory.reserve(more)) {
      return false;
    }
    if (more < 0) {
      memory.release(-more);
    }
    booked = bytes;
    return true;
  }
}
