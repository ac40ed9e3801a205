package io.baton.worker.session;

import io.baton.worker.lane.Lane;
import io.baton.worker.lane.Strand;
import java.util.ArrayDeque;
import java.util.Queue;

/** A lane that does nothing until the test lets it, as one that is busy with something else. */
public final class StepLane implements Lane {
  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private boolean running;

  /** Does the next thing, if there is one. */
  public boolean step() {
    Runnable next = waiting.poll();
    if (next == null) {
      return false;
    }
    running = true;
    next.run();
    running = false;
    return true;
  }

  /** Does all that waits. */
  public void run() {
    while (step()) {
      // and the next
    }
  }

  @Override
  public Strand strand(Runnable roomAgain) {
    return new Strand() {
      @Override
      public void submit(Runnable task) {
        waiting.add(task);
      }

      @Override
      public boolean hasRoom() {
        return true;
      }

      @Override
      public boolean isCurrent() {
        return running;
      }

      @Override
      public boolean mayBlock() {
        return false;
      }
    };
  }

  @Override
  public int depth() {
    return waiting.size();
  }

  @Override
  public void close() {}
}
