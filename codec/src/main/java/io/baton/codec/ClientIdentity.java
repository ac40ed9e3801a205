package io.baton.codec;

import io.baton.service.AuthenticationRequest;
import io.baton.service.Principal;
import io.baton.service.RequestHead;
import java.util.Optional;

/**
 * Who the client of a session is, as far as it is known. A codec that has found out, through an
 * {@link io.baton.service.Authenticator} or by itself, says so here, and services see it. Event
 * loop only.
 */
public interface ClientIdentity {

  /** Returns the connection that the client is on now, for an authenticator. */
  AuthenticationRequest.Connection connection();

  /** Returns the client's principal; empty if none has been found. */
  Optional<Principal> principal();

  /**
   * Sets the principal, which the service sees with the next message.
   *
   * @param principal empty: the client is nobody from now on
   */
  void principal(Optional<Principal> principal);

  /**
   * Keeps the request that opens the session which begins next on this connection, with {@link
   * ProtocolSwitchEvent}.
   *
   * @return false if there is a principal and it has as many sessions already as its listener's
   *     {@code max-sessions-per-principal} allows: no session may begin then
   */
  boolean opens(RequestHead handshake);

  /**
   * Returns whether this connection's principal is that of the session which {@link
   * CodecContext#meet} has found {@link Meeting.Here here}, by name; also true if neither has one.
   * If not, the client may not go on with that session.
   */
  boolean isOfMetSession();
}
