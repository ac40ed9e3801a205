package io.baton.worker.session;

import io.baton.service.Cancellable;
import io.baton.worker.time.Clock;
import io.baton.worker.time.Wheel;

/** A task that a service has asked to be run later; it ends with its session. */
final class SessionTimer extends Wheel.Alarm implements Cancellable {

  /** The session, as its timers see it. */
  interface Owner {
    /** Event loop only. */
    Clock clock();

    /**
     * Keeps a timer that is to be stopped with the session. Event loop only.
     *
     * @return false if the session is over already
     */
    boolean keep(SessionTimer timer);

    /** Forgets a timer. Event loop only. */
    void forget(SessionTimer timer);

    /** Runs a task of the service in the session's lane. Event loop only. */
    void callLater(Runnable task);

    /** Runs the action on the event loop, at once or soon. Any thread. */
    void onLoop(Runnable action);
  }

  private final Owner owner;
  private final Runnable task;
  private final long at;
  private volatile boolean over;

  /**
   * Any thread; {@link #begin} sets it.
   *
   * @param at in the clock's nanoseconds
   */
  SessionTimer(Owner owner, Runnable task, long at) {
    this.owner = owner;
    this.task = task;
    this.at = at;
  }

  void begin() {
    if (!over && owner.keep(this)) {
      owner.clock().set(this, at);
    }
  }

  @Override
  protected void ring() {
    owner.forget(this);
    owner.callLater(this::runUnlessOver);
  }

  private void runUnlessOver() {
    if (!over) {
      task.run();
    }
  }

  /** Cancels it even if its time has come and it only waits for the lane. Any thread. */
  @Override
  public void cancel() {
    over = true;
    owner.onLoop(() -> {
      owner.forget(this);
      clear();
    });
  }

  /** Stops it: the session is over. */
  void stop() {
    over = true;
    clear();
  }
}
