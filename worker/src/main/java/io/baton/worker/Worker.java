package io.baton.worker;

import io.baton.config.Settings;
import io.baton.pipe.Message;
import io.baton.pipe.Pipe;
import io.baton.worker.intake.Departures;
import io.baton.worker.intake.Intake;
import io.baton.worker.intake.Orders;
import io.baton.worker.life.Drain;
import io.baton.worker.load.Latencies;
import io.baton.worker.load.LoopBusy;
import io.baton.worker.load.Reporter;
import io.baton.worker.load.Tally;
import io.baton.worker.run.Lane;
import io.baton.worker.run.OpenSession;
import io.baton.worker.run.Route;
import io.netty.channel.IoRegistration;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts of a running worker, held together: one event loop, on which the pipe, all connections
 * and all services run.
 */
final class Worker implements Orders, AutoCloseable {
  /** How long the last report may wait for a pipe that is full. */
  private static final long LAST_REPORT_MS = 1_000;

  private static final long STOP_MS = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

  /** How a worker ends. */
  enum End {
    /** All sessions are over, as was asked. */
    DRAINED,
    /** Manager or worker is not what it should be; the reason is in the log. */
    CONFUSED
  }

  private final Settings settings;
  private final Guard guard;
  private final SingleThreadIoEventLoop loop;
  private final Lane lane;
  private final Handoffs handoffs;
  private final Intake intake;
  private final Drain drain;
  private final Reporter reporter;
  private final CompletableFuture<End> end = new CompletableFuture<>();

  Worker(Settings settings, List<Route<?, ?>> routes, Pipe pipe) throws IOException {
    this.settings = settings;
    guard = new Guard(this::confused);
    Tally tally = new Tally();
    Latencies latencies = new Latencies();
    LoopBusy busy = new LoopBusy();
    MultiThreadIoEventLoopGroup group =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("loop"), busy.measuring(EpollIoHandler.newFactory()));
    loop = (SingleThreadIoEventLoop) group.next(); // the class of all loops of this group
    lane = new Lane(tally, latencies, 65_536);
    Departures departures = new Departures(routes.size());
    handoffs = new Handoffs(loop, lane, routes, departures);
    intake = new Intake(pipe, handoffs, departures, this, settings.worker().receiveBatch());
    drain =
        new Drain(loop, lane.sessions(), intake::settled, () -> end.complete(End.DRAINED), guard);
    reporter = new Reporter(loop, tally, latencies, busy, intake);
  }

  /** Takes the pipe over and tells the manager that handoffs are welcome. */
  void start() throws InterruptedException, ExecutionException {
    IoRegistration registration = loop.register(intake).get();
    loop.submit(
            () -> {
              reporter.start(
                  settings.worker().loadIntervalMs(), settings.worker().latencyIntervalMs(), guard);
              intake.send(new Message.Ready());
              intake.start(registration);
            })
        .get();
  }

  /** Waits for the end. */
  End awaitEnd() throws InterruptedException, ExecutionException {
    return end.get();
  }

  /** What is left of the drain's time, in milliseconds. */
  long restMs() throws InterruptedException, ExecutionException {
    return loop.submit(drain::restMs).get();
  }

  /** Says for the last time how this worker has done. */
  void lastReport() throws InterruptedException, ExecutionException {
    CompletableFuture<Void> sent = new CompletableFuture<>();
    loop.execute(() -> {
      reporter.reportLatency();
      reporter.report();
      intake.whenSent(() -> sent.complete(null));
    });
    try {
      sent.get(LAST_REPORT_MS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException _) {
      LOG.warn("the manager did not read the last report within {} ms", LAST_REPORT_MS);
    }
  }

  /** Ends the event loop and with it whatever is still open. */
  @Override
  public void close() {
    if (loop.isShuttingDown()) {
      return;
    }
    // Netty closes what is registered only if the loop happens to turn once more before it ends.
    loop.execute(() -> {
      lane.sessions().all().forEach(OpenSession::abort);
      handoffs.abortTurnedAway();
      intake.close();
    });
    loop.shutdownGracefully(0, STOP_MS, TimeUnit.MILLISECONDS).awaitUninterruptibly(STOP_MS);
  }

  @Override
  public void drain(int timeoutMs) {
    LOG.info(
        "draining: open sessions {}, which end within {} ms", lane.sessions().size(), timeoutMs);
    drain.begin(timeoutMs);
  }

  @Override
  public void managerGone() {
    long timeoutMs = settings.fleet().drainTimeoutMs();
    LOG.error(
        "the manager is gone: draining, open sessions {}, which end within {} ms, then this worker",
        lane.sessions().size(),
        timeoutMs);
    drain.begin(timeoutMs);
  }

  @Override
  public void confused(Throwable why) {
    LOG.error("this worker ends: its pipe or its own state cannot be trusted", why);
    end.complete(End.CONFUSED);
  }
}
