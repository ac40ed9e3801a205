package io.baton.worker.codec.link;

import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The event loop of a session, for other threads: what they have to do before the session has one,
 * because its channel is not registered yet, waits. Safe for any thread.
 */
final class SessionLoop {
  private @Nullable EventExecutor loop;
  private final Queue<Runnable> waiting = new ArrayDeque<>(0);

  /** The session has this loop from now on; it stays the same in one worker. */
  synchronized void is(EventExecutor its) {
    loop = its;
    waiting.forEach(its::execute);
    waiting.clear();
  }

  synchronized void execute(Runnable task) {
    if (loop == null) {
      waiting.add(task);
    } else {
      loop.execute(task);
    }
  }

  synchronized boolean isCurrent() {
    return loop != null && loop.inEventLoop();
  }
}
