package io.baton.worker.delivery;

import io.baton.worker.loop.LoopTask;
import io.netty.channel.EventLoop;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;

/**
 * Deliveries that services in other threads have handled and the event loop does not know of yet.
 * It asks before anything new comes: within one of its turns, in which many publications come,
 * those services get on.
 */
final class HandledDeliveries {
  private final EventLoop loop;
  private final Queue<Runnable> handled = new ConcurrentLinkedQueue<>();
  private final LoopTask taking;

  /**
   * None.
   *
   * @param guard wraps what is done later
   */
  HandledDeliveries(EventLoop loop, UnaryOperator<Runnable> guard) {
    this.loop = loop;
    this.taking = new LoopTask(loop, guard, this::take);
  }

  /**
   * Adds one; in the event loop there is no need to wait. Any thread.
   *
   * @param then what is due
   */
  void add(Runnable then) {
    if (loop.inEventLoop()) {
      then.run();
    } else {
      handled.add(then);
      taking.runSoon();
    }
  }

  /** Does what is due. Event loop only. */
  void take() {
    for (Runnable next; (next = handled.poll()) != null; ) {
      next.run();
    }
  }
}
