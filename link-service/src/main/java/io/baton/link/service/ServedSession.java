package io.baton.link.service;

import io.baton.link.Ending;
import io.baton.link.LinkChannel;
import io.baton.link.LinkClock;
import io.baton.link.LinkId;
import io.baton.link.LinkSession;
import io.baton.link.Outgoing;
import io.baton.link.TypedMessages;
import io.baton.service.Peer;
import io.baton.service.Session;
import io.baton.service.SessionKey;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A session as a service's handler sees it. Safe for any thread. */
final class ServedSession<I, O> implements LinkSession<I, O> {
  /** The longest message that the protocol allows by default; a client may allow less. */
  static final int MAX_MESSAGE = 1 << 20;

  private final Session<LinkOutput> session;
  private final TypedMessages<I, O> messages;
  private volatile State state = State.OPEN;
  private volatile @Nullable Ending closing;

  ServedSession(Session<LinkOutput> session, TypedMessages<I, O> messages) {
    this.session = session;
    this.messages = messages;
  }

  private static LinkId id(SessionKey key) {
    return new LinkId(key.high(), key.low());
  }

  @Override
  public boolean send(O message) {
    return state != State.CLOSED && session.send(encoded(messages, message));
  }

  static <O> LinkOutput.Message encoded(TypedMessages<?, O> messages, O message) {
    return new LinkOutput.Message(messages.own(), messages.encode(message, MAX_MESSAGE));
  }

  @Override
  public boolean writable() {
    return state != State.CLOSED && session.writable();
  }

  @Override
  public Peer peer() {
    return session.peer();
  }

  @Override
  public LinkId id() {
    return session.key().map(ServedSession::id).orElse(new LinkId(0, session.id().value()));
  }

  @Override
  public State state() {
    return state;
  }

  @Override
  public void close(int code, String text) {
    Ending why = new Ending(code, text, false);
    synchronized (this) {
      if (state == State.CLOSED) {
        return;
      }
      state = State.CLOSED;
      closing = why;
    }
    var unused = session.send(new LinkOutput.Goodbye(code, text)); // false: it has ended
  }

  /** Returns what this side closed the session with; null if it has not. */
  @Nullable Ending closing() {
    return closing;
  }

  /** The client has lost its connection, or is back. */
  synchronized void away(boolean is) {
    if (state != State.CLOSED) {
      state = is ? State.AWAY : State.OPEN;
    }
  }

  /** The session is over. */
  synchronized void ended() {
    state = State.CLOSED;
  }

  @Override
  public CompletableFuture<I> ask(O question, Duration timeout) {
    throw new UnsupportedOperationException();
  }

  @Override
  public LinkChannel<I, O> channel(String name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Outgoing stream(String name, Path file) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Outgoing stream(String name, InputStream bytes, OptionalLong length) {
    throw new UnsupportedOperationException();
  }

  @Override
  public OutputStream stream(String name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public LinkClock clock() {
    throw new UnsupportedOperationException();
  }
}
