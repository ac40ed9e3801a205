package io.baton.manager.fleet;

import io.baton.manager.fleet.Effect.Severity;
import io.baton.manager.fleet.FleetView.Phase;
import io.baton.manager.fleet.Worker.State;
import io.baton.pipe.Message;
import io.baton.pipe.Message.Departed;
import io.baton.pipe.Message.Exhausted;
import io.baton.pipe.Message.Failed;
import io.baton.pipe.Message.Held;
import io.baton.pipe.Message.Joined;
import io.baton.pipe.Message.Latency;
import io.baton.pipe.Message.LoadReport;
import io.baton.pipe.Message.MetricsReport;
import io.baton.pipe.Message.Offended;
import io.baton.pipe.Message.Pong;
import io.baton.pipe.Message.Ready;
import io.baton.pipe.Message.Recounted;
import io.baton.pipe.Message.Redirected;
import io.baton.pipe.Message.Refused;
import io.baton.pipe.Message.SessionDescribed;
import io.baton.pipe.Message.SessionReport;
import io.baton.pipe.Message.SessionsListed;
import io.baton.pipe.Message.Taken;
import io.baton.pipe.Message.Unsaved;
import java.util.List;
import java.util.function.Function;

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
 * worker is filled again after its back-off. What clients go through is in {@link Dispatcher}, what
 * time does to workers in {@link Supervisor}, how they end in {@link Endings}, how others take
 * their place in {@link Replacements}, the server's end in {@link Shutdown}; this class is where
 * events arrive.
 *
 * <p>A worker's nonsense ends that worker. Our own inconsistency throws and ends the manager.
 */
public final class Fleet {
  private static final String GAVE_NONSENSE =
      "gave a connection that it did not have, or more than it was allowed to";

  private static final String GAVE_UNKNOWN = "gave a connection that it did not have";

  private final Roster roster;
  private final Dispatcher dispatcher;
  private final Allowances allowances;
  private final Replacements replacements;
  private final Recycler recycler;
  private final Rebalancer rebalancer;
  private final Supervisor supervisor;
  private final Standstills standstills;
  private final Shutdown shutdown;
  private final Endings endings;
  private final CommonForm commonForm;
  private final Mesh mesh;

  private long garbled;

  /** A fleet without workers; the first {@link Event.Tick} fills it. */
  public Fleet(Generation first, long nowMs) {
    this(first, nowMs, Seekers::new);
  }

  /**
   * The same, with other rules of how sessions are searched for.
   *
   * @param seekers makes them
   */
  Fleet(Generation first, long nowMs, Function<Roster, Seekers> seekers) {
    roster = new Roster(first, nowMs);
    dispatcher = new Dispatcher(roster, seekers.apply(roster));
    allowances = new Allowances(roster, dispatcher.moves);
    replacements = new Replacements(roster, new Leavers(roster, dispatcher), dispatcher.moves);
    recycler = new Recycler(roster, replacements);
    rebalancer = new Rebalancer(roster, replacements);
    supervisor = new Supervisor(roster);
    standstills = new Standstills(roster);
    shutdown = new Shutdown(roster, dispatcher);
    commonForm = new CommonForm(roster);
    mesh = new Mesh(roster);
    endings = new Endings(roster, dispatcher, shutdown, commonForm);
  }

