package io.baton.worker.delivery;

import io.baton.worker.loop.LoopTask;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.UnaryOperator;

/**
 * The deliveries to the sessions of a worker that wait for the next turn of the event loop. Of what
 * a turn finds all is handed out; what sessions publish meanwhile waits for the turn after that,
 * behind the sockets, because two sessions may answer each other without end. Event loop only.
 */
final class DeliveryQueue {
  /** Deliveries that do not wait for the next turn; far fewer than may wait for a session. */
  private static final int MANY = 64;

  private record Delivery(long session, Runnable handOut) {}

  private final Deque<Delivery> deliveries = new ArrayDeque<>();
  private final LoopTask turn;
  private final Runnable whenEmpty;
  private boolean handingOut;

  /** Whether a service is called with a publication, in the event loop. */
  private boolean calling;

  /**
   * An empty queue.
   *
   * @param guard wraps what is done later
   * @param whenEmpty runs whenever all is handed out
   */
  DeliveryQueue(ScheduledExecutorService loop, UnaryOperator<Runnable> guard, Runnable whenEmpty) {
    this.turn = new LoopTask(loop, guard, this::handOut);
    this.whenEmpty = whenEmpty;
  }

  /** Adds a delivery to a session. */
  void add(long session, Runnable handOut) {
    deliveries.add(new Delivery(session, handOut));
    if (handingOut || calling) {
      turn.runAfterSockets();
    } else {
      turn.runSoon();
    }
  }

  /** Hands out at once if there are many: no session has to wait for all that one turn brings. */
  void handOutMany() {
    if (deliveries.size() >= MANY && !handingOut && !calling) {
      handOut();
    }
  }

  /** Hands out at once what waits for a session. */
  void handOut(long session) {
    List<Delivery> its = new ArrayList<>();
    deliveries.removeIf(each -> each.session == session && its.add(each));
    its.forEach(each -> each.handOut.run());
    checkEmpty();
  }

  private void handOut() {
    handingOut = true;
    try {
      for (int n = deliveries.size(); n > 0 && !deliveries.isEmpty(); n--) {
        deliveries.remove().handOut.run();
      }
    } finally {
      handingOut = false;
    }
    checkEmpty();
  }

  private void checkEmpty() {
    if (deliveries.isEmpty()) {
      whenEmpty.run();
    }
  }

  /** Calls a session's service in the event loop: what it publishes is not handed out meanwhile. */
  void call(Runnable callback) {
    boolean outer = calling;
    calling = true;
    try {
      callback.run();
    } finally {
      calling = outer;
    }
  }
}
