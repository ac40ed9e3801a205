package io.baton.link.service;

import static java.util.Objects.requireNonNull;

import io.baton.link.TypedMessages;
import io.baton.link.core.LinkCode;
import io.baton.link.types.MalformedException;
import io.baton.link.types.SchemaException;
import io.baton.link.types.UndecodableException;
import io.baton.service.CloseReason;
import io.baton.service.Draining;
import io.baton.service.Publication;
import io.baton.service.Resumable;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.service.Subscriber;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A service of records that knows nothing of Link, as the service of one session of codec {@code
 * link}. A message that this side has no type for is dropped; one that comes on a channel is
 * received like the others. Questions are refused with "no answer", and streams are refused. In the
 * session's lane only.
 *
 * @param <I> what the service receives
 * @param <O> what it sends
 */
public final class PlainService<I, O>
    implements Service<LinkInput, LinkOutput>,
        Resumable<LinkOutput>,
        Subscriber<LinkOutput>,
        Draining<LinkOutput> {
  private final TypedMessages<I, O> messages;
  private final Service<I, O> service;
  private @Nullable PlainSession<O> session;
  private boolean said;

  /** Makes the service of one session. */
  public PlainService(TypedMessages<I, O> messages, Service<I, O> service) {
    this.messages = messages;
    this.service = service;
  }

  private PlainSession<O> session() {
    return requireNonNull(session, "the session has not begun");
  }

  @Override
  public boolean opened(Session<LinkOutput> of) {
    session = new PlainSession<>(of, messages, service instanceof Subscriber<?>);
    return service.opened(session());
  }

  @Override
  public void received(Session<LinkOutput> of, LinkInput input) {
    switch (input) {
      case LinkInput.Message message -> {
        if (!session().isClosed()) {
          Decoding.orRefuse(() -> deliver(message), session());
        }
      }
      case LinkInput.Ask ask -> {
        LinkOutput.Failed refusal =
            new LinkOutput.Failed(ask.ask(), LinkCode.DENIED_BY_SERVICE.number(), "no answer");
        var unused = of.send(refusal); // false: the session has ended
      }
      case LinkInput.Stream(var stream) -> stream.refuse();
      case LinkInput.Reply ignored -> throw new AssertionError("it does not ask");
      case LinkInput.Failed ignored -> throw new AssertionError("it does not ask");
      case LinkInput.Cancelled ignored -> {
        // It was answered at once.
      }
      case LinkInput.Transferred ignored -> throw new AssertionError("it has no streams");
      case LinkInput.Goodbye ignored -> said = true;
    }
  }

  private void deliver(LinkInput.Message message) throws MalformedException, SchemaException {
    I decoded;
    try {
      decoded = messages.read(message.types(), message.bytes());
    } catch (UndecodableException e) {
      return; // of a newer client: that message only
    }
    service.received(session(), decoded);
  }

  @Override
  public void writable(Session<LinkOutput> of) {
    service.writable(session());
  }

  @Override
  public void away(Session<LinkOutput> of) {
    if (service instanceof Resumable<?>) {
      resumable().away(session());
    }
  }

  @Override
  public void back(Session<LinkOutput> of, OptionalLong last) {
    if (service instanceof Resumable<?>) {
      resumable().back(session(), last);
    }
  }

  @SuppressWarnings("unchecked") // It is a service of this session, which sends O.
  private Resumable<O> resumable() {
    return (Resumable<O>) service;
  }

  @Override
  public void published(Session<LinkOutput> of, Publication publication) {
    subscriber().published(session(), publication);
  }

  @Override
  public void sent(Session<LinkOutput> of, byte[] message) {
    subscriber().sent(session(), message);
  }

  @Override
  public void missed(Session<LinkOutput> of, String topic, long count) {
    subscriber().missed(session(), topic, count);
  }

  /** Returns the service, which has subscribed. */
  @SuppressWarnings("unchecked") // It is a service of this session, which sends O.
  private Subscriber<O> subscriber() {
    return (Subscriber<O>) service;
  }

  @Override
  @SuppressWarnings("unchecked") // It is a service of this session, which sends O.
  public void draining(Session<LinkOutput> of) {
    if (service instanceof Draining<?> its && !session().isClosed()) {
      ((Draining<O>) its).draining(session());
    }
  }

  @Override
  public void closed(Session<LinkOutput> of, CloseReason why) {
    CloseReason own = session().closing();
    service.closed(session(), own != null && !said ? own : why);
  }

  @Override
  public byte[] save(Session<LinkOutput> of) {
    return service.save(session());
  }

  @Override
  public void resumed(Session<LinkOutput> of, byte[] saved) {
    session = new PlainSession<>(of, messages, service instanceof Subscriber<?>);
    service.resumed(session(), saved);
  }
}
