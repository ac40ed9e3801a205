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
  /** The client was silent, or slow, for longer than its listener allows. */
  TIMEOUT,
  /**
   * A bound of its listener: more waited for the client than {@code max-pending}. Also one
   * connection too many, but no service hears of such a client.
   */
  LIMIT,
  /** The client switched to another protocol on this connection; another service has it now. */
  UPGRADED,
  /** It goes on in another worker, with what {@link Service#save} said. */
  MOVED,
  /** The worker is ending and could not wait any longer, or an operator has ended the session. */
  SHUTDOWN
}
