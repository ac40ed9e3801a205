package io.baton.worker.memory;

/** An account that has no limit until it is given one, and is never given back too much. */
public final class LimitedMemory implements MemoryAccount {
  public long held;
  public long limit = Long.MAX_VALUE;

  @Override
  public boolean reserve(long bytes) {
    if (held + bytes > limit) {
      return false;
    }
    held += bytes;
    return true;
  }

  @Override
  public void release(long bytes) {
    held -= bytes;
    if (held < 0) {
      throw new AssertionError("released more than was reserved: " + -held);
    }
  }
}
