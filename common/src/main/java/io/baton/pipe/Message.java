package io.baton.pipe;

import io.baton.service.Peer;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * All that manager and worker say to each other. A packet of the pipe holds one or more messages
 * and at most one descriptor, which belongs to the packet's only {@link Hello} or {@link Handoff}.
 * The bytes are in {@link MessageCodec}.
 */
public sealed interface Message {

  /** Raised whenever the bytes of any message change; manager and worker must have the same. */
  int VERSION = 2;

  /** No packet is longer, in bytes; a longer one is garbage. */
  int MAX_PACKET = 32 * 1024;

  /** No packet holds more messages. */
  int MAX_MESSAGES = 1_024;

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
   * A client, with its descriptor. The manager's until {@link Taken}.
   *
   * @param listener index into the configuration's listeners
   * @param beyondLimit it is one too many: to be told so in its protocol, and closed
   */
  record Handoff(long id, int listener, Peer peer, boolean beyondLimit) implements ToWorker {}

  /** Asks for a {@link Pong}. */
  record Ping(long number) implements ToWorker {}

  /** Take nothing new, finish what there is, close the rest after the time given, exit with 0. */
  record Drain(int timeoutMs) implements ToWorker {}

  /** Modules are started, handoffs welcome. */
  record Ready() implements ToManager {}

  /** This worker cannot come up, and why, in one line; it exits next. */
  record Failed(String reason) implements ToManager {}

  /** The client is this worker's now. Sent before its first byte is read. */
  record Taken(long id) implements ToManager {}

  /** The client was not touched and is the manager's to place elsewhere. */
  record Refused(long id, Refusal why) implements ToManager {}

  /** Answers a {@link Ping}. */
  record Pong(long number) implements ToManager {}

  /** How the worker is doing; sent every load interval and when it changes much. */
  record LoadReport(Load load) implements ToManager {}

  /**
   * Connections that this worker took and that have ended since the last such message. Those that
   * were beyond a limit are not among them.
   *
   * @param listener index into the configuration's listeners
   * @param peer whose they were, where the listener limits connections per peer; else null
   * @param count at least 1
   */
  record Departed(int listener, @Nullable PeerKey peer, int count) implements ToManager {}

  /**
   * Service latency since the last such report: an HdrHistogram of nanoseconds with {@link
   * #LATENCY_DIGITS} significant digits up to {@link #LATENCY_HIGHEST_NANOS}, in its V2 encoding,
   * to be added to the others.
   */
  record Latency(ByteBuffer histogram) implements ToManager {}
}
