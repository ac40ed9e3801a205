package io.baton.service;

/**
 * Decides who a client is, before a service hears of what it wants. A {@link Module} registers one
 * under a name, and listeners and routes choose it with {@code authenticator}.
 *
 * <p>Of HTTP, each request is decided on by itself, before its body is read; of a WebSocket, its
 * handshake. What has been decided before may be kept by the authenticator: nothing is kept here.
 *
 * <p><b>Threading.</b> Called on a virtual thread of its own, so it may block: it waits for
 * nobody's session, and none waits for it but the one that it decides on. Any number of calls, up
 * to {@value #MAX_RUNNING} of one authenticator in a worker, run at the same time; up to {@value
 * #MAX_WAITING} more wait for that. At {@code authenticate-timeout}, or when the client has gone,
 * the thread is interrupted and what it returns does not count any more.
 *
 * <p><b>Errors.</b> An exception, and null, are answered as an error of a service is: in HTTP with
 * 500, logged and counted. A timeout, and no place to wait in, are 503.
 */
@FunctionalInterface
public interface Authenticator {
  /** Calls of one authenticator that a worker has running at most. */
  int MAX_RUNNING = 256;

  /** Requests that wait in a worker for one authenticator at most. */
  int MAX_WAITING = 1024;

  /**
   * Decides on a client.
   *
   * @throws Exception as an error of this authenticator: the client is not let in
   */
  Authentication authenticate(AuthenticationRequest request) throws Exception;
}
