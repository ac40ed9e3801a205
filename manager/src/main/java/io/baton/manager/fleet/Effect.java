package io.baton.manager.fleet;

import io.baton.pipe.HandoffKind;
import io.baton.pipe.Message;
import io.baton.service.Peer;
import java.util.List;
import jnr.constants.platform.Signal;

/** What the state machine wants done, in this order. */
public sealed interface Effect {

  /** Start a process; answered by {@link Event.Spawned} or {@link Event.SpawnFailed}. */
  record Spawn(long worker, int slot, int generation) implements Effect {}

  /** Say something to a worker. */
  record Tell(long worker, Message.ToWorker message) implements Effect {}

  /**
   * Make a link between the worker and each of its neighbours and send them its ends; the worker,
   * which has joined, is told also if there are none. {@link Event.NotIntroduced} if that cannot be
   * done.
   *
   * @param neighbours that have joined before, in this order
   */
  record Introduce(long worker, List<Long> neighbours) implements Effect {
    public Introduce {
      neighbours = List.copyOf(neighbours);
    }
  }

  /** Send a client; {@link Event.Blocked} if that cannot be done now. */
  record Place(long handoff, long worker, int listener, Peer peer, HandoffKind kind)
      implements Effect {}

  /** Take back what the worker has not received; {@link Event.Recalled} for each. */
  record Recall(long worker) implements Effect {}

  /** Send a signal to a worker. */
  record Kill(long worker, How how) implements Effect {}

  /** The client has a new owner: close our copy. */
  record Release(long handoff) implements Effect {}

  /** End the client's connection. */
  record End(long handoff) implements Effect {}

  /** Nobody can serve the client, who has not been served before: tell it, and end it. */
  record TurnAway(long handoff, int listener) implements Effect {}

  /** Let no new client in; those who came before can still be accepted. */
  record RefuseNew() implements Effect {}

  /** Accept what waits, close all listeners; ends with {@link Event.ListenersClosed}. */
  record StopListening() implements Effect {}

  /** The next generation serves: its listeners are opened, those that it no longer has closed. */
  record Switch(Generation to) implements Effect {}

  /** No worker of this generation is left, nor will there be one: its files may go. */
  record Forget(int generation) implements Effect {}

  /** What was asked for by {@link Event.Reload}, Recycle or Scale has ended. */
  record Done(Outcome outcome) implements Effect {}

  /** All workers are READY for the first time. */
  record Started() implements Effect {}

  /** A line for the operator. */
  record Report(Severity severity, String text) implements Effect {}

  /**
   * Nothing is left to do.
   *
   * @param failure why the server could not start; empty if it ended as it should
   */
  record Finished(String failure) implements Effect {}

  /** How a worker is made to end. */
  enum How {
    /** It writes its stacks to its log. */
    DUMP(Signal.SIGQUIT),
    /** It is gone. */
    KILL(Signal.SIGKILL);

    private final Signal signal;

    How(Signal signal) {
      this.signal = signal;
    }

    public Signal signal() {
      return signal;
    }
  }

  /** How much a line matters. */
  enum Severity {
    INFO,
    WARN,
    ERROR
  }
}
