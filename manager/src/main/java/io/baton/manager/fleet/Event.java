package io.baton.manager.fleet;

import io.baton.pipe.HandoffKind;
import io.baton.pipe.Message;
import io.baton.service.Peer;
import java.util.List;

/** What happens to the fleet. Workers and handoffs are named by their numbers. */
public sealed interface Event {

  /** Time has passed. */
  record Tick() implements Event {}

  /** A worker's process exists. */
  record Spawned(long worker, int pid) implements Event {}

  /** It could not be made. */
  record SpawnFailed(long worker, String why) implements Event {}

  /** Some or all links of a worker that has joined could not be made. */
  record NotIntroduced(long worker, String why) implements Event {}

  /** A worker said something. */
  record Said(long worker, Message message) implements Event {}

  /** A worker said something that makes no sense. */
  record Garbled(long worker, String what) implements Event {}

  /**
   * A worker's process ended, and all that it had said was heard.
   *
   * @param done whether it has ended by itself, with nothing left to do
   * @param how e.g. {@code was killed by SIGKILL}
   * @param output what it printed at last
   */
  record Died(long worker, boolean done, String how, String output) implements Event {}

  /** A client was accepted; the manager holds its descriptor under this number. */
  record Accepted(long handoff, int listener, Peer peer) implements Event {}

  /**
   * A worker gave one of its connections; the manager holds its descriptors under this number,
   * which was the connection's before.
   */
  record Given(long worker, long handoff, int listener, Peer peer, HandoffKind.Saved kind)
      implements Event {}

  /** A worker gave one of its connections, but a descriptor was lost: the manager has no room. */
  record GivenLost(long worker, int listener, Peer peer, HandoffKind.Saved kind) implements Event {}

  /**
   * A worker gave a connection whose client wants to go on with a session that the worker does not
   * have; the manager holds its descriptors under this number, which was the connection's before.
   */
  record Sought(long worker, long handoff, int listener, Peer peer, HandoffKind.Unserved kind)
      implements Event {}

  /**
   * A worker gave such a connection, but its descriptor was lost: the manager has no room.
   *
   * @param beyondLimit whether it came beyond a limit
   */
  record SoughtLost(long worker, int listener, Peer peer, boolean beyondLimit) implements Event {}

  /** A connection that may not come in as it is was ended, before it was anybody's client. */
  record Rejected(int listener, Peer peer, String why) implements Event {}

  /** All listeners are closed: nobody will be accepted any more. */
  record ListenersClosed() implements Event {}

  /** There was no descriptor for a client, which was turned away. */
  record TurnedAway(int listener) implements Event {}

  /** There is not even a descriptor to turn a client away with: clients wait in the kernel. */
  record Starved() implements Event {}

  /** A handoff that was to be sent did not fit into the worker's pipe. */
  record Blocked(long worker, long handoff) implements Event {}

  /** A handoff was taken out of a worker's pipe before the worker had received it. */
  record Recalled(long worker, long handoff) implements Event {}

  /** The server is to go over to the next generation; ends with {@link Effect.Done}. */
  record Reload(Generation next) implements Event {}

  /** The reload that is under way is to be undone; it ends with its own {@link Effect.Done}. */
  record Abort() implements Event {}

  /**
   * The replacement that is under way, of which only former workers are left, makes room for
   * another one; it ends with its own {@link Effect.Done}.
   */
  record Supersede() implements Event {}

  /**
   * Workers are to be replaced by fresh ones; ends with {@link Effect.Done}.
   *
   * @param slots which; empty: all
   */
  record Recycle(List<Integer> slots) implements Event {}

  /** There are to be so many workers; ends with {@link Effect.Done}. */
  record Scale(int workers) implements Event {}

  /** The server is to end. */
  record Stop(StopMode mode) implements Event {}
}
