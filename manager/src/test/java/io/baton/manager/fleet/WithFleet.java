package io.baton.manager.fleet;

import io.baton.config.Settings;
import io.baton.pipe.HandoffKind;
import io.baton.pipe.Message;
import io.baton.pipe.SavedForm;
import io.baton.service.Peer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A fleet and a clock that the test turns. */
abstract class WithFleet {
  static final Peer PEER = new Peer.Unix(1, 0);
  static final Peer OTHER = new Peer.Unix(1, 7);

  /** The kind of a connection that moves. */
  static final HandoffKind.Saved SAVED = HandoffKind.savedAside("");

  /** The kind of a connection that goes back to the worker that gave it. */
  static final HandoffKind.Saved RETURNING = SAVED.returning();

  final Settings settings = TestSettings.with(2, 1);
  Generation first = Generation.first(settings);
  long nowMs = 5_000;
  Fleet fleet = new Fleet(first, nowMs);

  /** Workers that are heard all the time. */
  final Set<Long> talkative = new HashSet<>();

  /** The server starts with these settings instead. */
  void with(Settings others) {
    first = Generation.first(others);
    fleet = new Fleet(first, nowMs);
  }

  List<Effect> on(Event event) {
    return fleet.on(event, nowMs);
  }

  /** Time passes as it does for a manager that is awake. */
  List<Effect> after(long ms) {
    List<Effect> effects = new ArrayList<>();
    long end = nowMs + ms;
    do {
      nowMs = Math.min(end, nowMs + 200);
      for (long worker : talkative) {
        effects.addAll(said(worker, new Message.Pong(1)));
      }
      effects.addAll(on(new Event.Tick()));
    } while (nowMs < end);
    return effects;
  }

  /** Said by a worker that reads all there is of saved sessions. */
  static final Message READY = new Message.Ready(new SavedForm(1, Set.of(1, 2)));

  List<Effect> said(long worker, Message message) {
    return on(new Event.Said(worker, message));
  }

  List<Effect> died(long worker) {
    return on(new Event.Died(worker, false, "was killed by SIGKILL", ""));
  }

  /** It ends as it should. */
  List<Effect> exited(long worker) {
    return on(new Event.Died(worker, true, "exited with 0", ""));
  }

  /** Its process exists and its modules are started. */
  List<Effect> ready(long worker) {
    on(new Event.Spawned(worker, 100 + (int) worker));
    return said(worker, READY);
  }

  /** Workers 1 and 2 are READY. */
  void running() {
    after(0);
    ready(1);
    ready(2);
  }

  List<Effect> accept(long id) {
    return accept(id, 0, PEER);
  }

  List<Effect> accept(long id, int listener, Peer peer) {
    return on(new Event.Accepted(id, listener, peer));
  }

  /** A client that is taken at once. */
  List<Effect> visit(long id, int listener, Peer peer) {
    List<Effect> effects = accept(id, listener, peer);
    for (Effect effect : silently(effects)) {
      said(((Effect.Place) effect).worker(), new Message.Taken(id));
    }
    return effects;
  }

  List<Effect> given(long worker, long id) {
    return on(new Event.Given(worker, id, 0, PEER, SAVED));
  }

  List<Integer> open() {
    return fleet.view().listeners().stream().map(FleetView.ListenerCounts::open).toList();
  }

  /** Of all workers there are, by slot. */
  List<String> states() {
    return fleet.view().workers().stream().map(FleetView.WorkerView::state).toList();
  }

  static Effect.Place place(long handoff, long worker) {
    return place(handoff, worker, HandoffKind.FRESH);
  }

  static Effect.Place place(long handoff, long worker, HandoffKind kind) {
    return new Effect.Place(handoff, worker, 0, PEER, kind);
  }

  static Effect.Tell give(long worker, long total) {
    return new Effect.Tell(worker, new Message.AllowMigrations(total, Message.First.IDLEST));
  }

  static Effect.Tell giveLiveliest(long worker, long total) {
    return new Effect.Tell(worker, new Message.AllowMigrations(total, Message.First.LIVELIEST));
  }

  static Effect.Tell drain(long worker, int timeoutMs) {
    return new Effect.Tell(worker, new Message.Drain(timeoutMs));
  }

  static Effect.Kill kill(long worker) {
    return new Effect.Kill(worker, Effect.How.KILL);
  }

  static List<Effect> silently(List<Effect> effects) {
    return effects.stream()
        .filter(e -> !(e instanceof Effect.Report))
        .filter(
            e -> !(e instanceof Effect.Tell tell && tell.message() instanceof Message.FormInUse))
        .toList();
  }

  static List<String> reports(List<Effect> effects) {
    return effects.stream()
        .filter(Effect.Report.class::isInstance)
        .map(effect -> ((Effect.Report) effect).text())
        .toList();
  }
}
