package io.baton.worker;

import io.baton.config.Settings.Limits;
import io.baton.pipe.HandoffKind;
import io.baton.pipe.Message.Change;
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
import io.baton.worker.session.CountedConnection;
import io.baton.worker.session.FurtherConnection;
import io.baton.worker.session.LimitedClients;
import io.baton.worker.session.RejectedConnections;
import io.baton.worker.session.Route;
import io.baton.worker.session.SessionFactory;
import io.baton.worker.session.WorkerContext;
import io.baton.worker.tls.TlsConnections;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes sessions of handoffs: the descriptor a channel, the channel one of its listener's route;
 * or, for a client beyond a limit, just a goodbye.
 */
final class Handoffs implements Adopter, SoughtConnections.Place {
  private static final Logger LOG = LoggerFactory.getLogger(Handoffs.class);

  private final EventLoop loop;
  private final WorkerContext context;
  private final SessionFactory sessions;
  private final List<Route<?, ?>> routes;
  private final boolean totalIsLimited;
  private final Departures departures;
  private final RejectedConnections turnedAway = new RejectedConnections();
  private final LimitedClients limited = new LimitedClients();
  private final ByteBudget budget;
  private final TlsConnections tls;

  /** What counts each listener's bytes, and guesses how many are read at once. */
  private final List<Meter> meters;

