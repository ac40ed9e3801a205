package io.baton.link.service;

import io.baton.link.TypedMessages;
import io.baton.link.core.LinkCode;
import io.baton.service.CloseReason;
import io.baton.service.ForwardingSession;
import io.baton.service.Session;
import io.baton.service.Subscriber;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A session of Link as a plain service sees it: it sends records. Safe for any thread. */
final class PlainSession<O> implements ForwardingSession<O>, Decoding.Refusing {
  private final Session<LinkOutput> session;
  private final TypedMessages<?, O> messages;
  private final boolean subscribes;
  private final AtomicReference<@Nullable CloseReason> closing = new AtomicReference<>();

  /**
   * @param subscribes whether its service is a {@link Subscriber}
   */
  PlainSession(Session<LinkOutput> session, TypedMessages<?, O> messages, boolean subscribes) {
    this.session = session;
    this.messages = messages;
    this.subscribes = subscribes;
  }

  @Override
  public Session<LinkOutput> session() {
    return session;
  }

  @Override
  public boolean send(O message) {
    return !isClosed() && session.send(Encoding.message(session, messages, "", message));
  }

  @Override
  public boolean writable() {
    return !isClosed() && session.writable();
  }

  /** Closes in order: what was sent before, and waits for credit, goes out first. */
  @Override
  public void close(CloseReason why) {
    close(why, Endings.code(why), "");
  }

  @Override
  public void close(LinkCode code, String text) {
    close(CloseReason.PROTOCOL, code, text);
  }

  private void close(CloseReason why, LinkCode code, String text) {
    if (closing.compareAndSet(null, why)) {
      var unused = session.send(new LinkOutput.Goodbye(code.number(), text));
    }
  }

  boolean isClosed() {
    return closing.get() != null;
  }

  /** Returns what the service closed the session with; null if it has not. */
  @Nullable CloseReason closing() {
    return closing.get();
  }

  // ---- topics ----

  @Override
  public void subscribe(String topic) {
    requireSubscriber();
    session.subscribe(topic);
  }

  @Override
  public void subscribe(String topic, String about) {
    requireSubscriber();
    session.subscribe(topic, about);
  }

  @Override
  public void addressable() {
    requireSubscriber();
    session.addressable();
  }

  private void requireSubscriber() {
    if (!subscribes) {
      throw new IllegalStateException(
          "the service subscribes, but is no " + Subscriber.class.getName());
    }
  }

  @Override
  public void unsubscribe(String topic) {
    session.unsubscribe(topic);
  }
}
