package io.baton.worker.session;

import io.baton.codec.ClientIdentity;
import io.baton.service.AuthenticationRequest;
import io.baton.service.Principal;
import io.baton.service.RequestHead;
import io.baton.worker.accesslog.LoggedClient;
import io.baton.worker.identity.Identity;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The identity of a session's client, as its codec finds it. It has no state of its own.
 *
 * @param met the session that the client has met, if it has
 */
record SessionIdentity(SessionLifecycle life, Supplier<@Nullable FoundSession> met)
    implements ClientIdentity, LoggedClient {

  @Override
  public long session() {
    return life.id().value();
  }

  @Override
  public AuthenticationRequest.Connection connection() {
    return new AuthenticationRequest.Connection(
        life.route().listener(),
        life.peer(),
        Optional.ofNullable(life.via()),
        life.peerCertificates());
  }

  @Override
  public Optional<Principal> principal() {
    return Optional.ofNullable(life.identity().principal());
  }

  @Override
  public void principal(Optional<Principal> principal) {
    life.identity(life.identity().with(principal.orElse(null)));
  }

  @Override
  public boolean opens(RequestHead handshake) {
    Identity now = life.identity();
    String name = now.name();
    int max = max(life);
    if (name != null && max > 0 && principals(life).count(key(life, name)) >= max) {
      return false;
    }
    life.identity(now.with(handshake));
    return true;
  }

  @Override
  public boolean isOfMetSession() {
    FoundSession its = met.get();
    return its != null && Objects.equals(life.identity().name(), its.principalName());
  }

  // ---- the sessions that are counted ----

  /** Counts the session for its principal, if a handshake has opened it and there is a limit. */
  static void enter(SessionLifecycle session) {
    String name = counted(session);
    if (name != null) {
      principals(session).enter(key(session, name), session);
    }
  }

  /** Does not count it any more: it is over, or its client is away. */
  static void leave(SessionLifecycle session) {
    String name = counted(session);
    if (name != null) {
      principals(session).leave(key(session, name), session);
    }
  }

  private static @Nullable String counted(SessionLifecycle session) {
    Identity identity = session.identity();
    return identity.handshake() == null || max(session) == 0 ? null : identity.name();
  }

  private static PrincipalSessions.Key key(SessionLifecycle session, String principal) {
    return new PrincipalSessions.Key(session.route().listener(), principal);
  }

  private static PrincipalSessions principals(SessionLifecycle session) {
    return session.context().principals();
  }

  private static int max(SessionLifecycle session) {
    return session.route().options().session().authentication().maxSessionsPerPrincipal();
  }
}