  private final List<ReadSizes> readSizes;

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
    this.budget = budget;
    this.meters = routes.stream().map(route -> route.metrics().meter(meter)).toList();
    this.readSizes =
        meters.stream()
            .map(each -> new ReadSizes(each, budget::isTight, context.exhaustion()::failed))
            .toList();
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
    if (!(handoff.kind() instanceof HandoffKind.BeyondLimit)) {
      return new Served(handoff, channel, Standing.CONNECTED, this::open);
    }
    return mayComeBack(handoff)
        ? new Served(handoff, channel, Standing.LIMITED, this::open)
        : new OneTooMany(handoff, channel);
  }

  /** Whether one beyond a limit is read until it has said which session it wants, if any. */
  private boolean mayComeBack(Handoff handoff) {
    Route<?, ?> route = routes.get(handoff.listener());
    return route.options().session().awaits().forMs() > 0
        && route.protocol().codec().seeks()
        && !budget.isTight()
        && limited.admits(PeerKey.of(handoff.peer()));
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
    return adopt(handoff, state, descriptor, false);
  }

  @Override
  public Connection adoptSought(Handoff handoff, ByteBuffer state, Fd descriptor) {
    return adopt(handoff, state, descriptor, true);
  }

  /**
   * As the other one.
   *
   * @param onOtherMachines whether the session was looked for on these, too
   */
  private Connection adopt(
      Handoff handoff, ByteBuffer state, Fd descriptor, boolean onOtherMachines) {
    SavedSession connection = SavedSession.decode(state);
    var _ = routes.get(handoff.listener()).protocol(connection.protocol()); // or refuse it
    HandoffKind.Unserved kind = (HandoffKind.Unserved) handoff.kind();
    // The facts are kept for as long as the connection lives, the state must not be.
    boolean beyondLimit = kind.beyondLimit();
    Handoff facts = handoff.as(beyondLimit ? HandoffKind.BEYOND_LIMIT : HandoffKind.FRESH);
    return new Served(
        facts,
        channel(facts, descriptor),
        beyondLimit ? Standing.LIMITED : Standing.CONNECTED,
        (channel, its) ->
            sessions.open(
                channel,
                routes.get(its.listener()),
                its,
                connection,
                kind.search(),
                onOtherMachines));
  }

  @Override
  public void resume(Handoff handoff, ByteBuffer state, List<Fd> connections, Verdict verdict) {
    resume(handoff, SavedSession.decode(state), connections, verdict);
  }

  @Override
  public void resumeAway(Handoff handoff, SavedSession saved, Verdict verdict) {
    resume(handoff, saved, List.of(), verdict);
  }

  @Override
  public void departed(Handoff handoff) {
    boolean counts = !((HandoffKind.Unserved) handoff.kind()).beyondLimit();
    if (counts) {
      departures.add(handoff.listener(), key(handoff), isLimited(handoff.listener()));
    }
  }

  @Override
  public String listener(int index) {
    return routes.get(index).listener();
  }

  @Override
  public void awayArrived(Handoff handoff) {
    departures.recounted(
        Change.AWAY_ARRIVED, handoff.listener(), key(handoff), isLimited(handoff.listener()));
  }

  private void resume(Handoff handoff, SavedSession saved, List<Fd> connections, Verdict verdict) {
    HandoffKind.Saved kind = (HandoffKind.Saved) handoff.kind();
    if (saved.companions().size() != kind.companions().size()) {
      throw new IllegalArgumentException(
          "the state of %d further connections, of which %d came"
              .formatted(saved.companions().size(), kind.companions().size()));
    }
    // The facts are kept for as long as the connection lives, the state must not be.
    Handoff facts = handoff.as(HandoffKind.FRESH);
    Channel channel =
        kind.away()
            ? new AwayChannel(
                meters.get(facts.listener()), routes.get(facts.listener()).listener(), facts.peer())
            : channel(facts, connections.getFirst());
    Standing standing = kind.away() ? Standing.AWAY : Standing.CONNECTED;
    List<Further> others = new ArrayList<>(0);
    try {
      for (int i = 0; i < kind.companions().size(); i++) {
        HandoffKind.Companion companion = kind.companions().get(i);
        others.add(further(facts, companion, saved.companions().get(i), connections.get(i + 1)));
      }
    } catch (RuntimeException e) {
      close(channel, others);
      throw e;
    }
    new Served(facts, channel, standing, this::open, others).resume(saved, kind, verdict);
  }

  /** Closes channels that were never registered. */
  private static void close(Channel first, List<Further> others) {
    first.unsafe().closeForcibly();
    others.forEach(each -> each.channel().unsafe().closeForcibly());
  }

  private Further further(
      Handoff first, HandoffKind.Companion companion, SavedSession saved, Fd descriptor) {
    Handoff facts =
        new Handoff(
            companion.id(), first.listener(), companion.peer(), companion.via(), first.kind());
    FdChannel channel = channel(facts, descriptor);
    return new Further(saved, new Served(facts, channel, Standing.CONNECTED, this::open));
  }

  /** A further connection of a session that comes from another worker. */
  private record Further(SavedSession saved, Served served) implements FurtherConnection {
    @Override
    public Channel channel() {
      return served.channel;
    }

    @Override
    public Handoff facts() {
      return served.handoff;
    }

    @Override
    public void serve(ConnectionOutcome companion) {
      served.opening = null;
      served.watch(companion);
    }
  }

  private FdChannel channel(Handoff handoff, Fd descriptor) {
    int listener = handoff.listener();
    return FdChannel.adopt(
        descriptor,
        readSizes.get(listener),
        meters.get(listener),
        routes.get(listener).listener(),
        handoff.peer());
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

  /**
   * Has a channel read.
   *
   * @param session what it bears; null if it is turned away
   */
  private void register(Channel channel, Handoff handoff, @Nullable ConnectionOutcome session) {
    loop.register(channel)
        .addListener(registered -> {
          if (!registered.isSuccess()) {
            LOG.error(
                "the connection of {} cannot be registered and is closed",
                handoff.peer(),
                registered.cause());
            if (session != null) {
              session.unregistered();
            }
          }
        });
  }

  /** Fits a channel with codec and session. */
  private interface Opening {
    ConnectionOutcome open(Channel channel, Handoff handoff);
  }

  /** What a connection counts as. */
  private enum Standing {
    /** Nothing yet: it is beyond a limit, and may turn out to come back to its session. */
    LIMITED,
    CONNECTED,
    /** It is lost, and its session waits for another one. */
    AWAY,
    /** Nothing any more. */
    OVER
  }

  /** A connection to be served. It listens for its own end, so that nothing is made for that. */
  private final class Served implements Connection, CountedConnection {
    private final Handoff handoff;
    private final Channel channel;
    private final @Nullable PeerKey key;
    private Standing standing;

    /** Null once it has opened. */
    private @Nullable Opening opening;

    private @Nullable ConnectionOutcome session;

    /** Of its session, which comes from another worker. */
    private final List<Further> others;

    /** Ends its time to say which session it wants; null if it has none. */
    private @Nullable ScheduledFuture<?> patience;

    Served(Handoff handoff, Channel channel, Standing standing, Opening opening) {
      this(handoff, channel, standing, opening, List.of());
    }

    Served(
        Handoff handoff,
        Channel channel,
        Standing standing,
        Opening opening,
        List<Further> others) {
      this.others = others;
      this.handoff = handoff;
      this.channel = channel;
      this.key = key(handoff);
      this.standing = standing;
      this.opening = opening;
      if (standing == Standing.LIMITED) {
        limited.enter(PeerKey.of(handoff.peer()));
      }
    }

    void resume(SavedSession saved, HandoffKind.Saved kind, Verdict verdict) {
      opening = null;
      try {
        Route<?, ?> route = routes.get(handoff.listener());
        ConnectionOutcome resumes =
            sessions.resume(
                channel,
                route,
                handoff,
                saved,
                others,
                kind.returned(),
                kind.key(),
                reason -> decide(reason, verdict));
        watch(resumes);
      } catch (RuntimeException | LinkageError e) {
        close(channel, others);
        throw e;
      }
    }

    private void watch(ConnectionOutcome its) {
      session = its;
      its.watch(this);
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
          ConnectionOutcome its = opens.open(channel, handoff);
          watch(its);
          if (standing == Standing.LIMITED) {
            patience =
                loop.schedule(its::turnAway, LimitedClients.PATIENCE_MS, TimeUnit.MILLISECONDS);
          }
        } catch (RuntimeException | LinkageError e) {
          LOG.error("the codec of {} fails and the connection is closed", handoff.peer(), e);
          channel.unsafe().closeForcibly();
          return;
        }
      }
      others.forEach(each -> each.served().start()); // the session may write to them at once
      register(channel, handoff, session);
    }

    @Override
    public void operationComplete(ChannelFuture closed) {
      ConnectionOutcome its = session;
      if (its == null || closed.channel() instanceof AwayChannel || !its.goesOnWithout()) {
        ended();
      }
    }

    @Override
    public void lost() {
      if (standing == Standing.CONNECTED) {
        standing = Standing.AWAY;
        recounted(Change.LOST, isLimited(handoff.listener()));
      }
    }

    @Override
    public void admitted() {
      if (standing == Standing.LIMITED) {
        notLimited();
        standing = Standing.CONNECTED;
        recounted(Change.ADMITTED, false);
      }
    }

    @Override
    public void ended() {
      Standing was = standing;
      standing = Standing.OVER;
      ConnectionOutcome its = session;
      boolean hasMoved = its != null && its.hasMoved();
      if (was != Standing.OVER && !hasMoved && its != null && its.brokeProtocol()) {
        offended();
      }
      switch (was) {
        case LIMITED -> notLimited();
        case CONNECTED -> {
          if (!hasMoved) {
            departures.add(handoff.listener(), key, isLimited(handoff.listener()));
          }
        }
        case AWAY -> {
          if (!hasMoved) {
            recounted(Change.AWAY_ENDED, false); // which leaves no room for anybody
          }
        }
        case OVER -> {}
      }
    }

    private void notLimited() {
      limited.leave(PeerKey.of(handoff.peer()));
      ScheduledFuture<?> timer = patience;
      if (timer != null) {
        patience = null;
        timer.cancel(false);
      }
    }

    private void offended() {
      if (blocksPeers(handoff.listener())) {
        departures.offended(handoff.listener(), PeerKey.of(handoff.peer()));
      }
    }

    private void recounted(Change change, boolean leavesRoom) {
      departures.recounted(change, handoff.listener(), key, leavesRoom);
    }

    @Override
    public void abandon() {
      if (standing == Standing.LIMITED) {
        notLimited();
        standing = Standing.OVER;
      }
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
        register(channel, handoff, null);
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
