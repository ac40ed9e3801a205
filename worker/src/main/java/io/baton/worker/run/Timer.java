package io.baton.worker.run;

import io.baton.service.Cancellable;
import io.baton.worker.time.Wheel;

/** What a session has asked to be run later; it ends with the session. */
final class Timer extends Wheel.Alarm implements Cancellable {
  private final LiveSession<?, ?> session;
  private final Runnable task;
  private final long at;
  private volatile boolean over;

  /** From any thread. */
  Timer(LiveSession<?, ?> session, Runnable task, long at) {
    this.session = session;
    this.task = task;
    this.at = at;
  }

  void begin() {
    if (!over && session.ending() == null) {
      session.remember(this);
      session.connection().host().clock().set(this, at);
    }
  }

  @Override
  protected void ring() {
    session.forget(this);
    session.connection().strand().submit(() -> session.runTask(this::runUnlessOver));
  }

  private void runUnlessOver() {
    if (!over) {
      task.run();
    }
  }

  /** At once, even if its time has come and it only waits for the lane. */
  @Override
  public void cancel() {
    over = true;
    session
        .connection()
        .onLoop(() -> {
          session.forget(this);
          clear();
        });
  }

  /** The session is over. */
  void stop() {
    over = true;
    clear();
  }
}