  /**
   * What is to be done, in this order.
   *
   * @param nowMs a monotonic clock's milliseconds
   */
  public List<Effect> on(Event event, long nowMs) {
    roster.advance(nowMs);
    switch (event) {
      case Event.Tick _ -> {
        supervisor.tick();
        standstills.tick();
        recycler.tick();
        rebalancer.tick();
        dispatcher.limits.tick();
        dispatcher.admission.tick();
        dispatcher.shortage.tick();
      }
      case Event.Spawned e -> roster.known(e.worker()).pid = e.pid();
      case Event.SpawnFailed e -> endings.gone(roster.known(e.worker()), false, e.why());
      case Event.Said e -> said(roster.known(e.worker()), e.message());
      case Event.NotIntroduced e -> notIntroduced(e);
      case Event.Garbled e -> garbled(roster.known(e.worker()), e.what());
      case Event.Died e -> endings.died(roster.known(e.worker()), e);
      case Event.Accepted e -> dispatcher.accept(e.handoff(), e.listener(), e.peer());
      case Event.Rejected e -> dispatcher.rejected(e.listener(), e.peer(), e.why());
      case Event.ListenersClosed _ -> shutdown.listenersClosed();
      case Event.TurnedAway e -> dispatcher.turnedAway(e.listener());
      case Event.Starved _ -> dispatcher.shortage.inManager();
      case Event.Blocked e -> cameBack(e.worker(), e.handoff(), dispatcher::blocked);
      case Event.Recalled e -> cameBack(e.worker(), e.handoff(), dispatcher::recalled);
      case Event.Given e -> given(roster.known(e.worker()), e);
      case Event.GivenLost e -> givenLost(roster.known(e.worker()), e);
      case Event.Sought e -> sought(roster.known(e.worker()), e);
      case Event.SoughtLost e -> soughtLost(roster.known(e.worker()), e);
      case Event.Reload e -> replacements.reload(e.next());
      case Event.Abort _ -> replacements.abort();
      case Event.Supersede _ -> replacements.supersede();
      case Event.Recycle e -> replacements.recycle(e.slots());
      case Event.Scale e -> replacements.scale(e.workers());
      case Event.Stop e -> shutdown.stop(e.mode());
    }
    replacements.goOn();
    dispatcher.ask();
    dispatcher.placeWaiting();
    allowances.goOn();
    if (roster.phase == Phase.STOPPING) {
      replacements.stop();
      shutdown.goOn();
    }
    return roster.takeEffects();
  }

  /**
   * How many clients may be accepted now; 0 while there is nobody to take them.
   *
   * @param nowMs the same clock's
   */
  public int room(long nowMs) {
    boolean accepting = roster.phase == Phase.RUNNING || shutdown.isAccepting();
    return accepting ? dispatcher.room(roster.clock(nowMs)) : 0;
  }

  /** Returns the workers that may have sessions. */
  public List<LivingWorker> withSessions() {
    return roster.workers.values().stream()
        .filter(worker -> worker.state != State.STARTING && worker.state != State.ENDING)
        .map(worker ->
            new LivingWorker(worker.id, worker.slot, worker.pid, worker.generation.number()))
        .toList();
  }

  /** Returns what has become of sessions that were to go on at other machines. */
  public DrainOutcome drainOutcome() {
    return shutdown.drainOutcome();
  }

  /** Whether workers are being replaced. */
  public boolean isReplacing() {
    return replacements.isUnderWay();
  }

  /** Whether a replacement is under way of which nothing but the former workers is left. */
  public boolean isDraining() {
    return replacements.isDraining();
  }

  /** Why a reload that is under way cannot be undone now; empty if it can. */
  public String whyNotAborted() {
    return replacements.whyNotAborted();
  }

  /** Whether time alone may soon change something: then ticks should come often. */
  public boolean isBusy() {
    return dispatcher.owned() > 0 || roster.phase != Phase.RUNNING || replacements.isBusy();
  }

  // What workers say.

  private void said(Worker worker, Message message) {
    heard(worker);
    switch (message) {
      case Ready m -> ready(worker, m);
      case Joined _ -> {
        if (!mesh.joined(worker)) {
          garbled(worker, "said Joined twice, or after Ready");
        }
      }
      case Failed m -> worker.failed(m.reason());
      case Taken m -> {
        if (!dispatcher.taken(worker, m.id())) {
          garbled(worker, "took a client it was not given");
        }
      }
      case Refused m -> {
        if (!dispatcher.refused(worker, m.id(), m.why(), m.reason())) {
          garbled(worker, "refused a client it was not given, or not with " + m.why());
        }
      }
      case Departed m -> {
        if (!worker.departed(m.listener(), m.peer(), m.count())) {
          garbled(worker, "reported the end of connections it did not have");
        }
      }
      case Recounted m -> {
        if (roster.books.isOpen(m.listener()) && worker.recounted(m)) {
          dispatcher.limits.recounted(m);
        } else {
          garbled(worker, "recounted connections it did not have");
        }
      }
      case Redirected m -> worker.redirected = m;
      case Exhausted m -> exhausted(worker, m.reason());
      case Offended m -> dispatcher.admission.offended(m.listener(), m.peer(), m.count());
      case Unsaved m -> unsaved(worker, m);
      case Held m -> worker.held = m.what();
      case LoadReport m -> {
        if (m.load().counters().isSince(worker.load.counters())) {
          worker.report(m.load());
        } else {
          garbled(worker, "reported counters that went back");
        }
      }
      case Pong _ -> {} // being heard is all that counts
      case Latency _ -> {} // kept by the one who keeps histograms
      case SessionReport _ -> {} // only the status wants it
      case SessionDescribed _, SessionsListed _ -> {} // as above
      case MetricsReport _ -> {} // as above
      case Message.Handoff _ -> garbled(worker, "a handoff is an event of its own");
      case Message.ToWorker m ->
          garbled(worker, "said " + m.getClass().getSimpleName() + ", which only a manager says");
    }
  }

