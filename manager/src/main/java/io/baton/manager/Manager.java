package io.baton.manager;

import io.baton.config.Settings;
import io.baton.manager.admin.Status;
import io.baton.manager.fleet.Effect;
import io.baton.manager.fleet.Event;
import io.baton.manager.fleet.Fleet;
import io.baton.manager.fleet.Generation;
import io.baton.manager.listen.Listener;
import io.baton.manager.listen.Listeners;
import io.baton.manager.process.Launcher;
import io.baton.manager.process.WorkerProcesses;
import io.baton.pipe.Message.Condition;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Message.Latency;
import io.baton.posix.Epoll;
import io.baton.posix.EventFd;
import io.baton.posix.Fd;
import io.baton.posix.PosixException;
import io.baton.service.Peer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
final class Manager implements Listeners.Sink, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Manager.class);

  private static final int EPOLL_BATCH = 64;
  private static final int ACCEPT_BATCH = 32;
  private static final int MAX_COMMANDS = 64;
  private static final long BUSY_TICK_MS = 20;
  private static final long IDLE_TICK_MS = 200;
  private static final long LOOK_TIMEOUT_MS = 5_000;

  /** The upper byte of what epoll says tells the kind of source, the rest which one it is. */
  private static final int KIND_SHIFT = 56;

  private static final int WAKE = 0;
  private static final int LISTENER = 1;
  private static final int PIPE = 2;
  private static final int PROCESS = 3;

  private final Settings settings;
  private final long startedMs = nowMs();
  private final Epoll epoll;
  private final EventFd wake;
  private final Queue<Command> commands = new ArrayBlockingQueue<>(MAX_COMMANDS);
  private final Deque<Event> events = new ArrayDeque<>();
  private final Fleet fleet;
  private final Listeners listeners;
  private final WorkerProcesses processes;
  private final Clients clients = new Clients();
  private final Latencies latencies = new Latencies();
  private final Runnable started;

  private boolean finished;
  private String failure = "";

  /**
   * @param concluded the configuration as the workers are sent it
   * @param started called once, on this thread, when all workers are READY for the first time
   */
  Manager(Settings settings, String concluded, Launcher launcher, Runnable started)
      throws PosixException {
    this.settings = settings;
    this.started = started;
    this.epoll = new Epoll(EPOLL_BATCH);
    this.wake = new EventFd();
    this.fleet = new Fleet(Generation.first(settings), startedMs);
    this.listeners = new Listeners(settings.listeners(), epoll, index -> data(LISTENER, index));
    this.processes =
        new WorkerProcesses(
            launcher,
            concluded.getBytes(StandardCharsets.UTF_8),
            epoll,
            worker -> data(PIPE, worker),
            worker -> data(PROCESS, worker),
            events::addLast);
    epoll.add(wake.fd(), Epoll.IN, data(WAKE, 0));
  }

  /**
   * Binds all listeners; to be called before {@link #run}.
   *
   * @throws IOException for the first that cannot be bound; none is left bound
   */
  void bind() throws IOException {
    listeners.bind();
  }

  /** All listeners, bound or not. Only for this object's own thread, and before it runs. */
  List<Listener> listeners() {
    return listeners.all();
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
        listeners.retry();
        handle(new Event.Tick());
      }
      listeners.watch(fleet.room(nowMs()) > 0);
      int ready = epoll.await((int) Math.max(0, nextTickMs - nowMs()));
      for (int i = 0; i < ready && !finished; i++) {
        dispatch(epoll.data(i), epoll.ready(i));
        handleAll();
      }
      if (fleet.isBusy()) {
        nextTickMs = Math.min(nextTickMs, nowMs() + BUSY_TICK_MS);
      }
    }
    commands.forEach(this::tooLate);
    return failure;
  }

  private void dispatch(long data, int ready) throws PosixException {
    long which = data & (1L << KIND_SHIFT) - 1;
    switch ((int) (data >>> KIND_SHIFT)) {
      case WAKE -> {
        wake.clear();
        for (Command command; (command = commands.poll()) != null; ) {
          obey(command);
        }
      }
      case LISTENER ->
          listeners.accept((int) which, Math.min(ACCEPT_BATCH, fleet.room(nowMs())), this);
      case PIPE -> processes.pipeReady(which, ready);
      case PROCESS -> processes.ended(which);
      default -> throw new IllegalStateException("an unknown source " + data);
    }
  }

  private static long data(int kind, long which) {
    return (long) kind << KIND_SHIFT | which;
  }

  @Override
  public void accepted(Listener listener, Fd client, Peer peer) {
    events.addLast(new Event.Accepted(clients.own(client), listener.index(), peer));
  }

  @Override
  public void turnedAway(Listener listener) {
    events.addLast(new Event.TurnedAway(listener.index()));
  }

  private void handle(Event event) throws PosixException {
    events.addLast(event);
    handleAll();
  }

  private void handleAll() throws PosixException {
    for (Event event; (event = events.pollFirst()) != null; ) {
      if (event instanceof Event.Said said
          && said.message() instanceof Latency latency
          && !latencies.add(latency.histogram())) {
        event = new Event.Garbled(said.worker(), "a histogram that is none");
      }
      for (Effect effect : fleet.on(event, nowMs())) {
        perform(effect);
      }
    }
  }

  private void perform(Effect effect) throws PosixException {
    switch (effect) {
      case Effect.Spawn e -> processes.spawn(e);
      case Effect.Tell e -> processes.tell(e.worker(), e.message());
      case Effect.Place e -> {
        Condition condition =
            e.as() == Effect.Arrival.BEYOND_LIMIT ? Condition.BEYOND_LIMIT : Condition.FRESH;
        Handoff handoff = new Handoff(e.handoff(), e.listener(), e.peer(), condition);
        if (!processes.place(e.worker(), handoff, clients.get(e.handoff()))) {
          events.addLast(new Event.Blocked(e.worker(), e.handoff()));
        }
      }
      case Effect.Recall e -> processes.recall(e.worker());
      case Effect.Kill e -> processes.kill(e.worker(), e.how());
      case Effect.Switch _, Effect.Forget _, Effect.Done _ ->
          throw new UnsupportedOperationException();
      case Effect.Release e -> clients.release(e.handoff());
      case Effect.End e -> clients.end(e.handoff());
      case Effect.RefuseNew _ -> listeners.refuseNew();
      case Effect.StopListening _ -> {
        listeners.sweepAndClose(this);
        events.addLast(new Event.ListenersClosed());
      }
      case Effect.Started _ -> started.run();
      case Effect.Report e -> report(e);
      case Effect.Finished e -> {
        finished = true;
        failure = e.failure();
      }
    }
  }

  private static void report(Effect.Report report) {
    switch (report.severity()) {
      case INFO -> log.info(report.text());
      case WARN -> log.warn(report.text());
      case ERROR -> log.error(report.text());
    }
  }

  // For other threads.

  /** Asks the server to end. */
  void stop(boolean now) {
    command(new Command.Stop(now));
  }

  /**
   * How things are.
   *
   * @throws TimeoutException if the manager's thread does not answer, which it always should
   */
  Status status() throws TimeoutException, InterruptedException {
    CompletableFuture<Status> answer = new CompletableFuture<>();
    command(new Command.Look(answer));
    try {
      return answer.get(LOOK_TIMEOUT_MS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private void command(Command command) {
    if (!commands.offer(command)) {
      throw new IllegalStateException(
          "the manager has not obeyed its last " + MAX_COMMANDS + " commands");
    }
    wake.signal();
  }

  private void obey(Command command) throws PosixException {
    switch (command) {
      case Command.Stop c -> handle(new Event.Stop(c.now()));
      case Command.Look c -> c.answer().complete(look());
    }
  }

  private void tooLate(Command command) {
    if (command instanceof Command.Look look) {
      look.answer().complete(look());
    }
  }

  private Status look() {
    return Status.of(
        settings,
        nowMs() - startedMs,
        fleet.view(),
        listeners.all(),
        fleet.room(nowMs()) > 0,
        latencies.copy());
  }

  private static long nowMs() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }
}
