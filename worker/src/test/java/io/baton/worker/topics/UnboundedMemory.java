package io.baton.worker.topics;

/** Memory that has no end. */
final class UnboundedMemory implements TopicMemory {
  long held;

  @Override
  public boolean reserve(long bytes) {
    held += bytes;
    return true;
  }

  @Override
  public void release(long bytes) {
    held -= bytes;
  }
}
