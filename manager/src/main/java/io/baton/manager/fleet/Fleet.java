package io.baton.manager.fleet;

import io.baton.config.Settings;
import io.baton.manager.fleet.Effect.How;
import io.baton.manager.fleet.Effect.Severity;
import io.baton.manager.fleet.FleetView.Phase;
import io.baton.manager.fleet.Worker.State;
import io.baton.manager.text.Units;
import io.baton.pipe.Load;
import io.baton.pipe.Message;
import io.baton.pipe.Message.Drain;
import io.baton.pipe.Message.Failed;
import io.baton.pipe.Message.Latency;
import io.baton.pipe.Message.LoadReport;
import io.baton.pipe.Message.Ping;
import io.baton.pipe.Message.Pong;
import io.baton.pipe.Message.Ready;
import io.baton.pipe.Message.Refused;
import io.baton.pipe.Message.Taken;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The manager's state machine: which workers there are, and what is to be done about each. Makes no
 * system call and reads no clock; {@link #on} takes what happened and answers with what to do.
 *
 * <pre>
 *   BOOTING ──all workers READY──► RUNNING ──Stop──► STOPPING ──all workers gone──► STOPPED
 *      └──── any failure, or Stop: all killed ──────────┘
 * </pre>
 *
 * <p>While BOOTING, any worker's death is the server's failure. While RUNNING, a slot without a
 * worker is filled again after its back-off. STOPPING first waits until every accepted client is
 * taken, then drains the workers, and kills what is left at {@code drain-timeout}.
 *
 * <p>A worker's nonsense ends that worker. Our own inconsistency throws and ends the manager.
 */
public final class Fleet {
  /** A manager that did not run for longer than this was stopped itself: nobody else's silence. */
  private static final long PAUSE_MS = 1_000;

  /** What workers are given less than the manager gives itself, to end by themselves. */
  private static final long DRAIN_MARGIN_MS = 1_000;

  private static final int GENERATION = 1;

  private final Settings.Fleet policy;
  private final Slot[] slots;
  private final Map<Long, Worker> workers = new LinkedHashMap<>();
  private final Dispatcher dispatcher;
  private final List<Effect> effects = new ArrayList<>();

  private Phase phase = Phase.BOOTING;
  private long nowMs;
  private long lastWorker;
  private long stopDeadlineMs = Long.MAX_VALUE;
  private boolean listening = true;
  private boolean draining;
  private String failure = "";

  private Load.Counters retired = Load.Counters.NONE;
  private long deaths;
  private long lost;
  private long garbled;

  /** A fleet without workers; the first {@link Event.Tick} fills it. */
  public Fleet(Settings settings, long nowMs) {
    this.policy = settings.fleet();
    this.slots = new Slot[settings.workers()];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = new Slot(i);
    }
    this.dispatcher = new Dispatcher(settings, workers, effects::add);
    this.nowMs = nowMs;
  }

  /**
   * What is to be done, in this order. The list is the caller's.
   *
   * @param nowMs a monotonic clock's milliseconds
   */
  public List<Effect> on(Event event, long nowMs) {
    long passed = nowMs - this.nowMs;
    this.nowMs = nowMs;
    switch (event) {
      case Event.Tick _ -> tick(passed);
      case Event.Spawned e -> known(e.worker()).pid = e.pid();
      case Event.SpawnFailed e -> gone(known(e.worker()), e.why());
      case Event.Said e -> said(e.worker(), e.message());
      case Event.Garbled e -> garbled(e.worker(), e.what());
      case Event.Died e -> died(known(e.worker()), e.how(), e.lastWords());
      case Event.Accepted e ->
          dispatcher.accept(new Handoff(e.handoff(), e.listener(), e.peer(), nowMs), nowMs);
      case Event.ListenersClosed _ -> listening = false;
      case Event.TurnedAway e -> dispatcher.turnedAway(e.listener());
      case Event.Blocked e -> cameBack(e.worker(), e.handoff(), dispatcher::blocked);
      case Event.Recalled e -> cameBack(e.worker(), e.handoff(), dispatcher::recalled);
      case Event.Stop e -> stop(e.now());
    }
    if (dispatcher.waiting() > 0) {
      dispatcher.placeWaiting(isHopeless(), nowMs);
    }
    if (phase == Phase.STOPPING) {
      goOnStopping();
    }
    List<Effect> todo = List.copyOf(effects);
    effects.clear();
    return todo;
  }

  /** How many clients may be accepted now; 0 while there is nobody to take them. */
  public int room(long nowMs) {
    return phase == Phase.RUNNING ? dispatcher.room(nowMs) : 0;
  }

  /** Whether time alone may soon change something: then ticks should come often. */
  public boolean isBusy() {
    return dispatcher.owned() > 0 || phase != Phase.RUNNING;
  }

  // What happens as time passes.

  private void tick(long passedMs) {
    if (passedMs > PAUSE_MS) {
      workers.values().forEach(worker -> worker.heardMs += passedMs);
    }
    for (Worker worker : List.copyOf(workers.values())) {
      age(worker);
    }
    if (phase == Phase.BOOTING || phase == Phase.RUNNING) {
      for (Slot slot : slots) {
        if (slot.isDue(nowMs)) {
          fill(slot);
        }
      }
    }
  }

  private void age(Worker worker) {
    long silentMs = nowMs - worker.heardMs;
    long inStateMs = nowMs - worker.sinceMs;
    switch (worker.state) {
      case STARTING -> {
        if (inStateMs > policy.startTimeoutMs()) {
          end(
              worker,
              "was not ready after "
                  + Units.duration(policy.startTimeoutMs())
                  + " (start-timeout)");
        }
      }
      case READY -> {
        Slot slot = slots[worker.slot];
        if (slot.lastFailure != null && inStateMs > policy.stableAfterMs()) {
          slot.forgive();
        }
        if (policy.hangTimeoutMs() > 0 && silentMs > policy.hangTimeoutMs()) {
          worker.enter(State.HUNG, nowMs);
          report(
              Severity.ERROR,
              name(worker)
                  + " has said nothing for "
                  + Units.duration(silentMs)
                  + " (hang-timeout): asked it for its stacks, killing it in "
                  + Units.duration(policy.dumpGraceMs()));
          effects.add(new Effect.Kill(worker.id, How.DUMP));
        } else if (silentMs > policy.pingIntervalMs()
            && nowMs - worker.pingedMs > policy.pingIntervalMs()) {
          worker.pingedMs = nowMs;
          effects.add(new Effect.Tell(worker.id, new Ping(nowMs)));
        }
        recallIfStalled(worker);
      }
      case HUNG -> {
        recallIfStalled(worker);
        if (inStateMs > policy.dumpGraceMs()) {
          end(worker, "hung");
        }
      }
      case DRAINING, ENDING -> {} // the stop's deadline, or its death, comes
    }
  }

  /** What a stuck worker has not received goes to the others, if there is one that can take it. */
  private void recallIfStalled(Worker worker) {
    if (worker.recalled || !worker.isStalled(policy, nowMs)) {
      return;
    }
    for (Worker other : workers.values()) {
      if (other.credit(policy, nowMs) > 0) {
        worker.recalled = true;
        effects.add(new Effect.Recall(worker.id));
        return;
      }
    }
  }

  private void fill(Slot slot) {
    Worker worker = new Worker(++lastWorker, slot.index, GENERATION, nowMs);
    workers.put(worker.id, worker);
    slot.worker = worker;
    if (lastWorker > slots.length) {
      slot.restarts++;
    }
    effects.add(new Effect.Spawn(worker.id, slot.index, GENERATION));
  }

  // What workers say and how they end.

  private void said(long id, Message message) {
    Worker worker = known(id);
    worker.heard(nowMs);
    if (worker.state == State.HUNG) {
      worker.enter(State.READY, nowMs);
      report(Severity.WARN, name(worker) + " is heard again and goes on");
    }
    switch (message) {
      case Ready _ -> ready(worker);
      case Failed m -> worker.reason = m.reason();
      case Taken m -> {
        if (!dispatcher.taken(worker, m.id())) {
          garbled(id, "took a client it was not given");
        }
      }
      case Refused m -> {
        if (!dispatcher.refused(worker, m.id(), m.why())) {
          garbled(id, "refused a client it was not given");
        }
      }
      case LoadReport m -> worker.report(m.load());
      case Pong _ -> {} // being heard is all that counts
      case Latency _ -> {} // kept by the one who keeps histograms
      case Message.ToWorker m ->
          garbled(id, "said " + m.getClass().getSimpleName() + ", which only a manager says");
    }
  }

  private void cameBack(long id, long handoff, ObjLongConsumer<Worker> how) {
    Worker worker = workers.get(id);
    // If the worker has died meanwhile, all that it did not take was taken back then.
    if (worker != null) {
      how.accept(worker, handoff);
    }
  }

  private void ready(Worker worker) {
    switch (worker.state) {
      case STARTING -> {
        worker.enter(State.READY, nowMs);
        worker.readyMs = nowMs;
        report(Severity.INFO, name(worker) + " is ready");
        if (phase == Phase.BOOTING && allReady()) {
          phase = Phase.RUNNING;
          effects.add(new Effect.Started());
        }
      }
      case ENDING -> {} // too late
      case READY, HUNG, DRAINING -> garbled(worker.id, "said Ready twice");
    }
  }

  private boolean allReady() {
    for (Slot slot : slots) {
      if (slot.worker == null || slot.worker.state != State.READY) {
        return false;
      }
    }
    return true;
  }

  private void garbled(long id, String what) {
    Worker worker = known(id);
    if (worker.state != State.ENDING) {
      garbled++;
      end(worker, "sent nonsense: " + what);
    }
  }

  private void died(Worker worker, String how, @Nullable String lastWords) {
    String why = worker.reason != null ? worker.reason + " (" + how + ")" : how;
    if (worker.reason == null && worker.readyMs < 0 && lastWords != null) {
      why += "; its last words: " + lastWords;
    }
    gone(worker, why);
  }

  private void gone(Worker worker, String why) {
    workers.remove(worker.id);
    dispatcher.died(worker);
    retired = retired.plus(worker.load.counters());
    boolean wasDraining = worker.state == State.DRAINING;
    if (!wasDraining) {
      deaths++;
      lost += worker.lost();
    }
    Slot slot = slots[worker.slot];
    switch (phase) {
      case BOOTING -> {
        slot.worker = null;
        fail(name(worker) + " could not start: " + why);
      }
      case RUNNING -> {
        boolean wasStable = worker.readyMs >= 0 && nowMs - worker.readyMs > policy.stableAfterMs();
        long delayMs = slot.vacate(wasStable, why, policy, nowMs);
        report(Severity.ERROR, obituary(worker, why, slot, delayMs));
      }
      case STOPPING, STOPPED -> {
        slot.worker = null;
        if (!wasDraining && failure.isEmpty()) {
          report(Severity.WARN, name(worker) + " " + why + " while the server was stopping");
        }
      }
    }
  }

  private String obituary(Worker worker, String why, Slot slot, long delayMs) {
    String next =
        slot.isBroken(policy)
            ? "slot is broken after " + slot.failures + " failures in a row, next try"
            : "starting another";
    return "%s %s; %d connections ended with it, %d untaken go elsewhere; %s %s"
        .formatted(
            name(worker),
            why,
            worker.lost(),
            dispatcher.waiting(),
            next,
            delayMs == 0 ? "now" : "in " + Units.duration(delayMs));
  }

  private void end(Worker worker, String reason) {
    worker.reason = reason;
    worker.enter(State.ENDING, nowMs);
    report(Severity.ERROR, name(worker) + " " + reason + ": killing it");
    effects.add(new Effect.Kill(worker.id, How.KILL));
  }

  // The server's own end.

  private void fail(String why) {
    if (failure.isEmpty()) {
      failure = why;
    }
    phase = Phase.STOPPING;
    effects.add(new Effect.StopListening());
    killAll();
  }

  private void stop(boolean now) {
    switch (phase) {
      case BOOTING -> fail("stopped before all workers were ready");
      case RUNNING, STOPPING -> {
        if (phase == Phase.RUNNING) {
          phase = Phase.STOPPING;
          stopDeadlineMs = nowMs + policy.drainTimeoutMs();
          effects.add(new Effect.StopListening());
          report(
              Severity.INFO,
              "stopping: the workers finish what they have, within "
                  + Units.duration(policy.drainTimeoutMs()));
        }
        if (now) {
          stopDeadlineMs = Math.min(stopDeadlineMs, nowMs + DRAIN_MARGIN_MS);
          draining = false;
        }
      }
      case STOPPED -> {}
    }
  }

  private void goOnStopping() {
    if (nowMs >= stopDeadlineMs) {
      dispatcher.endAll();
      killAll();
    } else if (!draining && (isSettled() || remainingMs() <= DRAIN_MARGIN_MS)) {
      draining = true;
      drain();
    }
    if (workers.isEmpty() && !listening) {
      dispatcher.endAll();
      phase = Phase.STOPPED;
      effects.add(new Effect.Finished(failure));
    }
  }

  /** Every client that was ever accepted has a worker. */
  private boolean isSettled() {
    return !listening && dispatcher.owned() == 0;
  }

  private void drain() {
    int timeoutMs = (int) Math.max(0, remainingMs() - DRAIN_MARGIN_MS);
    for (Worker worker : workers.values()) {
      switch (worker.state) {
        case STARTING -> kill(worker); // nobody is served by it yet
        case READY, HUNG, DRAINING -> {
          worker.enter(State.DRAINING, nowMs);
          effects.add(new Effect.Tell(worker.id, new Drain(timeoutMs)));
        }
        case ENDING -> {}
      }
    }
  }

  private long remainingMs() {
    return stopDeadlineMs - nowMs;
  }

  private void killAll() {
    for (Worker worker : workers.values()) {
      if (worker.state != State.ENDING) {
        kill(worker);
      }
    }
  }

  private void kill(Worker worker) {
    worker.enter(State.ENDING, nowMs);
    effects.add(new Effect.Kill(worker.id, How.KILL));
  }

  /** Nobody is there, nor will be, to take what waits. */
  private boolean isHopeless() {
    if (phase == Phase.RUNNING) {
      return false;
    }
    for (Worker worker : workers.values()) {
      if (worker.state == State.READY || worker.state == State.HUNG) {
        return false;
      }
    }
    return true;
  }

  private Worker known(long id) {
    Worker worker = workers.get(id);
    if (worker == null) {
      throw new IllegalStateException("an event for worker " + id + ", which is not there");
    }
    return worker;
  }

  private static String name(Worker worker) {
    return "worker " + worker.slot + (worker.pid == 0 ? "" : " (pid " + worker.pid + ")");
  }

  private void report(Severity severity, String text) {
    effects.add(new Effect.Report(severity, text));
  }

  /** What the fleet looks like now, for the status. */
  public FleetView view() {
    return FleetView.of(
        phase,
        GENERATION,
        slots,
        List.copyOf(workers.values()),
        dispatcher,
        policy,
        new FleetView.Totals(
            retired,
            deaths,
            lost,
            garbled,
            dispatcher.replaced,
            dispatcher.recalled,
            dispatcher.blocked),
        nowMs);
  }
}
