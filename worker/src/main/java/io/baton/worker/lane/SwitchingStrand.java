package io.baton.worker.lane;

import io.baton.config.Settings.LaneKind;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * The strand of a session whose messages run in several lanes. Tasks still run one after the other,
 * in the order given: one for another lane waits until all before it have ended.
 *
 * <p>What belongs to no message runs in the strand's own lane. That is the one which allows the
 * most of those that messages have had, because a service that has had a message there may block in
 * its other callbacks, too.
 */
public final class SwitchingStrand implements Strand {
  private final Function<LaneKind, Strand> maker;
  private final Executor loop;
  private final Map<LaneKind, Strand> strands = new EnumMap<>(LaneKind.class);

  /** Tasks that were submitted to the present lane and have not ended. */
  private final AtomicInteger open = new AtomicInteger();

  /** For the event loop only. */
  private final Queue<Waiting> waiting = new ArrayDeque<>(1);

  /** Something waits until nothing is open. */
  private volatile boolean wanted;

  private LaneKind own;
  private LaneKind lane;
  private volatile Strand current;

  private record Waiting(LaneKind lane, Runnable task) {}

  /**
   * @param maker makes the session's strand of a lane, once at most
   * @param loop runs what is to be done on the event loop
   * @param own of what belongs to no message
   */
  public SwitchingStrand(Function<LaneKind, Strand> maker, Executor loop, LaneKind own) {
    this.maker = maker;
    this.loop = loop;
    this.own = own;
    this.lane = own;
    this.current = strand(own);
  }

  private Strand strand(LaneKind kind) {
    return strands.computeIfAbsent(kind, maker);
  }

  /** Sets the strand's own lane: another service begins. Event loop only. */
  public void begin(LaneKind kind) {
    own = kind;
  }

  /** Runs a message in its lane. Event loop only. */
  public void submit(LaneKind kind, Runnable message) {
    if (kind.compareTo(own) > 0) { // they are in the order of what they allow
      own = kind;
    }
    enter(kind, message);
  }

  @Override
  public void submit(Runnable task) {
    enter(own, task);
  }

  private void enter(LaneKind kind, Runnable task) {
    if (waiting.isEmpty() && mayRun(kind)) {
      run(kind, task);
      return;
    }
    waiting.add(new Waiting(kind, task));
    wanted = true; // before another look: a task that ends does the same the other way round
    if (open.get() == 0) {
      loop.execute(this::advance);
    }
  }

  private boolean mayRun(LaneKind kind) {
    return kind == lane || open.get() == 0;
  }

  private void run(LaneKind kind, Runnable task) {
    if (kind != lane) {
      lane = kind;
      current = strand(kind);
    }
    open.incrementAndGet();
    current.submit(() -> {
      task.run();
      if (open.decrementAndGet() == 0 && wanted) {
        loop.execute(this::advance);
      }
    });
  }

  private void advance() {
    for (Waiting next = waiting.peek(); next != null; next = waiting.peek()) {
      if (!mayRun(next.lane)) {
        return; // the last task that ends there comes back here
      }
      waiting.remove();
      run(next.lane, next.task);
    }
    wanted = false;
  }

  @Override
  public boolean hasRoom() {
    return current.hasRoom();
  }

  @Override
  public boolean isCurrent() {
    return current.isCurrent();
  }

  @Override
  public boolean mayBlock() {
    return current.mayBlock();
  }
}