  private void notIntroduced(Event.NotIntroduced event) {
    Worker worker = roster.workers.get(event.worker());
    if (worker != null) { // it may have died meanwhile
      mesh.notIntroduced(worker, event.why());
    }
  }

  /** The recycler replaces it as soon as it may. */
  private void exhausted(Worker worker, String why) {
    worker.exhausted = why;
    roster.report(Severity.ERROR, worker + " has no memory left: " + why);
  }

  private void heard(Worker worker) {
    worker.heard(roster.nowMs);
    if (worker.state == State.HUNG) {
      roster.enter(worker, State.READY);
      roster.report(Severity.WARN, worker + " is heard again and goes on");
    }
  }

  private void given(Worker worker, Event.Given event) {
    heard(worker);
    if (!dispatcher.given(worker, event.handoff(), event.listener(), event.peer(), event.kind())) {
      garbled(worker, GAVE_NONSENSE);
      roster.add(new Effect.End(event.handoff()));
    }
  }

  private void givenLost(Worker worker, Event.GivenLost event) {
    heard(worker);
    if (!dispatcher.givenLost(worker, event)) {
      garbled(worker, GAVE_NONSENSE);
    }
  }

  private void sought(Worker worker, Event.Sought event) {
    heard(worker);
    if (!dispatcher.sought(worker, event.handoff(), event.listener(), event.peer(), event.kind())) {
      garbled(worker, GAVE_UNKNOWN);
      roster.add(new Effect.End(event.handoff()));
    }
  }

  private void soughtLost(Worker worker, Event.SoughtLost event) {
    heard(worker);
    if (!dispatcher.soughtLost(worker, event)) {
      garbled(worker, GAVE_UNKNOWN);
    }
  }

  private static void unsaved(Worker worker, Unsaved message) {
    worker.unmoved.add(message.id(), message.reason());
    if (worker.canary != null) {
      worker.canary.unsaved(message.listener(), message.protocol(), message.reason());
    }
  }

  private void ready(Worker worker, Ready message) {
    switch (worker.state) {
      case STARTING -> {
        roster.enter(worker, State.READY);
        worker.readyMs = roster.nowMs;
        commonForm.ready(worker, message.reads());
        roster.report(
            Severity.INFO, worker + " of generation " + worker.generation.number() + " is ready");
        if (roster.phase == Phase.BOOTING && roster.allReady()) {
          roster.phase = Phase.RUNNING;
          roster.add(new Effect.Started());
        }
      }
      case ENDING -> {} // too late
      case READY, HUNG, DRAINING -> garbled(worker, "said Ready twice");
    }
  }

  private void garbled(Worker worker, String what) {
    if (worker.state != State.ENDING) {
      garbled++;
      roster.kill(worker, "sent nonsense: " + what);
    }
  }

  private void cameBack(long id, long handoff, CameBack how) {
    Worker worker = roster.workers.get(id);
    // If the worker has died meanwhile, all that it did not take was taken back then.
    if (worker != null && !how.cameBack(worker, handoff)) {
      garbled(worker, "answered for a client it had not received");
    }
  }

  private interface CameBack {
    boolean cameBack(Worker worker, long handoff);
  }

  /** What the fleet looks like now, for the status. */
  public FleetView view() {
    return FleetView.of(
        roster,
        dispatcher,
        replacements.describe(),
        new FleetView.Totals(
            endings.retired,
            endings.deaths,
            endings.lost,
            garbled,
            dispatcher.replaced,
            dispatcher.recalled,
            dispatcher.blocked,
            dispatcher.moves.migrated(),
            dispatcher.moves.returned(),
            dispatcher.moves.stranded(),
            rebalancer.count(),
            dispatcher.seekers.searches()));
  }
}
