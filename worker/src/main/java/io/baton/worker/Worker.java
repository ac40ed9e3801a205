package io.baton.worker;

import io.baton.config.ClusterSettings;
import io.baton.config.Settings;
import io.baton.config.Settings.LaneKind;
import io.baton.config.WorkerSettings;
import io.baton.credentials.Credentials;
import io.baton.pipe.Load;
import io.baton.pipe.Message;
import io.baton.pipe.Message.AllowMigrations;
import io.baton.pipe.Message.DescribeSession;
import io.baton.pipe.Message.ListSessions;
import io.baton.pipe.Message.SessionsListed;
import io.baton.pipe.Neighbour;
import io.baton.pipe.Pipe;
import io.baton.pipe.SavedForm;
import io.baton.pipe.SessionDescription;
import io.baton.posix.Fd;
import io.baton.worker.accesslog.AccessLogs;
import io.baton.worker.broker.Broker;
import io.baton.worker.broker.Cluster;
import io.baton.worker.broker.nats.NatsBroker;
import io.baton.worker.channel.Meter;
import io.baton.worker.delivery.TopicPublisher;
import io.baton.worker.delivery.WorkerServices;
import io.baton.worker.delivery.WorkerTopics;
import io.baton.worker.drain.Drain;
import io.baton.worker.elsewhere.Transfers;
import io.baton.worker.lane.CallbackWatch;
import io.baton.worker.lane.Lane;
import io.baton.worker.lane.LoopBeat;
import io.baton.worker.lane.LoopLane;
import io.baton.worker.lane.RingLane;
import io.baton.worker.lane.VirtualLane;
import io.baton.worker.load.ChannelMeter;
import io.baton.worker.load.Latencies;
import io.baton.worker.load.LoopBusy;
import io.baton.worker.load.Reporter;
import io.baton.worker.load.WorkerCounters;
import io.baton.worker.memory.ByteBudget;
import io.baton.worker.memory.DirectMemory;
import io.baton.worker.memory.MemoryLimits;
import io.baton.worker.mesh.MeshLinks;
import io.baton.worker.mesh.MeshListeners;
import io.baton.worker.metrics.MetricsRegistry;
import io.baton.worker.migration.MigrationScheduler;
import io.baton.worker.migration.SavedSession;
import io.baton.worker.pipe.Departures;
import io.baton.worker.pipe.Intake;
import io.baton.worker.pipe.Orders;
import io.baton.worker.session.GivenSessions;
import io.baton.worker.session.ManagedSession;
import io.baton.worker.session.Route;
import io.baton.worker.session.SessionCensus;
import io.baton.worker.session.SessionKeys;
import io.baton.worker.session.SessionLookup;
import io.baton.worker.session.WorkerContext;
import io.baton.worker.spool.Spool;
import io.baton.worker.time.Uptime;
import io.baton.worker.tls.TlsConnections;
import io.netty.channel.IoRegistration;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
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

  private static final long TOPICS_TICK_MS = 100;

  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

  /** How a worker ends. */
  enum End {
    /** All sessions are over, as was asked. */
    DRAINED,
    /** Manager or worker is not what it should be; the reason is in the log. */
    CONFUSED
  }

  private final Settings settings;
  private final MetricsRegistry metrics;
  private final int slot;
  private final Guard guard;
  private final SingleThreadIoEventLoop loop;
  private final WorkerContext context;
  private final WorkerTopics topics;
  private final WorkerServices services;
  private final WorkerCounters counters;
  private final Map<LaneKind, Lane> lanes;
  private final TlsConnections tls;
  private final Handoffs handoffs;
  private final Intake intake;
  private final MeshLinks links;
  private final Drain drain;
  private final MigrationScheduler migrations;
  private final Reporter reporter;
  private final LoopBeat beat = new LoopBeat();
  private boolean joins;
  private final Runnable orphaned;
  private final CompletableFuture<End> end = new CompletableFuture<>();

  private final Uptime uptime = new Uptime();

  private final ByteBudget budget;

  private final OtherMachines machines = new OtherMachines();

  /** Null until the worker is ready, and where nobody wants to know. */
  private @Nullable CallbackWatch watch;

  /** One whose routes spool nothing. */
  Worker(Settings settings, List<Route<?, ?>> routes, Pipe pipe) throws IOException {
    this(
        settings,
        routes,
        _ -> TlsConnections.none(),
        Spool.NONE,
        new HandshakeCounters(),
        SessionKeys.alone(),
        pipe,
        () -> {});
  }

  /** One in slot 0, without modules that count anything. */
  Worker(
      Settings settings,
      List<Route<?, ?>> routes,
      Encryption encryption,
      Spool spool,
      HandshakeCounters handshakes,
      SessionKeys keys,
      Pipe pipe,
      Runnable orphaned)
      throws IOException {
    this(
        settings,
        routes,
        encryption,
        spool,
        handshakes,
        keys,
        new MetricsRegistry(),
        0,
        0,
        pipe,
        orphaned);
  }

  /** Makes what encrypts connections, which has to book what that takes. */
  interface Encryption {
    TlsConnections of(LongConsumer held) throws SSLException;
  }

  /**
   * @param encryption of connections of the routes
   * @param spool where bodies of the routes' requests go
   * @param handshakes what the routes count of clients before their sessions begin
   * @param keys of sessions that their clients find again
   * @param metrics of the modules
   * @param number its own, which no other worker of this server has or had
   * @param slot its own, for metrics
   * @param orphaned told when the manager is gone
   */
  Worker(
      Settings settings,
      List<Route<?, ?>> routes,
      Encryption encryption,
      Spool spool,
      HandshakeCounters handshakes,
      SessionKeys keys,
      MetricsRegistry metrics,
      long number,
      int slot,
      Pipe pipe,
      Runnable orphaned)
      throws IOException {
    this.settings = settings;
    this.metrics = metrics;
    this.slot = slot;
    this.orphaned = orphaned;
    guard = new Guard(this::confused);
    counters = new WorkerCounters();
    counters.unspooled(spool::refusals);
    counters.deniedOrigins(handshakes.denied()::count);
    counters.authentications(handshakes.authentications()::counts);
    counters.linkRefusals(handshakes.refusals()::counts);
    Latencies latencies = new Latencies();
    LoopBusy busy = new LoopBusy();
    MultiThreadIoEventLoopGroup group =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("loop"), busy.measuring(EpollIoHandler.newFactory()));
    loop = (SingleThreadIoEventLoop) group.next(); // the class of all loops of this group
    lanes = lanes(settings.worker().ring(), routes);
    DirectMemory direct = new DirectMemory();
    long limit = settings.worker().memoryBudgetBytes();
    budget = new ByteBudget(limit == 0 ? direct.limit() / 2 : limit);
    Meter meter = new ChannelMeter(counters, budget);
    context =
        new WorkerContext(
            loop,
            counters,
            latencies,
            lanes,
            settings.fleet().migration().resumeMs(),
            keys,
            meter,
            MemoryLimits.of(budget, direct),
            this::exhausted,
            guard);
    links = new MeshLinks(loop, budget, this::confused);
    topics = new WorkerTopics(number, loop, budget, links, guard);
    services = new WorkerServices(number, slot, loop, budget, links, guard);
    links.listen(new MeshListeners(List.of(services, topics)));
    context.topics(topics);
    Departures departures = new Departures(routes.size());
    tls = encryption.of(budget::add);
    handoffs =
        new Handoffs(
            loop,
            context,
            routes,
            settings.server().maxConnections() > 0,
            departures,
            meter,
            budget,
            tls);
    intake = new Intake(pipe, handoffs, departures, this, settings.worker().receiveBatch());
    drain =
        new Drain(
            loop,
            context.sessions(),
            this::settled,
            this::endArrivals,
            machines::given,
            () -> {
              mentionRedirected(); // before modules stop, which may take long
              end.complete(End.DRAINED);
            },
            guard);
    tls.handshakes().watch(drain::check);
    topics.watch(drain::check);
    services.watch(drain::check);
    context.keyed().way(intake::give);
    counters.handshakes(tls.handshakes()::count);
    migrations =
        new MigrationScheduler(
            loop,
            context.sessions()::all,
            intake::give,
            intake::mention,
            settings.fleet().migration().quiesceMs(),
            guard);
    reporter =
        new Reporter(
            loop,
            context::queueDepth,
            counters,
            latencies,
            busy,
            budget,
            direct,
            spool::bytes,
            this::callbacks,
            () -> links.counts().with(machines.counts()),
            new SessionCensus(context.sessions(), routes)::take,
            metrics,
            intake);
    routes.forEach(route -> route.metrics().register(route.listener(), metrics));
    reporter.register(slot, metrics);
  }

  /** No connection and no other worker needs this one, whose sessions have ended. */
  private boolean settled() {
    return intake.settled()
        && tls.handshakes().isEmpty()
        && !topics.owes()
        && machines.isSettled()
        && (!joins || services.finish());
  }

  /** What has not become a session of this worker yet does not do so any more. */
  private void endArrivals() {
    tls.handshakes().abort();
    machines.endTransfers();
  }

  /** Those that any of the listeners, or a route, has chosen. */
  private Map<LaneKind, Lane> lanes(WorkerSettings.Ring ring, List<Route<?, ?>> routes) {
    Map<LaneKind, Lane> made = new EnumMap<>(LaneKind.class);
    for (Route<?, ?> route : routes) {
      for (LaneKind lane : route.lanes()) {
        made.computeIfAbsent(
            lane,
            kind ->
                switch (kind) {
                  case LOOP -> new LoopLane(loop);
                  case RING -> new RingLane(loop, ring.threads(), ring.size());
                  case VIRTUAL -> new VirtualLane();
                });
      }
    }
    return made;
  }

  /** Where modules publish. */
  TopicPublisher topics() {
    return topics.publisher();
  }

  /** Where modules offer and ask. */
  WorkerServices services() {
    return services;
  }

  /** Sets the access logs of the listeners, before the worker starts. */
  void accessLogs(AccessLogs logs) {
    context.accessLogs(logs);
    counters.accessLogDropped(logs::dropped);
  }

  /**
   * Makes the worker one of a cluster, before it starts: its sessions may go on at other machines
   * if these have a secret in common.
   *
   * @param withMesh whether topics and services reach them, too
   */
  void cluster(
      Cluster.Identity identity,
      ClusterSettings settings,
      Credentials credentials,
      boolean withMesh)
      throws GeneralSecurityException, IOException, InterruptedException, ExecutionException {
    String name = "%s worker %d".formatted(identity.server(), slot);
    Broker broker = new NatsBroker(settings, credentials, name, topics.memory(), loop, guard);
    Cluster its = new Cluster(identity, broker);
    its.register(slot, metrics);
    loop.submit(
            () -> {
              machines.join(its);
              if (withMesh) {
                topics.join(its);
                services.join(its);
              }
              if (!identity.secrets().isEmpty()) {
                transfer(its, identity);
              }
              its.start();
            })
        .get();
  }

  private void transfer(Cluster with, Cluster.Identity identity) {
    long quiesceMs = settings.fleet().migration().quiesceMs();
    SoughtConnections comers = new SoughtConnections(handoffs, loop, budget, guard);
    Transfers its =
        new Transfers(with, identity, new GivenSessions(context, quiesceMs, guard), comers, budget);
    comers.begin(its);
    context.remoteSearch(comers);
    its.watch(drain::check);
    with.join(its);
    its.register(slot, metrics);
    machines.exchange(its, comers);
  }

  /** Lets the worker have links to the others, before it starts. */
  void join() {
    joins = true;
    links.register(slot, metrics);
    topics.register(slot, metrics);
    services.register(slot, metrics);
  }

  /**
   * Takes the pipe over and tells the manager that handoffs are welcome; one that joins only when
   * it has links to the others.
   */
  void start() throws InterruptedException, ExecutionException {
    IoRegistration registration = loop.register(intake).get();
    loop.submit(
            () -> {
              reporter.start(
                  settings.worker().reporting().loadMs(),
                  settings.worker().reporting().latencyMs(),
                  guard);
              every(settings.worker().reporting().loadMs(), context.exhaustion()::look);
              every(settings.worker().reporting().loadMs(), this::mentionRedirected);
              every(TOPICS_TICK_MS, topics::tick);
              every(TOPICS_TICK_MS, services::tick);
              every(TOPICS_TICK_MS, () -> machines.tick(uptime.ms()));
              watchCallbacks();
              if (joins) {
                intake.send(new Message.Joined());
                links.whenSynced(() -> machines.whenUp(this::ready));
              } else {
                machines.whenUp(this::ready);
              }
              intake.start(registration);
            })
        .get();
  }

  private void ready() {
    services.open();
    // What this worker offers is on its way to the others before any of them is told to leave.
    loop.execute(guard.apply(() -> intake.send(new Message.Ready(SavedSession.READ))));
  }

  private void watchCallbacks() {
    long warningMs = settings.fleet().supervision().callbackWarningMs();
    if (warningMs > 0) {
      beat.start(loop, CallbackWatch.pauseMs(warningMs), guard);
      watch = CallbackWatch.start(lanes, beat, warningMs);
    }
  }

  private Load.Callbacks callbacks() {
    CallbackWatch looks = watch;
    return looks == null
        ? Load.Callbacks.NONE
        : new Load.Callbacks(
            looks.longestNanos(LaneKind.RING),
            looks.longestNanos(LaneKind.VIRTUAL),
            looks.standstillNanos());
  }

  private void every(long ms, Runnable task) {
    var _ = loop.scheduleWithFixedDelay(guard.apply(task), ms, ms, TimeUnit.MILLISECONDS);
  }

  /** There is no memory for more: whatever is read now would have to be thrown away. */
  private void exhausted(String why) {
    LOG.error(
        "no memory is left: {}; connections are not read any more until they have moved to the"
            + " worker that replaces this one",
        why);
    context.sessions().all().forEach(session -> session.holder().holdBack());
    intake.send(new Message.Exhausted(why));
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
      reporter.reportLastMetrics();
      reporter.report();
      Message.Redirected outcome = drain.redirected();
      if (outcome != null) {
        intake.send(outcome);
      }
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
      context.sessions().all().forEach(ManagedSession::abort);
      handoffs.abortTurnedAway();
      tls.close();
      services.close();
      links.close();
      intake.close();
    });
    if (watch != null) {
      watch.close();
    }
    // The closings reach their sessions a turn later; then what these still do comes back here.
    loop.submit(() -> {}).awaitUninterruptibly(STOP_MS);
    Future<Runnable> toOthers = loop.submit(machines::leave);
    if (toOthers.awaitUninterruptibly(STOP_MS) && toOthers.isSuccess()) {
      toOthers.getNow().run();
    }
    lanes.values().forEach(Lane::close);
    loop.shutdownGracefully(0, STOP_MS, TimeUnit.MILLISECONDS).awaitUninterruptibly(STOP_MS);
  }

  /** Sessions come and go no more, and other workers are to be asked. */
  private void leave() {
    migrations.stop();
    services.leave();
  }

  @Override
  public void drain(int timeoutMs) {
    LOG.info(
        "draining: open sessions {}, which end within {} ms", context.sessions().size(), timeoutMs);
    leave();
    drain.begin(timeoutMs);
  }

  @Override
  public void redirect(int timeoutMs) {
    LOG.info(
        "draining: open sessions {}, which go on at other machines or end within {} ms",
        context.sessions().size(),
        timeoutMs);
    leave();
    drain.redirect(timeoutMs);
    mentionRedirected();
  }

  /**
   * Says what becomes of the sessions that were to go to other machines, unless the pipe is full.
   */
  private void mentionRedirected() {
    Message.Redirected outcome = drain.redirected();
    if (outcome != null) {
      intake.mention(outcome);
    }
  }

  @Override
  public void managerGone() {
    long timeoutMs = settings.fleet().drainTimeoutMs();
    LOG.error(
        "the manager is gone: draining, open sessions {}, which end within {} ms, then this worker",
        context.sessions().size(),
        timeoutMs);
    orphaned.run();
    leave();
    drain.begin(timeoutMs);
  }

  @Override
  public void neighbours(List<Neighbour> neighbours, List<Fd> descriptors, boolean complete) {
    if (!joins) {
      throw new IllegalStateException("neighbours of a worker that has not joined: " + neighbours);
    }
    links.add(neighbours, descriptors, complete);
  }

  @Override
  public void allowMigrations(AllowMigrations allowed) {
    migrations.allow(allowed);
  }

  @Override
  public void readable(SavedForm form) {
    migrations.readable(form);
  }

  @Override
  public @Nullable SessionDescription describe(DescribeSession question) {
    return new SessionLookup(context.sessions(), context.keyed()).describe(question);
  }

  @Override
  public SessionsListed list(ListSessions question) {
    return new SessionLookup(context.sessions(), context.keyed()).list(question);
  }

  @Override
  public void roomAgain() {
    migrations.advance();
  }

  @Override
  public void confused(Throwable why) {
    LOG.error("this worker ends: its pipe or its own state cannot be trusted", why);
    end.complete(End.CONFUSED);
  }
}
