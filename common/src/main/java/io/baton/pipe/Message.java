package io.baton.pipe;

import io.baton.posix.Frame;
import io.baton.service.Peer;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * All that manager and worker say to each other. A packet of the pipe holds one or more messages.
 * Those that bring descriptors along are by themselves: a {@link Hello}; a {@link Handoff}, with a
 * second descriptor if its saved state comes aside; or, from the manager, up to {@link
 * #MAX_HANDOFFS} handoffs without a state, with a descriptor each, in the same order. The bytes are
 * in {@link MessageCodec}.
 */
public sealed interface Message {

  /**
   * Raised whenever the bytes of any message change, or what a packet may hold; manager and worker
   * must have the same.
   */
  int VERSION = 6;

  /** So much of a session's saved state goes into a packet, in bytes; more goes aside. */
  int MAX_INLINE_STATE = 32 * 1024;

  /** No packet is longer, in bytes; a longer one is garbage. */
  int MAX_PACKET = MAX_INLINE_STATE + 1024;

  /** No packet holds more messages. */
  int MAX_MESSAGES = 1_024;

  /** A {@link Refused#reason} is not longer, in bytes of UTF-8; the rest is cut off. */
  int MAX_REASON_BYTES = 500;

  /** Of a protocol's name, no more is said, in bytes of UTF-8. */
  int MAX_PROTOCOL_BYTES = 200;

  /** No packet holds more handoffs. */
  int MAX_HANDOFFS = Frame.MAX_DESCRIPTORS;

  /** What the manager says. */
  sealed interface ToWorker extends Message {}

  /** Significant digits of a {@link Latency}. */
  int LATENCY_DIGITS = 2;

  /** The highest value of a {@link Latency}; what takes longer counts as this. */
  long LATENCY_HIGHEST_NANOS = 60_000_000_000L;

  /** What a worker says. */
  sealed interface ToManager extends Message {}

  /**
   * First of all, with the concluded configuration as a sealed memory file.
   *
   * @param version {@link #VERSION} of the manager
   * @param worker names this process for as long as the manager runs; a slot is used again and
   *     again
   */
  record Hello(int version, long worker, int slot, int generation) implements ToWorker {}

  /**
   * A client, with its descriptor. From the manager: the manager's until {@link Taken}. From a
   * worker, which was allowed to by {@link Give}: the manager's from the moment the kernel has the
   * packet, to be served by another worker.
   *
   * @param id of the connection for as long as it lives, wherever it goes
   * @param listener index into the listeners of the worker's configuration
   */
  record Handoff(long id, int listener, Peer peer, HandoffKind kind)
      implements ToWorker, ToManager {}

  /** Asks for a {@link Pong}. */
  record Ping(long number) implements ToWorker {}

  /**
   * Connections may be given back, each as a {@link Handoff}, until so many in all have been since
   * the worker's start. Less than before takes back what was not used.
   *
   * @param first which of them
   */
  record Give(long total, First first) implements ToWorker {}

  /** Which connections are given before the others. */
  enum First {
    /** Those that have been idle for longest: by the time the others move, all code is warm. */
    IDLEST,
    /** Those that were active last: they are what makes a worker busy. */
    LIVELIEST,
    /**
     * One of each listener and protocol in turn, the idlest first: to find out whether sessions of
     * each kind can go on elsewhere.
     */
    VARIED
  }

  /** Take nothing new, finish what there is, close the rest after the time given, exit with 0. */
  record Drain(int timeoutMs) implements ToWorker {}

  /** Modules are started, handoffs welcome. */
  record Ready() implements ToManager {}

  /** This worker cannot come up, and why, in one line; it exits next. */
  record Failed(String reason) implements ToManager {}

  /** The client is this worker's now. Sent before its first byte is read. */
  record Taken(long id) implements ToManager {}

  /**
   * The client was not touched and is the manager's to place elsewhere.
   *
   * @param reason for the operator, in one line; empty if there is nothing to add to {@code why}
   */
  record Refused(long id, Refusal why, String reason) implements ToManager {}

  /**
   * A connection that was to be given stays, because its service cannot save its session.
   *
   * @param id of the connection
   * @param listener index into the configuration's listeners
   * @param protocol which of the listener's protocols is spoken
   * @param reason for the operator, in one line
   */
  record Unsaved(long id, int listener, String protocol, String reason) implements ToManager {}

  /**
   * What keeps the connections from moving that this worker may give, in an operator's words; empty
   * when nothing does any more.
   */
  record Held(String what) implements ToManager {}

  /** Answers a {@link Ping}. */
  record Pong(long number) implements ToManager {}

  /** How the worker is doing; sent every load interval and when it changes much. */
  record LoadReport(Load load) implements ToManager {}

  /**
   * This worker has no memory left that is not on its heap, and why, in one line: it goes on as far
   * as it can, gives its connections away when it may, and is to be replaced. Said once.
   */
  record Exhausted(String reason) implements ToManager {}

  /**
   * Connections that this worker took and that have ended since the last such message. Those that
   * were beyond a limit are not among them, nor those that it gave back.
   *
   * @param listener index into the configuration's listeners
   * @param peer whose they were, where the listener limits connections per peer; else null
   * @param count at least 1
   */
  record Departed(int listener, @Nullable PeerKey peer, int count) implements ToManager {}

  /**
   * A peer broke its protocol, on connections that have ended for it since the last such message.
   * Only of listeners that block peers for it.
   *
   * @param listener index into the configuration's listeners
   * @param count at least 1
   */
  record Offended(int listener, PeerKey peer, int count) implements ToManager {}

  /**
   * Service latency since the last such report: an HdrHistogram of nanoseconds with {@link
   * #LATENCY_DIGITS} significant digits up to {@link #LATENCY_HIGHEST_NANOS}, in its V2 encoding,
   * to be added to the others.
   */
  record Latency(ByteBuffer histogram) implements ToManager {}
}
