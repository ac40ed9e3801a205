package io.baton.worker;

import io.baton.config.Settings.Limits;
import io.baton.pipe.HandoffKind;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.PeerKey;
import io.baton.pipe.Refusal;
import io.baton.posix.Fd;
import io.baton.worker.channel.AwayChannel;
import io.baton.worker.channel.FdChannel;
import io.baton.worker.channel.Meter;
import io.baton.worker.channel.ReadSizes;
import io.baton.worker.memory.ByteBudget;
import io.baton.worker.migration.SavedSession;
import io.baton.worker.pipe.Adopter;
import io.baton.worker.pipe.Departures;
import io.baton.worker.session.ConnectionOutcome;
import io.baton.worker.session.RejectedConnections;
import io.baton.worker.session.Route;
import io.baton.worker.session.SessionFactory;
import io.baton.worker.session.WorkerContext;
import io.baton.worker.tls.TlsConnections;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes sessions of handoffs: the descriptor a channel, the channel one of its listener's route;
 * or, for a client beyond a limit, just a goodbye.
 */
final class Handoffs implements Adopter {
  private static final Logger LOG = LoggerFactory.getLogger(Handoffs.class);

  private final EventLoop loop;
  private final WorkerContext context;
  private final SessionFactory sessions;
  private final List<Route<?, ?>> routes;
  private final boolean totalIsLimited;
  private final Departures departures;
  private final RejectedConnections turnedAway = new RejectedConnections();
  private final TlsConnections tls;
  private final Meter meter;
  private final ReadSizes readSizes;

  /**
   * @param totalIsLimited whether the server takes so many connections only
   * @param departures is told of each connection that has ended, but those beyond a limit
   * @param meter is told what goes through all of them
   * @param budget of memory for all of them
   * @param tls those of them that are encrypted
   */
  Handoffs(
      EventLoop loop,
      WorkerContext context,
      List<Route<?, ?>> routes,
      boolean totalIsLimited,
      Departures departures,
      Meter meter,
      ByteBudget budget,
      TlsConnections tls) {
    this.context = context;
    this.meter = meter;
    this.readSizes = new ReadSizes(meter, budget::isTight, context.exhaustion()::failed);
    this.totalIsLimited = totalIsLimited;
    this.loop = loop;
    this.sessions = new SessionFactory(context, tls);
    this.tls = tls;
    this.departures = departures;
    this.routes = routes;
  }

  @Override
  public boolean knows(Handoff handoff) {
    return handoff.listener() < routes.size();
  }

  @Override
  public Connection adopt(Handoff handoff, Fd descriptor) {
    FdChannel channel = channel(handoff, descriptor);
    return handoff.kind() instanceof HandoffKind.BeyondLimit
        ? new OneTooMany(handoff, channel)
        : new Served(handoff, channel, key(handoff), this::open);
  }

  private ConnectionOutcome open(Channel channel, Handoff handoff) {
    return sessions.open(channel, routes.get(handoff.listener()), handoff);
  }

  @Override
  public @Nullable Refusal whyNot(Handoff handoff, HandoffKind.Unserved connection) {
    return context.keyed().whyNot(connection, routes.get(handoff.listener()).listener());
  }

  @Override
  public Connection adopt(Handoff handoff, ByteBuffer state, Fd descriptor) {
    SavedSession connection = SavedSession.decode(state);
    HandoffKind.Unserved kind = (HandoffKind.Unserved) handoff.kind();
    // The facts are kept for as long as the connection lives, the state must not be.
    Handoff facts = handoff.as(HandoffKind.FRESH);
    return new Served(
        facts,
        channel(facts, descriptor),
        key(facts),
        (channel, its) ->
            sessions.open(channel, routes.get(its.listener()), its, connection, kind.search()));
  }

  @Override
  public void resume(Handoff handoff, ByteBuffer state, @Nullable Fd descriptor, Verdict verdict) {
    SavedSession saved = SavedSession.decode(state);
    // The facts are kept for as long as the connection lives, the state must not be.
    Handoff facts = handoff.as(HandoffKind.FRESH);
    Channel channel =
        descriptor == null
            ? new AwayChannel(meter, routes.get(facts.listener()).listener(), facts.peer())
            : channel(facts, descriptor);
    Served served = new Served(facts, channel, key(facts), this::open);
    served.resume(saved, (HandoffKind.Saved) handoff.kind(), verdict);
  }

