package io.baton.worker.codec.link;

import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The event loop of a session, for other threads: what they have to do before the session has one,
 * because its channel is not registered yet, waits. Safe for any thread.
 */
final class SessionLoop {
  private @Nullable EventExecutor loop;

  /** What waits for the loop. */
  private List<Runnable> waiting = new ArrayList<>(0);

  /** The session has this loop from now on; it stays the same in one worker. */
  synchronized void is(EventExecutor its) {
    loop = its;
    waiting.forEach(its::execute);
    waiting = List.of();
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
