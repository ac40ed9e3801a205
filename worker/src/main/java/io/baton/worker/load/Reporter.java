package io.baton.worker.load;

import io.baton.pipe.Load;
import io.baton.pipe.Message;
import io.baton.pipe.Message.SessionReport;
import io.baton.pipe.OwnMetrics;
import io.baton.worker.memory.ByteBudget;
import io.baton.worker.memory.DirectMemory;
import io.baton.worker.metrics.MetricsRegistry;
import io.baton.worker.metrics.SeriesState;
import io.baton.worker.pipe.Intake;
import io.netty.channel.SingleThreadIoEventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Tells the manager how this worker is doing: at every interval, and at once when connections or
 * messages in flight are more than {@value #SLACK} plus a quarter away from what was said last.
 * Event loop only.
 */
public final class Reporter {
  private static final int SLACK = 16;

  /** Reports out of turn come no closer than this. */
  private static final long CLOSEST_NS = 10_000_000;

  private final SingleThreadIoEventLoop loop;
  private final IntSupplier queued;
  private final WorkerCounters counters;
  private final Latencies latencies;
  private final LoopBusy busy;
  private final Intake intake;
  private final ByteBudget budget;
  private final DirectMemory direct;
  private final LongSupplier spooled;
  private final Supplier<Load.Callbacks> callbacks;
  private final Supplier<Load.Mesh> mesh;
  private final Supplier<@Nullable SessionReport> sessions;
  private final MetricsRegistry metrics;
  private final ProcessProbe process;
  private int busyPermille;
  private Load last = Load.NONE;
  private long lastAt = System.nanoTime();

  /**
   * @param queued what waits for services elsewhere than in the loop
   * @param spooled bytes of bodies that are in files
   * @param callbacks what services are at
   * @param mesh what it exchanges with other workers
   * @param sessions of this worker, by service; null if there is nothing new to say
   * @param metrics of this worker and its modules
   */
  public Reporter(
      SingleThreadIoEventLoop loop,
      IntSupplier queued,
      WorkerCounters counters,
      Latencies latencies,
      LoopBusy busy,
      ByteBudget budget,
      DirectMemory direct,
      LongSupplier spooled,
      Supplier<Load.Callbacks> callbacks,
      Supplier<Load.Mesh> mesh,
      Supplier<@Nullable SessionReport> sessions,
      MetricsRegistry metrics,
      Intake intake)
      throws IOException {
    this.loop = loop;
    this.queued = queued;
    this.counters = counters;
    this.latencies = latencies;
    this.busy = busy;
    this.intake = intake;
    this.budget = budget;
    this.direct = direct;
    this.spooled = spooled;
    this.callbacks = callbacks;
    this.mesh = mesh;
    this.sessions = sessions;
    this.metrics = metrics;
    this.process = new ProcessProbe();
  }

  /**
   * Begins, at the paces given.
   *
   * @param guard wraps what is scheduled
   */
  public void start(long loadIntervalMs, long latencyIntervalMs, UnaryOperator<Runnable> guard) {
    counters.watch(this::reportIfChanged);
    every(loadIntervalMs, guard.apply(this::tick));
    every(latencyIntervalMs, guard.apply(this::reportLatency));
    every(latencyIntervalMs, guard.apply(this::reportSessions));
    every(latencyIntervalMs, guard.apply(this::reportMetrics));
  }

  private void every(long ms, Runnable task) {
    var _ = loop.scheduleWithFixedDelay(task, ms, ms, TimeUnit.MILLISECONDS);
  }

  private void tick() {
    busyPermille = busy.takePermille();
    report();
  }

  /** Sends a report now. */
  public void report() {
    last =
        new Load(
            counters.connections(),
            counters.inFlight(),
            busyPermille,
            loop.pendingTasks() + queued.getAsInt(),
            process.heapUsedBytes(),
            process.rssBytes(),
            process.cpuNanos(),
            process.gcPauseNanos(),
            counters.counters(),
            new Load.Memory(
                Math.max(0, budget.held()),
                budget.limit(),
                direct.used(),
                direct.limit(),
                spooled.getAsLong()),
            callbacks.get(),
            mesh.get());
    lastAt = System.nanoTime();
    intake.report(last);
  }

  private void reportIfChanged() {
    if ((muchChanged(last.connections(), counters.connections())
            || muchChanged(last.inFlight(), counters.inFlight()))
        && System.nanoTime() - lastAt > CLOSEST_NS) {
      report();
    }
  }

  private static boolean muchChanged(int said, int now) {
    return Math.abs(now - said) > SLACK + said / 4;
  }

  /** While a histogram waits for the pipe, the next one goes on being filled. */
  public void reportLatency() {
    if (intake.reportsWait()) {
      return;
    }
    ByteBuffer histogram = latencies.take();
    if (histogram != null) {
      intake.send(new Message.Latency(histogram));
    }
  }

  /** While a report waits for the pipe, metrics go on counting. */
  public void reportMetrics() {
    if (!intake.reportsWait()) {
      metrics.take().forEach(intake::send);
    }
  }

  /** The same for the last time: whatever waits, this will wait behind it. */
  public void reportLastMetrics() {
    metrics.take().forEach(intake::send);
  }

  /** Adds what is known of the process to its metrics. */
  public void register(int slot, MetricsRegistry to) {
    List<String> labels = List.of(Integer.toString(slot));
    to.add(OwnMetrics.CPU, labels, () -> SeriesState.counter(process::cpuNanos));
    to.add(OwnMetrics.GC_PAUSES, labels, () -> SeriesState.counter(process::gcPauseNanos));
    to.add(OwnMetrics.THREADS, labels, () -> SeriesState.gauge(process::threads));
    to.add(
        OwnMetrics.MOVED_IN,
        labels,
        () -> SeriesState.counter(() -> counters.counters().movedIn()));
    to.add(
        OwnMetrics.MOVED_OUT,
        labels,
        () -> SeriesState.counter(() -> counters.counters().movedOut()));
  }

  /** While a report waits for the pipe, sessions are not counted. */
  private void reportSessions() {
    if (intake.reportsWait()) {
      return;
    }
    SessionReport report = sessions.get();
    if (report != null) {
      intake.send(report);
    }
  }
}
