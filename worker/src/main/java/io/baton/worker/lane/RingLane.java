package io.baton.worker.lane;

import com.lmax.disruptor.BlockingWaitStrategy;
import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.TimeoutException;
import com.lmax.disruptor.dsl.Disruptor;
import com.lmax.disruptor.dsl.ProducerType;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * On a few threads, each with a ring of its own whose one producer is the event loop; a session
 * stays with one of them. A callback that blocks holds up the sessions of its thread and nobody
 * else.
 *
 * <p>A full ring takes nothing: what its sessions still submit waits with them, and they have no
 * room, until the thread has gone on.
 */
public final class RingLane implements Lane {
  /** Those who wait for a full ring are let in after so many tasks, however long a batch is. */
  private static final int ADMIT_EVERY = 16;

  private final EventLoop loop;
  private final List<Shard> shards = new ArrayList<>();
  private int next;

  /**
   * @param size of each ring, a power of two
   */
  public RingLane(EventLoop loop, int threads, int size) {
    this.loop = loop;
    ThreadFactory factory = Thread.ofPlatform().daemon().name("ring-", 0).factory();
    for (int i = 0; i < threads; i++) {
      shards.add(new Shard(factory, size));
    }
  }

  @Override
  public Strand strand(Runnable roomAgain) {
    Shard shard = shards.get(next);
    next = (next + 1) % shards.size();
    return new RingStrand(shard, roomAgain);
  }

  @Override
  public int depth() {
    return shards.stream().mapToInt(Shard::depth).sum();
  }

  @Override
  public List<Part> parts() {
    return List.copyOf(shards);
  }

  @Override
  public void close() {
    shards.forEach(Shard::close);
  }

  private static final class Slot {
    @Nullable RingStrand strand;
    @Nullable Runnable task;
  }

  private final class Shard implements EventHandler<Slot>, Part, Runner {
    private final Disruptor<Slot> disruptor;

    /** Sessions that found the ring full. Event loop only. */
    private final Deque<RingStrand> crowd = new ArrayDeque<>();

    /** The loop wants to hear when there is room; the ring's thread takes it back when it says. */
    private volatile boolean wanted;

    /** Up to where slots are free again. */
    private Sequence handled = new Sequence();

    /** The number of the task that is run, or was. */
    private final AtomicLong task = new AtomicLong(-1);

    private volatile @Nullable RingStrand current;
    private volatile @Nullable Thread thread;

    Shard(ThreadFactory factory, int size) {
      disruptor =
          new Disruptor<>(
              Slot::new, size, factory, ProducerType.SINGLE, new BlockingWaitStrategy());
      disruptor.handleEventsWith(this);
      disruptor.start();
    }

    @Override
    public void setSequenceCallback(Sequence sequenceCallback) {
      handled = sequenceCallback;
    }

    @Override
    public void onEvent(Slot slot, long sequence, boolean endOfBatch) {
      RingStrand strand = slot.strand;
      Runnable todo = slot.task;
      slot.strand = null;
      slot.task = null;
      if (todo != null) {
        task.lazySet(sequence);
        thread = Thread.currentThread();
        current = strand;
        todo.run();
        current = null;
      }
      if (endOfBatch || (wanted && sequence % ADMIT_EVERY == 0)) {
        // First free the slots, then look whether anybody waits for one. The loop does it the other
        // way round, so one of the two sees the other. (By itself the disruptor frees them only
        // after this, when nobody would look any more.)
        handled.setVolatile(sequence);
        if (wanted) {
          wanted = false;
          loop.execute(this::admit);
        }
      }
    }

    boolean publish(RingStrand strand, Runnable todo) {
      return disruptor
          .getRingBuffer()
          .tryPublishEvent((slot, _) -> {
            slot.strand = strand;
            slot.task = todo;
          });
    }

    void wait(RingStrand strand) {
      crowd.add(strand);
      wanted = true;
      if (disruptor.getRingBuffer().remainingCapacity() > 0) {
        loop.execute(this::admit);
      }
    }

    /** Lets in those who wait, in their order, as far as there is room. */
    private void admit() {
      List<RingStrand> admitted = new ArrayList<>();
      for (RingStrand first = crowd.peek(); first != null; first = crowd.peek()) {
        if (!first.publishWaiting()) {
          wanted = true;
          if (disruptor.getRingBuffer().remainingCapacity() == 0) {
            break;
          }
          continue;
        }
        crowd.remove();
        admitted.add(first);
      }
      admitted.forEach(strand -> strand.roomAgain.run());
    }

    int depth() {
      return (int) (disruptor.getBufferSize() - disruptor.getRingBuffer().remainingCapacity());
    }

    @Override
    public long ended() {
      return task();
    }

    @Override
    public void show(Consumer<Runner> running) {
      if (current != null) {
        running.accept(this);
      }
    }

    @Override
    public long task() {
      return task.get();
    }

    @Override
    public @Nullable Thread thread() {
      return thread;
    }

    void close() {
      try {
        disruptor.shutdown(LAST_MS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException _) {
        disruptor.halt();
      }
    }
  }

  private static final class RingStrand implements Strand {
    private final Shard shard;
    private final Runnable roomAgain;
    private final Queue<Runnable> waiting = new ArrayDeque<>(0);

    RingStrand(Shard shard, Runnable roomAgain) {
      this.shard = shard;
      this.roomAgain = roomAgain;
    }

    @Override
    public void submit(Runnable task) {
      if (!waiting.isEmpty()) {
        waiting.add(task);
      } else if (!shard.publish(this, task)) {
        waiting.add(task);
        shard.wait(this);
      }
    }

    /** Whether all of it went. */
    boolean publishWaiting() {
      for (Runnable task = waiting.peek(); task != null; task = waiting.peek()) {
        if (!shard.publish(this, task)) {
          return false;
        }
        waiting.remove();
      }
      return true;
    }

    @Override
    public boolean hasRoom() {
      return waiting.isEmpty();
    }

    @Override
    public boolean isCurrent() {
      return this.equals(shard.current) && Thread.currentThread().equals(shard.thread);
    }

    @Override
    public boolean mayBlock() {
      return false;
    }
  }
}
