package io.baton.worker.run;

import io.baton.service.Peer;
import io.baton.service.SessionId;
import io.baton.worker.load.Latencies;
import io.baton.worker.load.Tally;
import io.baton.worker.load.Traffic;
import io.netty.channel.Channel;
import io.netty.channel.WriteBufferWaterMark;

/**
 * The {@code loop} lane: runs the services of all sessions on the worker's one event loop, and
 * holds what they share.
 */
public final class Lane {
  private final Tally tally;
  private final Latencies latencies;
  private final Faults faults = new Faults();
  private final Sessions sessions = new Sessions();
  private final Traffic traffic;
  private final WriteBufferWaterMark waterMark;

  public Lane(Tally tally, Latencies latencies, int highWaterMarkBytes) {
    this.tally = tally;
    this.latencies = latencies;
    this.traffic = new Traffic(tally);
    this.waterMark = new WriteBufferWaterMark(highWaterMarkBytes / 2, highWaterMarkBytes);
  }

  /** Fits a channel that is not registered yet with codec and session. */
  public <I, O> void equip(Channel channel, Route<I, O> route, SessionId id, Peer peer) {
    channel.config().setWriteBufferWaterMark(waterMark);
    channel.pipeline().addLast(traffic);
    LoopSession<I, O> session = new LoopSession<>(this, route, id, peer, channel);
    channel.pipeline().addLast(new SessionHandler(session));
  }

  public Sessions sessions() {
    return sessions;
  }

  Tally tally() {
    return tally;
  }

  Latencies latencies() {
    return latencies;
  }

  Faults faults() {
    return faults;
  }
}
