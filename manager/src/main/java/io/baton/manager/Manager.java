package io.baton.manager;

import io.baton.config.Settings;
import io.baton.credentials.ServerSecrets;
import io.baton.manager.admin.SessionAnswer;
import io.baton.manager.admin.SessionList;
import io.baton.manager.admin.Status;
import io.baton.manager.certificate.CertificateWatch;
import io.baton.manager.certificate.ServerCertificates;
import io.baton.manager.fleet.DrainOutcome;
import io.baton.manager.fleet.Effect;
import io.baton.manager.fleet.Event;
import io.baton.manager.fleet.Fleet;
import io.baton.manager.fleet.Generation;
import io.baton.manager.fleet.Outcome;
import io.baton.manager.history.LoadHistory;
import io.baton.manager.history.ServerEvents;
import io.baton.manager.listen.InheritedSockets;
import io.baton.manager.listen.Listener;
import io.baton.manager.listen.Listeners;
import io.baton.manager.listen.Prepared;
import io.baton.manager.listen.Sink;
import io.baton.manager.metrics.MetricSums;
import io.baton.manager.process.Deployment;
import io.baton.manager.process.WorkerOutputFiles;
import io.baton.manager.process.WorkerProcesses;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Message.Latency;
import io.baton.pipe.Message.MetricsReport;
import io.baton.pipe.Message.SessionDescribed;
import io.baton.pipe.Message.SessionReport;
import io.baton.pipe.Message.SessionsListed;
import io.baton.posix.Epoll;
import io.baton.posix.Fd;
import io.baton.posix.PosixException;
import io.baton.service.Peer;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import jnr.constants.platform.Signal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The manager's one thread: waits on one epoll set, turns what is ready into events, asks the
 * {@link Fleet} what to do, does it. It owns all state here; other threads only queue commands.
 *
 * <pre>
 *   epoll ──► event ──► Fleet.on ──► effects ──► perform ──► (more events) ──► epoll
 * </pre>
 *
 * <p>Nothing on this thread blocks. An exception that reaches {@link #run} is our own
 * inconsistency: it ends the process, and the workers drain and end by themselves.
 */
final class Manager implements Sink, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Manager.class);

  private static final int EPOLL_BATCH = 64;
  private static final int ACCEPT_BATCH = 32;
  private static final long BUSY_TICK_MS = 20;
  private static final long IDLE_TICK_MS = 200;

  /** The upper byte of what epoll says tells the kind of source, the rest which one it is. */
  private static final int KIND_SHIFT = 56;

  private static final int WAKE = 0;
  private static final int LISTENER = 1;
  private static final int PIPE = 2;
  private static final int PROCESS = 3;
  private static final int INTRODUCTION = 4;

  private final long startedMs = nowMs();
  private final Epoll epoll;
  private final Requests requests = new Requests();
  private final Deque<Supplier<Event>> events = new ArrayDeque<>();
  private final Fleet fleet;
  private final Listeners listeners;
  private final WorkerProcesses processes;
  private final SessionQueries sessionQueries;
  private final SessionLists sessionLists;
  private final SessionAges sessionAges = new SessionAges();
  private final HeldClients clients = new HeldClients();
  private final Latencies latencies = new Latencies();
  private final SessionReports sessionReports = new SessionReports();
  private final MetricSums metrics = new MetricSums();
  private final LoadHistory history = new LoadHistory(InstantSource.system(), startedMs);
  private final ServerEvents serverEvents = new ServerEvents(InstantSource.system());
  private final CertificateWatch certificateWatch =
      new CertificateWatch(
          InstantSource.system(), line -> serverEvents.report(log, Level.WARN, line));
  private final LifecycleListener lifecycle;

  /** Also for other threads, which only ever see one that serves. */
  private volatile Generation generation;

  /** What somebody waits for the end of. */
  private Command.@Nullable Replace asked;

  /** The sockets of the generation that is gone back to; while that happens. */
  private @Nullable Prepared former;

  /** Those who wait until nothing is replaced. */
  private final List<Command.Settle> settling = new ArrayList<>();

  private boolean finished;
  private String failure = "";

  /**
   * @param first the first generation; ours with its files
   * @param secrets that all workers share
   * @param inherited sockets that this process was started with; they stay the caller's
   * @param lifecycle is told, on this thread
   */
  Manager(
      Deployment first,
      WorkerOutputFiles outputs,
      ServerSecrets secrets,
      InheritedSockets inherited,
      LifecycleListener lifecycle)
      throws PosixException {
    this.lifecycle = lifecycle;
    this.generation = first.generation();
    this.epoll = new Epoll(EPOLL_BATCH);
    this.fleet = new Fleet(generation, startedMs);
    this.listeners =
        new Listeners(
            epoll,
            number -> data(LISTENER, number),
            number -> data(INTRODUCTION, number),
            inherited,
            Manager::nowMs);
    this.processes =
        new WorkerProcesses(
            outputs,
            epoll,
            worker -> data(PIPE, worker),
            worker -> data(PROCESS, worker),
            events::addLast,
            secrets,
            clients);
    sessionQueries = new SessionQueries(processes::tell);
    sessionLists = new SessionLists(processes::tell);
    processes.deploy(first);
    numberSessions();
    epoll.add(requests.wake(), Epoll.IN, data(WAKE, 0));
  }

  /**
   * Binds all listeners; to be called before {@link #run}.
   *
   * @throws IOException for the first that cannot be bound; none is left bound
   */
  void bind() throws IOException {
    listeners.switchTo(generation, listeners.prepare(generation.settings()), this);
  }

  /** All listeners, bound or not. Only for this object's own thread, and before it runs. */
  List<Listener> listeners() {
    return listeners.all();
  }

  /** The certificates of the generation that serves. Only for this object's own thread. */
  ServerCertificates certificates() {
    return processes.certificates(generation.number());
  }

  /** The processes of all workers. Only for this object's own thread. */
  Stream<Long> workers() {
    return fleet.view().workers().stream()
        .map(worker -> (long) worker.pid())
        .filter(pid -> pid > 0);
  }

  /** Closes the listeners, if they still are open. */
  @Override
  public void close() {
    listeners.close();
  }

  /**
   * Runs until the server has ended.
   *
   * @return why it could not start; empty if it ended as it should
   */
  String run() throws PosixException {
    long nextTickMs = nowMs();
    while (!finished) {
      long now = nowMs();
      if (now >= nextTickMs) {
        nextTickMs = now + (fleet.isBusy() ? BUSY_TICK_MS : IDLE_TICK_MS);
        listeners.tick(this);
        sessionQueries.tick(now);
        sessionLists.tick(now);
        sessionAges.sample(clients.last(), now);
        certificateWatch.tick(generation.number(), certificates());
        handle(new Event.Tick());
        history.tick(now, () -> LoadHistory.Reading.of(fleet.view(), latencies.takeRecentP99()));
      }
      listeners.watch(fleet.room(nowMs()) > 0);
      int ready = epoll.await((int) Math.max(0, nextTickMs - nowMs()));
      for (int i = 0; i < ready && !finished; i++) {
        dispatch(epoll.data(i), epoll.ready(i));
        handleAll();
      }
      settle();
      if (fleet.isBusy()) {
        nextTickMs = Math.min(nextTickMs, nowMs() + BUSY_TICK_MS);
      }
    }
    requests.end(this::tooLate);
    sessionQueries.end();
    sessionLists.end();
    settle();
    return failure;
  }

  private void settle() {
    if (!settling.isEmpty() && (finished || !fleet.isReplacing())) {
      settling.forEach(each -> each.answer().complete(null));
      settling.clear();
    }
  }

  private void dispatch(long data, int ready) throws PosixException {
    long which = data & (1L << KIND_SHIFT) - 1;
    switch ((int) (data >>> KIND_SHIFT)) {
      case WAKE -> {
        requests.awake();
        for (Command command; (command = requests.next()) != null; ) {
          obey(command);
        }
      }
      case LISTENER ->
          listeners.accept((int) which, Math.min(ACCEPT_BATCH, fleet.room(nowMs())), this);
      case INTRODUCTION -> listeners.introduced(which, this);
      case PIPE -> processes.pipeReady(which, ready);
      case PROCESS -> processes.ended(which);
      default -> throw new IllegalStateException("an unknown source " + data);
    }
  }

  private static long data(int kind, long which) {
    return (long) kind << KIND_SHIFT | which;
  }

  @Override
  public void accepted(Listener listener, Fd client, Peer peer, @Nullable Peer via) {
    add(new Event.Accepted(clients.own(client, via), listener.number(), peer));
  }

  @Override
  public void rejected(Listener listener, Peer peer, String why) {
    add(new Event.Rejected(listener.number(), peer, why));
  }

  @Override
  public void turnedAway(Listener listener) {
    add(new Event.TurnedAway(listener.number()));
  }

  @Override
  public void starved() {
    add(new Event.Starved());
  }

  private void add(Event event) {
    events.addLast(() -> event);
  }

  private void handle(Event event) throws PosixException {
    add(event);
    handleAll();
  }

  private void handleAll() throws PosixException {
    do {
      for (Supplier<Event> event; (event = events.pollFirst()) != null; ) {
        handleOne(event.get());
      }
      processes.sendPlaced(); // who cannot be sent is another event
    } while (!events.isEmpty());
  }

  private void handleOne(Event event) throws PosixException {
    for (Effect effect : fleet.on(understood(event), nowMs())) {
      if (!(effect instanceof Effect.Place)) {
        // Clients placed in a row go out together, and before anything else: what comes next may
        // close the descriptor of one of them, or be meant to be heard after it.
        processes.sendPlaced();
      }
      perform(effect);
    }
  }

  /**
   * Keeps what is only for the status.
   *
   * @return the same, unless it is a report of latency or metrics that cannot be added to the
   *     others, or an answer that nobody has asked for
   */
  private Event understood(Event event) throws PosixException {
    if (event instanceof Event.Said(long worker, SessionReport report)) {
      sessionReports.keep(worker, report);
    } else if (event instanceof Event.Died died) {
      sessionReports.drop(died.worker());
      metrics.drop(died.worker());
      sessionQueries.died(died.worker());
      sessionLists.died(died.worker());
    } else if (event instanceof Event.Said(long worker, SessionDescribed answer)
        && !sessionQueries.answered(worker, answer)) {
      return new Event.Garbled(worker, "described a session that it was not asked for");
    } else if (event instanceof Event.Said(long worker, MetricsReport report)) {
      String wrong = metrics.add(worker, report);
      return wrong.isEmpty() ? event : new Event.Garbled(worker, wrong);
    } else if (event instanceof Event.Said(long worker, SessionsListed answer)
        && !sessionLists.answered(worker, answer)) {
      return new Event.Garbled(worker, "listed sessions that it was not asked for");
    }
    return event instanceof Event.Said(long worker, Latency latency)
            && !latencies.add(latency.histogram())
        ? new Event.Garbled(worker, "not a valid histogram")
        : event;
  }

  private void perform(Effect effect) throws PosixException {
    switch (effect) {
      case Effect.Spawn e -> processes.spawn(e);
      case Effect.Introduce e -> processes.introduce(e);
      case Effect.Tell e -> processes.tell(e.worker(), e.message());
      case Effect.Place e -> {
        Peer via = clients.via(e.handoff());
        Handoff handoff = new Handoff(e.handoff(), e.listener(), e.peer(), via, e.kind());
        processes.place(e.worker(), handoff, clients.descriptors(e.handoff()));
      }
      case Effect.Recall e -> processes.recall(e.worker());
      case Effect.Kill e -> processes.kill(e.worker(), e.how());
      case Effect.Switch e -> switchTo(e.to());
      case Effect.Forget e -> processes.forget(e.generation());
      case Effect.Done e -> done(e.outcome());
      case Effect.Release e -> clients.release(e.handoff());
      case Effect.End e -> clients.end(e.handoff());
      case Effect.TurnAway e -> listeners.turnAway(e.listener(), clients.give(e.handoff()));
      case Effect.RefuseNew _ -> listeners.refuseNew();
      case Effect.StopListening _ -> {
        listeners.sweepAndClose(this);
        add(new Event.ListenersClosed());
      }
      case Effect.Started _ -> lifecycle.started();
      case Effect.Report e -> report(e);
      case Effect.Finished e -> {
        finished = true;
        failure = e.failure();
      }
    }
  }

  /** Returns what has become of sessions that were to go on elsewhere; once this has ended. */
  DrainOutcome drainOutcome() {
    return fleet.drainOutcome();
  }

  private void report(Effect.Report report) {
    Level level =
        switch (report.severity()) {
          case INFO -> Level.INFO;
          case WARN -> Level.WARN;
          case ERROR -> Level.ERROR;
        };
    serverEvents.report(log, level, report.text());
  }

  private void switchTo(Generation next) throws PosixException {
    if (!(asked instanceof Command.Reload reload)) {
      throw new IllegalStateException("generation " + next.number() + " was not requested");
    }
    listeners.switchTo(next, former == null ? reload.sockets() : former, this);
    generation = next;
    numberSessions();
  }

  /** Sessions have numbers that no other machine of a cluster gives, or hardly ever. */
  private void numberSessions() {
    if (generation.settings().cluster().isOn()) {
      clients.spread(new SecureRandom());
    }
  }

  /** If nobody asked, it was a worker's age or size: the log tells. */
  private void done(Outcome outcome) {
    Command.Replace done = asked;
    asked = null;
    if (done instanceof Command.Reload reload
        && outcome.to() != reload.next().generation().number()) {
      reload.sockets().close();
      processes.forget(reload.next().generation().number());
    }
    if (done != null) {
      done.answer().complete(outcome);
    }
  }

  private void obey(Command command) throws PosixException {
    switch (command) {
      case Command.Stop c -> {
        lifecycle.stopping(c.mode());
        handle(new Event.Stop(c.mode()));
      }
      case Command.Look c -> c.answer().complete(look());
      case Command.Describe c ->
          sessionQueries.ask(c.session(), c.end(), fleet.withSessions(), c.answer(), nowMs());
      case Command.ListSessions c ->
          sessionLists.ask(c.query(), sessionAges, fleet.withSessions(), c.answer(), nowMs());
      case Command.ReopenLogs _ -> processes.signalAll(Signal.SIGUSR1);
      case Command.Settle c -> settling.add(c);
      case Command.Abort c -> abort(c);
      case Command.Reload c -> {
        if (!c.next().generation().isNextOf(generation)) {
          refuse(c, "generation " + generation.number() + " serves meanwhile");
          return;
        }
        if (fleet.isDraining()) {
          handle(new Event.Supersede());
        }
        if (asked == null) {
          processes.deploy(c.next());
        }
        replace(c);
      }
      case Command.Replace c -> replace(c);
    }
  }

  private void replace(Command.Replace command) throws PosixException {
    if (asked != null) {
      refuse(command, "a " + word(asked) + " is under way");
    } else {
      asked = command;
      handle(command.event());
    }
  }

  private void abort(Command.Abort abort) throws PosixException {
    String why =
        abort.serving() == generation.number()
            ? fleet.whyNotAborted()
            : "its new workers have just begun to serve; try again";
    if (why.isEmpty()) {
      former = abort.sockets();
      handle(new Event.Abort());
      former = null;
    }
    abort.sockets().close();
    abort.answer().complete(why);
  }

  private static String word(Command.Replace command) {
    return command.kind().name().toLowerCase(Locale.ROOT);
  }

  private void tooLate(Command command) {
    switch (command) {
      case Command.Stop _, Command.ReopenLogs _ -> {}
      case Command.Look c -> c.answer().complete(look());
      case Command.Describe c ->
          c.answer().complete(new SessionAnswer.Refused("the server has ended"));
      case Command.ListSessions c ->
          c.answer().complete(new SessionList.Refused("the server has ended"));
      case Command.Settle c -> c.answer().complete(null);
      case Command.Abort c -> {
        c.sockets().close();
        c.answer().complete("the server has ended");
      }
      case Command.Replace c -> refuse(c, "the server has ended");
    }
  }

  private void refuse(Command.Replace command, String why) {
    if (command instanceof Command.Reload reload) {
      reload.sockets().close();
      reload.next().discard();
    }
    serverEvents.report(log, Level.WARN, "a %s is refused: %s".formatted(word(command), why));
    command.answer().complete(Outcome.refused(command.kind(), generation.number(), why));
  }

  private Status look() {
    return Status.of(
        generation.settings(),
        nowMs() - startedMs,
        fleet.view(),
        processes.modules(generation.number()),
        listeners.all(),
        certificates(),
        Instant.now(),
        fleet.room(nowMs()) > 0,
        latencies.copy(),
        sessionReports.sum(),
        metrics.view());
  }

  // For other threads.

  /** What they may ask. */
  Requests requests() {
    return requests;
  }

  /** The load of the last minutes. */
  LoadHistory history() {
    return history;
  }

  /** What has happened, and where to say that something has. */
  ServerEvents events() {
    return serverEvents;
  }

  /** The generation that serves. */
  Generation generation() {
    return generation;
  }

  /**
   * Binds what a generation needs that is to follow; for one thread at a time, with nothing asked
   * for under way.
   */
  Prepared prepare(Settings next) throws IOException {
    return listeners.prepare(next);
  }

  private static long nowMs() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }
}
