package io.baton.worker.run;

import io.baton.config.Settings.LaneKind;
import io.baton.service.Peer;
import io.baton.service.SessionId;
import io.baton.worker.lane.Lane;
import io.baton.worker.load.Latencies;
import io.baton.worker.load.Tally;
import io.baton.worker.load.Traffic;
import io.baton.worker.time.Clock;
import io.netty.channel.Channel;
import io.netty.channel.WriteBufferWaterMark;
import java.util.Map;

/** What all connections of a worker share. Event loop only. */
public final class Host {
  private final Tally tally;
  private final Latencies latencies;
  private final Clock clock;
  private final Map<LaneKind, Lane> lanes;
  private final Faults faults = new Faults();
  private final Sessions sessions = new Sessions();
  private final Traffic traffic;

  /**
   * @param lanes those that any listener has chosen
   */
  public Host(Tally tally, Latencies latencies, Clock clock, Map<LaneKind, Lane> lanes) {
    this.tally = tally;
    this.latencies = latencies;
    this.clock = clock;
    this.lanes = Map.copyOf(lanes);
    this.traffic = new Traffic(tally);
  }

  /** Fits a channel that is not registered yet with codec and session. */
  public <I, O> void equip(Channel channel, Route<I, O> route, SessionId id, Peer peer) {
    int high = route.options().highWaterMarkBytes();
    channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(high / 2, high));
    channel.pipeline().addLast(traffic);
    new Connection(this, route, id, peer, channel).begin(route.protocol());
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

  Faults faults() {
    return faults;
  }

  Traffic traffic() {
    return traffic;
  }
}
