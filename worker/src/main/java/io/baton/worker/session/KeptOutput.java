package io.baton.worker.session;

import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** The messages of a session that no carrier bears, in order and up to a bound of bytes. */
final class KeptOutput implements SessionOutput {
  /** Most sessions get their carrier before they send anything. */
  private List<Object> messages = List.of();

  private final int maxBytes;
  private volatile long bytes;

  KeptOutput(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  @Override
  public boolean write(Object message) {
    long before = bytes;
    if (before > maxBytes) {
      return false;
    }
    bytes = before + MessageSize.pending(message);
    if (messages.isEmpty()) {
      messages = new ArrayList<>(1);
    }
    messages.add(message);
    return true;
  }

  @Override
  public long pending() {
    return bytes;
  }

  /** A service that waits for room would wait for a carrier, which may need it first. */
  @Override
  public boolean isWritable() {
    return true;
  }

  @Override
  public void flush() {
    // A carrier will.
  }

  @Override
  public void beginBatch() {
    // As above.
  }

  @Override
  public void endBatch() {
    // As above.
  }

  /** Gives all messages to a carrier's output; what that does not take is released. */
  void moveTo(Predicate<Object> output) {
    for (Object message : messages) {
      if (!output.test(message)) {
        ReferenceCountUtil.release(message);
      }
    }
    messages = List.of();
    bytes = 0;
  }

  /** Releases all messages: no carrier will come. */
  void drop() {
    moveTo(_ -> false);
  }
}
