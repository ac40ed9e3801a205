package io.baton.worker.run;

import io.baton.service.Hold;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A message that its service holds: processed, on the event loop, when {@code received} has
 * returned and the last of its holds is released, by whatever thread.
 */
final class HeldMessage {
  private final LoopSession<?, ?> session;

  /** The open holds, and one for {@code received} itself. */
  private final AtomicInteger open = new AtomicInteger(1);

  private @Nullable Object message;
  private long start;

  HeldMessage(LoopSession<?, ?> session) {
    this.session = session;
  }

  Hold hold() {
    open.incrementAndGet();
    AtomicBoolean released = new AtomicBoolean();
    return () -> {
      if (released.compareAndSet(false, true)) {
        letGo();
      }
    };
  }

  /** {@code received} has returned. */
  void returned(Object message, long start) {
    this.message = message;
    this.start = start;
    letGo();
  }

  private void letGo() {
    if (open.decrementAndGet() > 0) {
      return;
    }
    if (session.loop().inEventLoop()) {
      processed();
    } else {
      session.loop().execute(this::processed);
    }
  }

  private void processed() {
    Object done = message;
    if (done != null) {
      session.processed(done, start);
    }
  }
}
