package io.baton.service;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A session that forwards its calls to another one, for services whose messages are made from those
 * of a codec. An implementation converts messages in {@link #send}, and overrides what else is
 * different. Errors and threads are those of the other session.
 *
 * <p>Topics are not forwarded, because publications have to reach the service, too: an
 * implementation whose service is a {@link Subscriber} forwards both.
 *
 * @param <O> messages that the service sends
 */
public interface ForwardingSession<O> extends Session<O> {

  /** Returns the session that calls are forwarded to, the same each time. */
  Session<?> session();

  @Override
  default SessionId id() {
    return session().id();
  }

  @Override
  default Peer peer() {
    return session().peer();
  }

  @Override
  default Optional<SessionKey> key() {
    return session().key();
  }

  @Override
  default Optional<Peer> via() {
    return session().via();
  }

  @Override
  default List<X509Certificate> peerCertificates() {
    return session().peerCertificates();
  }

  @Override
  default Optional<Principal> principal() {
    return session().principal();
  }

  @Override
  default Optional<RequestHead> handshake() {
    return session().handshake();
  }

  @Override
  default int maxMessage() {
    return session().maxMessage();
  }

  @Override
  default boolean writable() {
    return session().writable();
  }

  @Override
  default Hold hold() {
    return session().hold();
  }

  @Override
  default Cancellable after(Duration delay, Runnable task) {
    return session().after(delay, task);
  }

  @Override
  default void close(CloseReason why) {
    session().close(why);
  }
}
