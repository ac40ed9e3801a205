package io.baton.worker.broker;

/** Why a message to or from other machines was dropped. */
public enum DropReason {
  /** There was no connection to the broker. */
  AWAY,
  /** Too much waited for the connection. */
  FULL,
  /** The worker published to too many topics at a time. */
  TOPICS,
  /** The event loop did not come to it. */
  OVERRUN,
  /** It was made without the cluster's secret, or changed. */
  FORGED,
  /** It is of a release that this one does not know. */
  VERSION,
  /** It is not as it should be, although it was made with the cluster's secret. */
  MALFORMED,
  /** Too many workers of other machines are known. */
  WORKERS
}
