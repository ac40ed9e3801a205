package io.baton.worker.topics;

/** An answer to a session's wish for a topic. */
public enum Subscribed {
  /** It gets what is published from now on. */
  YES,
  /** It has subscribed the topic already. */
  ALREADY,
  /** The session has as many topics as one may have. */
  TOO_MANY_OF_SESSION,
  /** The worker has as many subscriptions as it may have. */
  TOO_MANY_OF_WORKER,
  /** The worker's memory is used up. */
  NO_MEMORY
}
