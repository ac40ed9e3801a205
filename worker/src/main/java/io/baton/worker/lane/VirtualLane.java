package io.baton.worker.lane;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * On a virtual thread for each session that has something to do, and none for those that have not.
 * What waits is bounded by the sessions' windows.
 */
public final class VirtualLane implements Lane, Lane.Part {
  private final ThreadFactory threads = Thread.ofVirtual().name("session-", 0).factory();
  private final AtomicInteger waiting = new AtomicInteger();
  private final LongAdder ended = new LongAdder();
  private final Set<Runner> running = ConcurrentHashMap.newKeySet();

  @Override
  public Strand strand(Runnable roomAgain) {
    return new VirtualStrand();
  }

  @Override
  public int depth() {
    return waiting.get();
  }

  @Override
  public List<Part> parts() {
    return List.of(this);
  }

  @Override
  public long ended() {
    return ended.sum();
  }

  @Override
  public void show(Consumer<Runner> each) {
    running.forEach(each);
  }

  @Override
  public synchronized void close() {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LAST_MS);
    try {
      for (long left = LAST_MS; !running.isEmpty() && left > 0; ) {
        wait(left);
        left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt(); // whoever wants this thread back has it
    }
  }

  private void leave(Runner strand) {
    running.remove(strand);
    if (running.isEmpty()) {
      synchronized (this) {
        notifyAll();
      }
    }
  }

  private final class VirtualStrand implements Strand, Runnable, Runner {
    private final Queue<Runnable> queue = new ArrayDeque<>(1);

    /** It has a thread, or is about to. */
    private boolean busy;

    /** The task that it is at. */
    private int task;

    private volatile @Nullable Thread thread;

    @Override
    public void submit(Runnable todo) {
      waiting.incrementAndGet();
      synchronized (queue) {
        queue.add(todo);
        if (busy) {
          return;
        }
        busy = true;
        running.add(this);
      }
      threads.newThread(this).start();
    }

    @Override
    public void run() {
      thread = Thread.currentThread();
      for (Runnable todo = next(); todo != null; todo = next()) {
        waiting.decrementAndGet();
        todo.run();
        ended.increment();
      }
    }

    private @Nullable Runnable next() {
      synchronized (queue) {
        Runnable todo = queue.poll();
        task++;
        if (todo == null) {
          thread = null;
          busy = false;
          leave(this);
        }
        return todo;
      }
    }

    @Override
    public long task() {
      synchronized (queue) {
        return task;
      }
    }

    @Override
    public @Nullable Thread thread() {
      return thread;
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
