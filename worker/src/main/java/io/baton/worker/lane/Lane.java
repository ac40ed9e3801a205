package io.baton.worker.lane;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A way to run the callbacks of sessions. One object serves all sessions of a worker. */
public interface Lane extends AutoCloseable {
  long LAST_MS = 1_000;

  /** What gets on, or stands still, as a whole: for one who looks from another thread. */
  interface Part {
    /** Returns how many tasks have ended there; another number whenever one has. */
    long ended();

    /** Shows who is at a task. */
    void show(Consumer<Runner> running);
  }

  /** One who runs tasks one after the other: for one who looks from another thread. */
  interface Runner {
    /** Returns the number of the task that it is at; another one for each. */
    long task();

    /** Returns the thread that it has for it; null while it waits for one. */
    @Nullable Thread thread();
  }

  /**
   * A strand for a new session. Event loop only.
   *
   * @param roomAgain called on the event loop when {@link Strand#hasRoom} has turned true
   */
  Strand strand(Runnable roomAgain);

  /** How much waits to be run, all sessions together. Event loop only. */
  int depth();

  /** Its parts; none if all of it is the event loop's. Any thread. */
  default List<Part> parts() {
    return List.of();
  }

  /**
   * Ends it: what was submitted may still run, but is not waited for much longer than {@link
   * #LAST_MS}. Not on the event loop, which goes on meanwhile.
   */
  @Override
  void close();
}
