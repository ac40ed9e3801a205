package io.baton.service;

/** Why a session ended. */
public enum CloseReason {
  /** The client closed its connection, or it broke. */
  CLIENT,
  /** The service closed the session, all sent messages out first. */
  SERVICE,
  /** The service threw; its exception is in the worker's log. */
  ERROR,
  /** The client broke its protocol. */
  PROTOCOL,
  /** The worker is ending and could not wait any longer. */
  SHUTDOWN
}
