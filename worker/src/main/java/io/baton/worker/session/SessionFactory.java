package io.baton.worker.session;

import io.baton.pipe.HandoffKind;
import io.baton.pipe.Message.Handoff;
import io.baton.service.SessionKey;
import io.baton.worker.migration.SavedSession;
import io.baton.worker.tls.TlsConnections;
import io.netty.channel.Channel;
import io.netty.channel.WriteBufferWaterMark;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Makes the sessions of this worker. Event loop only. */
public final class SessionFactory {
  private final WorkerContext context;
  private final TlsConnections tls;

  /** By the high mark in bytes: one object for all listeners' connections that have it. */
  private final Map<Integer, WriteBufferWaterMark> waterMarks = new HashMap<>();

  public SessionFactory(WorkerContext context, TlsConnections tls) {
    this.context = context;
    this.tls = tls;
  }

  /**
   * Fits a channel that is not registered yet with codec and session.
   *
   * @param facts are kept as long as the connection, so without any saved state
   */
  public ConnectionOutcome open(Channel channel, Route<?, ?> route, Handoff facts) {
    ClientSession session = new ClientSession(context, route, facts);
    tls.cover(channel, route.listener(), session);
    prepare(channel, route);
    session.begin(session.carrier(channel));
    return session;
  }

  /**
   * Does the same for a connection of another worker, whose client seeks its session.
   *
   * @param connection as that worker gave it
   * @param search how far it has come
   * @param onOtherMachines whether these were asked, too
   */
  public ConnectionOutcome open(
      Channel channel,
      Route<?, ?> route,
      Handoff facts,
      SavedSession connection,
      HandoffKind.Search search,
      boolean onOtherMachines) {
    ClientSession session = new ClientSession(context, route, facts);
    cover(session, channel, connection);
    prepare(channel, route);
    session.begin(session.carrier(channel), connection, search, onOtherMachines);
    return session;
  }

  private void cover(ClientSession session, Channel channel, SavedSession saved) {
    session.secured(resumeCover(channel, saved));
  }

  private List<X509Certificate> resumeCover(Channel channel, SavedSession saved) {
    return saved.cover().hasRemaining() ? tls.resume(channel, saved.cover()) : List.of();
  }

  /**
   * Does the same for a session that comes from another worker.
   *
   * @param others its further connections
   * @param returned it was here before, and no other worker would have it
   * @param key under which its client finds it; null if it cannot
   * @param resumed told once: null when the channel may be registered, or for the operator why the
   *     service cannot go on with the session; perhaps before this returns
   * @throws IllegalArgumentException if the codec cannot go on with it, or its protocol is unknown
   */
  public ConnectionOutcome resume(
      Channel channel,
      Route<?, ?> route,
      Handoff facts,
      SavedSession saved,
      List<? extends FurtherConnection> others,
      boolean returned,
      @Nullable SessionKey key,
      Consumer<@Nullable String> resumed) {
    ClientSession session = new ClientSession(context, route, facts);
    cover(session, channel, saved);
    prepare(channel, route);
    for (FurtherConnection each : others) {
      var _ = resumeCover(each.channel(), each.saved());
      prepare(each.channel(), route);
    }
    session.begin(session.carrier(channel), saved, others, returned, key, resumed);
    return session;
  }

  private void prepare(Channel channel, Route<?, ?> route) {
    int high = route.options().session().output().highWaterMarkBytes();
    channel
        .config()
        .setWriteBufferWaterMark(
            waterMarks.computeIfAbsent(high, _ -> new WriteBufferWaterMark(high / 2, high)));
    channel.pipeline().addLast(PipelineHead.INSTANCE);
  }
}
