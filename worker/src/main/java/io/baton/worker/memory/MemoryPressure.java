package io.baton.worker.memory;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * What a worker does when its connections hold much of the {@link ByteBudget}.
 *
 * <pre>
 *   AMPLE ──► TIGHT: who grows beyond a share is held back: not read
 *               │     held back for {@value #PATIENCE_MS} ms without relief: the largest are ended
 *               ▼
 *             SHORT: messages longer than a share are refused when they begin
 *               ▼
 *             CRITICAL: the largest are ended
 *   below {@value ByteBudget#RELAXED_PERCENT} % those who were held back are read again
 * </pre>
 *
 * <p>A <em>share</em> is what each connection may hold at any level, some kilobytes: who asks
 * little is served throughout. Event loop only.
 */
public final class MemoryPressure implements ByteBudget.Watcher {
  /** Who is held back for so long with no relief will not be served: then the largest make room. */
  static final long PATIENCE_MS = 5_000;

  /** If ending the largest was not enough, it is looked again after so long. */
  static final long AGAIN_MS = 100;

  /** The event loop, as far as it is needed here. */
  public interface Scheduler {
    /** Runs the task in the loop's next turn. */
    void soon(Runnable task);

    /** Runs the task after so long. */
    void later(Runnable task, long ms);
  }

  /** Told what was done, to count and to say it. */
  public interface Listener {
    /** A connection is not read until others have let go. */
    void heldBack();

    /** A message was refused before it had come. */
    void refused();

    /** A connection was ended for what it held. */
    void evicted();
  }

  private final ByteBudget budget;
  private final Scheduler scheduler;
  private final Supplier<? extends Collection<? extends Holder>> everybody;
  private final Listener listener;
  private final Set<Holder> heldBack = new LinkedHashSet<>();
  private final IntSupplier connections;
  private boolean acting;
  private boolean failed;
  private boolean waiting;

  /** Grows whenever somebody goes on: a sign of relief. */
  private long relief;

  /**
   * @param everybody all connections there are
   * @param connections how many that is
   */
  public MemoryPressure(
      ByteBudget budget,
      Scheduler scheduler,
      Supplier<? extends Collection<? extends Holder>> everybody,
      IntSupplier connections,
      Listener listener) {
    this.budget = budget;
    this.scheduler = scheduler;
    this.everybody = everybody;
    this.connections = connections;
    this.listener = listener;
    budget.watch(this);
  }

  public ByteBudget budget() {
    return budget;
  }

  /** This one holds more than before. */
  public void grew(Holder holder) {
    if (budget.isTight() && holder.held() > share() && heldBack.add(holder)) {
      listener.heldBack();
      holder.holdBack();
      waitForRelief();
    }
  }

  /** This one has ended. */
  public void ended(Holder holder) {
    heldBack.remove(holder);
  }

  /**
   * Whether a message may begin to arrive.
   *
   * @param bytes how long it will be
   */
  public boolean admits(long bytes) {
    boolean yes =
        bytes <= share()
            || (budget.level().compareTo(ByteBudget.Level.SHORT) < 0
                && bytes <= budget.limit() - budget.held());
    if (!yes) {
      listener.refused();
    }
    return yes;
  }

  private int share() {
    return budget.share(connections.getAsInt());
  }

  @Override
  public void critical() {
    act();
  }

  @Override
  public void relaxed() {
    if (!heldBack.isEmpty()) {
      act();
    }
  }

  /** Not at once: whoever changes the account is in the middle of something. */
  private void act() {
    if (!acting) {
      acting = true;
      scheduler.soon(this::relieve);
    }
  }

  /** An allocation has failed while connections hold much: the largest are ended soon. */
  public void allocationFailed() {
    failed = true;
    act();
  }

  private void relieve() {
    acting = false;
    if (failed || budget.level() == ByteBudget.Level.CRITICAL) {
      failed = false;
      evict(everybody.get());
      if (budget.level() == ByteBudget.Level.CRITICAL) {
        acting = true; // what they held is not free before their services are done with it
        scheduler.later(this::relieve, AGAIN_MS);
      }
    }
    readOn();
  }

  private void readOn() {
    while (budget.excess() == 0 && !heldBack.isEmpty()) {
      Holder first = heldBack.iterator().next();
      heldBack.remove(first);
      relief++;
      first.readOn();
    }
  }

  private void waitForRelief() {
    if (!waiting) {
      waiting = true;
      long before = relief;
      scheduler.later(
          () -> {
            waiting = false;
            if (heldBack.isEmpty()) {
              return;
            }
            if (relief == before) {
              evict(List.copyOf(heldBack));
            }
            waitForRelief();
          },
          PATIENCE_MS);
    }
  }

  /** Ends the largest of them, as many as have to go for there to be enough again. */
  private void evict(Collection<? extends Holder> candidates) {
    List<Holder> those = new ArrayList<>();
    long excess = budget.excess();
    PriorityQueue<Holding> largest =
        new PriorityQueue<>(Comparator.comparingLong(Holding::bytes).reversed());
    int share = share();
    for (Holder each : candidates) {
      long bytes = each.releasable();
      if (bytes > share) {
        largest.add(new Holding(each, bytes));
      }
    }
    for (Holding next = largest.poll(); next != null && excess > 0; next = largest.poll()) {
      those.add(next.holder);
      excess -= next.bytes;
    }
    for (Holder each : those) {
      heldBack.remove(each);
      relief++;
      listener.evicted();
      each.evict();
    }
  }

  /** What a connection held when it was looked at. */
  private record Holding(Holder holder, long bytes) {}
}
