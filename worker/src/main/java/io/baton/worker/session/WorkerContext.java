package io.baton.worker.session;

import io.baton.config.Settings.LaneKind;
import io.baton.worker.accesslog.AccessLogs;
import io.baton.worker.channel.Meter;
import io.baton.worker.delivery.WorkerTopics;
import io.baton.worker.lane.Lane;
import io.baton.worker.load.Latencies;
import io.baton.worker.load.PressureReport;
import io.baton.worker.load.WorkerCounters;
import io.baton.worker.memory.Exhaustion;
import io.baton.worker.memory.MemoryLimits;
import io.baton.worker.memory.MemoryPressure;
import io.baton.worker.time.Clock;
import io.netty.channel.EventLoop;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Everything that all sessions of a worker share. Event loop only. */
public final class WorkerContext {
  private final EventLoop loop;
  private final WorkerCounters counters;
  private final Latencies latencies;
  private final Clock clock;
  private final Map<LaneKind, Lane> lanes;
  private final long resumeMs;
  private final SessionErrors errors;
  private final Overflows overflows;
  private final UnansweredRequests unanswered;
  private final OpenSessions sessions = new OpenSessions();
  private final KeyedSessions keyed;
  private final Meter meter;
  private final AwaySessions away = new AwaySessions();
  private final PrincipalSessions principals = new PrincipalSessions();
  private final MemoryPressure memory;
  private final Exhaustion exhaustion;
  private AccessLogs accessLogs = AccessLogs.none();
  private WorkerTopics topics;
  private RemoteSearch remoteSearch = RemoteSearch.NONE;

  /**
   * @param lanes those that any listener has chosen
   * @param resumeMs time within which a session from another worker has to go on here
   * @param keys of sessions that their clients find again
   * @param meter is told what waits for clients that are away
   * @param exhausted is told why there is no memory left
   * @param guard wraps what is scheduled
   */
  public WorkerContext(
      EventLoop loop,
      WorkerCounters counters,
      Latencies latencies,
      Map<LaneKind, Lane> lanes,
      long resumeMs,
      SessionKeys keys,
      Meter meter,
      MemoryLimits limits,
      Consumer<String> exhausted,
      UnaryOperator<Runnable> guard) {
    this.loop = loop;
    this.counters = counters;
    this.latencies = latencies;
    this.clock = new Clock(loop);
    this.topics = WorkerTopics.alone(loop, limits.budget(), guard);
    this.lanes = Map.copyOf(lanes);
    this.resumeMs = resumeMs;
    this.keyed = new KeyedSessions(keys);
    this.meter = meter;
    this.errors = new SessionErrors(clock::nanos);
    this.overflows = new Overflows(counters, clock::nanos);
    this.unanswered = new UnansweredRequests(counters, clock::nanos);
    this.memory =
        new MemoryPressure(
            limits.budget(),
            new OnLoop(loop, guard),
            () -> sessions.all().stream().map(ManagedSession::holder).toList(),
            sessions::size,
            new PressureReport(counters, limits.budget(), clock::nanos));
    this.exhaustion = new Exhaustion(limits, memory::allocationFailed, exhausted);
  }

  private record OnLoop(EventLoop loop, UnaryOperator<Runnable> guard)
      implements MemoryPressure.Scheduler {
    @Override
    public void soon(Runnable task) {
      loop.execute(guard.apply(task));
    }

    @Override
    public void later(Runnable task, long ms) {
      var _ = loop.schedule(guard.apply(task), ms, TimeUnit.MILLISECONDS);
    }
  }

  /** Sets the logs of the listeners, before there is a session. */
  public void accessLogs(AccessLogs its) {
    accessLogs = its;
  }

  AccessLogs accessLogs() {
    return accessLogs;
  }

  /** Sets the topics that go beyond this worker, before there is a session. */
  public void topics(WorkerTopics its) {
    topics = its;
  }

  WorkerTopics topics() {
    return topics;
  }

  /** Sets the way on which clients find their sessions on other machines. */
  public void remoteSearch(RemoteSearch its) {
    remoteSearch = its;
  }

  RemoteSearch remoteSearch() {
    return remoteSearch;
  }

  public OpenSessions sessions() {
    return sessions;
  }

  public KeyedSessions keyed() {
    return keyed;
  }

  AwaySessions away() {
    return away;
  }

  /** Returns how many sessions of a principal are counted at a listener. */
  public int principalSessions(String listener, String principal) {
    return principals.count(new PrincipalSessions.Key(listener, principal));
  }

  PrincipalSessions principals() {
    return principals;
  }

  Meter meter() {
    return meter;
  }

  /** Returns how much waits in the lanes. */
  public int queueDepth() {
    int depth = 0;
    for (Lane lane : lanes.values()) {
      depth += lane.depth();
    }
    return depth;
  }

  public Exhaustion exhaustion() {
    return exhaustion;
  }

  EventLoop loop() {
    return loop;
  }

  Lane lane(LaneKind kind) {
    Lane lane = lanes.get(kind);
    if (lane == null) {
      throw new IllegalStateException("no lane " + kind + " was made");
    }
    return lane;
  }

  WorkerCounters counters() {
    return counters;
  }

  Latencies latencies() {
    return latencies;
  }

  Clock clock() {
    return clock;
  }

  MemoryPressure memory() {
    return memory;
  }

  long resumeMs() {
    return resumeMs;
  }

  SessionErrors errors() {
    return errors;
  }

  UnansweredRequests unanswered() {
    return unanswered;
  }

  Overflows overflows() {
    return overflows;
  }
}
