package io.baton.vsockframework;

import io.baton.service.Cancellable;
import io.baton.service.CloseReason;
import io.baton.service.Hold;
import io.baton.service.Peer;
import io.baton.service.Principal;
import io.baton.service.RequestHead;
import io.baton.service.Session;
import io.baton.service.SessionId;
import io.baton.service.SessionKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A session as a service of records sees it. Two objects of the same session are equal. {@link
 * #send} throws an IllegalArgumentException for a record that is no type's, too long, or has a
 * null.
 */
record RecordSession(VsockFrameworkSettings settings, Session<FrameworkMessage> session)
    implements Session<Record> {

  @Override
  public boolean send(Record message) {
    return session.send(settings.types().write(message, settings.maxMessage()));
  }

  @Override
  public SessionId id() {
    return session.id();
  }

  @Override
  public Peer peer() {
    return session.peer();
  }

  @Override
  public Optional<SessionKey> key() {
    return session.key();
  }

  @Override
  public Optional<Peer> via() {
    return session.via();
  }

  @Override
  public List<X509Certificate> peerCertificates() {
    return session.peerCertificates();
  }

  @Override
  public Optional<Principal> principal() {
    return session.principal();
  }

  @Override
  public Optional<RequestHead> handshake() {
    return session.handshake();
  }

  @Override
  public int maxMessage() {
    return session.maxMessage();
  }

  @Override
  public boolean writable() {
    return session.writable();
  }

  @Override
  public Hold hold() {
    return session.hold();
  }

  @Override
  public Cancellable after(Duration delay, Runnable task) {
    return session.after(delay, task);
  }

  @Override
  public void close(CloseReason why) {
    session.close(why);
  }

  @Override
  public String toString() {
    return session.toString();
  }
}