  private FdChannel channel(Handoff handoff, Fd descriptor) {
    return FdChannel.adopt(
        descriptor, readSizes, meter, routes.get(handoff.listener()).listener(), handoff.peer());
  }

  private boolean isLimited(int listener) {
    Limits limits = routes.get(listener).options().limits();
    return totalIsLimited || limits.maxConnections() > 0 || limits.maxConnectionsPerPeer() > 0;
  }

  private @Nullable PeerKey key(Handoff handoff) {
    boolean perPeer = routes.get(handoff.listener()).options().limits().maxConnectionsPerPeer() > 0;
    return perPeer ? PeerKey.of(handoff.peer()) : null;
  }

  /** Whether the manager wants to hear who broke the protocol. */
  private boolean blocksPeers(int listener) {
    return routes.get(listener).options().access().block().after() > 0;
  }

  /** Ends the connections of those who are being turned away. */
  void abortTurnedAway() {
    turnedAway.abort();
  }

  private void register(Channel channel, Handoff handoff) {
    loop.register(channel)
        .addListener(registered -> {
          if (!registered.isSuccess()) {
            LOG.error(
                "the connection of {} cannot be registered and is closed",
                handoff.peer(),
                registered.cause());
          }
        });
  }

  /** Fits a channel with codec and session. */
  private interface Opening {
    ConnectionOutcome open(Channel channel, Handoff handoff);
  }

  /** A connection to be served. It listens for its own end, so that nothing is made for that. */
  private final class Served implements Connection, ChannelFutureListener {
    private final Handoff handoff;
    private final Channel channel;
    private final @Nullable PeerKey key;

    /** Null once it has opened. */
    private @Nullable Opening opening;

    private @Nullable ConnectionOutcome session;

    Served(Handoff handoff, Channel channel, @Nullable PeerKey key, Opening opening) {
      this.handoff = handoff;
      this.channel = channel;
      this.key = key;
      this.opening = opening;
    }

    void resume(SavedSession saved, HandoffKind.Saved kind, Verdict verdict) {
      opening = null;
      try {
        Route<?, ?> route = routes.get(handoff.listener());
        session =
            sessions.resume(
                channel,
                route,
                handoff,
                saved,
                kind.returned(),
                kind.key(),
                reason -> decide(reason, verdict));
        session.watch(this);
      } catch (RuntimeException | LinkageError e) {
        channel.unsafe().closeForcibly();
        throw e;
      }
    }

    private void decide(@Nullable String reason, Verdict verdict) {
      if (reason == null) {
        verdict.taken(this);
      } else {
        verdict.refused(Refusal.UNREADABLE, reason);
      }
    }

    @Override
    public void start() {
      channel.closeFuture().addListener(this);
      Opening opens = opening;
      if (opens != null) {
        opening = null;
        try {
          session = opens.open(channel, handoff);
          session.watch(this);
        } catch (RuntimeException | LinkageError e) {
          LOG.error("the codec of {} fails and the connection is closed", handoff.peer(), e);
          channel.unsafe().closeForcibly();
          return;
        }
      }
      register(channel, handoff);
    }

    @Override
    public void operationComplete(ChannelFuture closed) {
      if (session == null || !(session.hasMoved() || session.goesOnWithout())) {
        if (session != null && session.brokeProtocol() && blocksPeers(handoff.listener())) {
          departures.offended(handoff.listener(), PeerKey.of(handoff.peer()));
        }
        departures.add(handoff.listener(), key, isLimited(handoff.listener()));
      }
    }

    @Override
    public void abandon() {
      if (session == null) {
        channel.unsafe().closeForcibly();
      } else {
        session.abandon();
      }
    }
  }

  /** A connection beyond a limit. */
  private final class OneTooMany implements Connection {
    private final Handoff handoff;
    private final FdChannel channel;

    OneTooMany(Handoff handoff, FdChannel channel) {
      this.handoff = handoff;
      this.channel = channel;
    }

    @Override
    public void start() {
      Route<?, ?> route = routes.get(handoff.listener());
      // Who is encrypted would have to do a handshake to be told.
      boolean told =
          !tls.encrypts(route.listener())
              && turnedAway.equip(channel, route.protocol().codec(), handoff.peer());
      if (told) {
        register(channel, handoff);
      } else {
        channel.unsafe().closeForcibly();
      }
    }

    @Override
    public void abandon() {
      channel.unsafe().closeForcibly();
    }
  }
}
