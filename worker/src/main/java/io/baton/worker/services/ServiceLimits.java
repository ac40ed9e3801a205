package io.baton.worker.services;

/** The bounds of all that services hold, besides the worker's memory. */
final class ServiceLimits {
  /** Most questions of a worker that have no outcome yet. */
  static final int ASKED = 4_096;

  /** Most questions that a worker answers at the same time, or whose answers wait for a link. */
  static final int ANSWERED = 1_024;

  /** A worker that answers so many is spared: questions without a key go to other machines, too. */
  static final int BUSY = ANSWERED / 2;

  /** What a question takes in memory besides its content, in bytes. */
  static final long OVERHEAD_BYTES = 400;

  /** How often others are told of another load. */
  static final long LOAD_MS = 1_000;

  /** How long a worker that leaves waits for others to say that they ask it nothing any more. */
  static final long WITHDRAW_MS = 1_000;

  /** How often that is said again to those of other machines that have not answered. */
  static final long WITHDRAW_AGAIN_MS = 200;

  /** How long the successor of a worker on another machine is waited for, while that leaves. */
  static final long SUCCESSOR_MS = 500;

  /** What a name of another machine takes in memory besides its text, in bytes. */
  static final long NAME_BYTES = 100;

  private ServiceLimits() {}
}
