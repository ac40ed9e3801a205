package io.baton.worker.lane;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * On a virtual thread for each session that has something to do, and none for those that have not.
 * What waits is bounded by the sessions' windows.
 */
public final class VirtualLane implements Lane {
  private final ThreadFactory threads = Thread.ofVirtual().name("session-", 0).factory();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicInteger busy = new AtomicInteger();

  @Override
  public Strand strand(Runnable roomAgain) {
    return new VirtualStrand();
  }

  @Override
  public int depth() {
    return waiting.get();
  }

  @Override
  public synchronized void close() {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LAST_MS);
    try {
      for (long left = LAST_MS; busy.get() > 0 && left > 0; ) {
        wait(left);
        left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt(); // whoever wants this thread back has it
    }
  }

  private void notBusy() {
    if (busy.decrementAndGet() == 0) {
      synchronized (this) {
        notifyAll();
      }
    }
  }

  private final class VirtualStrand implements Strand, Runnable {
    private final Queue<Runnable> queue = new ArrayDeque<>(1);
    private boolean running;
    private volatile @Nullable Thread thread;

    @Override
    public void submit(Runnable task) {
      waiting.incrementAndGet();
      synchronized (queue) {
        queue.add(task);
        if (running) {
          return;
        }
        running = true;
      }
      busy.incrementAndGet();
      threads.newThread(this).start();
    }

    @Override
    public void run() {
      thread = Thread.currentThread();
      for (Runnable task = next(); task != null; task = next()) {
        waiting.decrementAndGet();
        task.run();
      }
      notBusy();
    }

    private @Nullable Runnable next() {
      synchronized (queue) {
        Runnable task = queue.poll();
        if (task == null) {
          thread = null;
          running = false;
        }
        return task;
      }
    }

    @Override
    public boolean hasRoom() {
      return true;
    }

    @Override
    public boolean isCurrent() {
      return Thread.currentThread().equals(thread);
    }

    @Override
    public boolean mayBlock() {
      return true;
    }
  }
}
