package io.baton.worker.run;

import io.baton.config.Settings.LaneKind;
import io.baton.pipe.Message.Handoff;
import io.baton.worker.lane.Lane;
import io.baton.worker.load.Latencies;
import io.baton.worker.load.PressureReport;
import io.baton.worker.load.Tally;
import io.baton.worker.memory.ByteBudget;
import io.baton.worker.memory.Exhaustion;
import io.baton.worker.memory.MemoryPressure;
import io.baton.worker.time.Clock;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What all connections of a worker share. Event loop only. */
public final class Host {
  private final EventLoop loop;
  private final Tally tally;
  private final Latencies latencies;
  private final Clock clock;
  private final Map<LaneKind, Lane> lanes;
  private final long resumeMs;
  private final Faults faults = new Faults();
  private final Overflows overflows;
  private final Sessions sessions = new Sessions();
  private final MemoryPressure memory;
  private final Exhaustion exhaustion;

  /** By the high one in bytes: one object for all listeners' connections that have it. */
  private final Map<Integer, WriteBufferWaterMark> waterMarks = new HashMap<>();

  /**
   * @param lanes those that any listener has chosen
   * @param resumeMs time within which a session from another worker has to go on here
   * @param budget of memory, for all connections together
   * @param direct memory that is used, in bytes
   * @param directLimit of that
   * @param exhausted is told why there is no memory left
   * @param guard wraps what is scheduled
   */
  public Host(
      EventLoop loop,
      Tally tally,
      Latencies latencies,
      Clock clock,
      Map<LaneKind, Lane> lanes,
      long resumeMs,
      ByteBudget budget,
      LongSupplier direct,
      long directLimit,
      Consumer<String> exhausted,
      UnaryOperator<Runnable> guard) {
    this.loop = loop;
    this.tally = tally;
    this.latencies = latencies;
    this.clock = clock;
    this.lanes = Map.copyOf(lanes);
    this.resumeMs = resumeMs;
    this.overflows = new Overflows(tally, clock::nanos);
    this.memory =
        new MemoryPressure(
            budget,
            new OnLoop(loop, guard),
            sessions::all,
            sessions::size,
            new PressureReport(tally, budget, clock::nanos));
    this.exhaustion =
        new Exhaustion(direct, directLimit, budget, memory::allocationFailed, exhausted);
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

  /**
   * Fits a channel that is not registered yet with codec and session.
   *
   * @param facts are kept as long as the connection, so without any saved state
   */
  public Adopted equip(Channel channel, Route<?, ?> route, Handoff facts) {
    Connection connection = connection(channel, route, facts);
    connection.begin();
    return connection;
  }

  /**
   * As {@link #equip}, for a session that comes from another worker.
   *
   * @param returned it was here before, and no other worker would have it
   * @param resumed told once: null when the channel may be registered, or for the operator why the
   *     service cannot go on with the session; perhaps before this returns
   * @throws IllegalArgumentException if the codec cannot go on with it, or its protocol is unknown
   */
  public Adopted resume(
      Channel channel,
      Route<?, ?> route,
      Handoff facts,
      SavedSession saved,
      boolean returned,
      Consumer<@Nullable String> resumed) {
    Connection connection = connection(channel, route, facts);
    connection.begin(saved, returned, resumed);
    return connection;
  }

  private Connection connection(Channel channel, Route<?, ?> route, Handoff facts) {
    channel.config().setWriteBufferWaterMark(waterMark(route.options().highWaterMarkBytes()));
    channel.pipeline().addLast(Entrance.INSTANCE);
    return new Connection(this, route, facts, channel);
  }

  private WriteBufferWaterMark waterMark(int high) {
    return waterMarks.computeIfAbsent(high, _ -> new WriteBufferWaterMark(high / 2, high));
  }

  public Sessions sessions() {
    return sessions;
  }

  /** What waits in the lanes. */
  public int queueDepth() {
    int depth = 0;
    for (Lane lane : lanes.values()) {
      depth += lane.depth();
    }
    return depth;
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

  Tally tally() {
    return tally;
  }

  Latencies latencies() {
    return latencies;
  }

  Clock clock() {
    return clock;
  }

  public Exhaustion exhaustion() {
    return exhaustion;
  }

  MemoryPressure memory() {
    return memory;
  }

  long resumeMs() {
    return resumeMs;
  }

  Faults faults() {
    return faults;
  }

  Overflows overflows() {
    return overflows;
  }
}
