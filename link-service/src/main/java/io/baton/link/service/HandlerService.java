package io.baton.link.service;

import static java.util.Objects.requireNonNull;

import io.baton.link.Ending;
import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import io.baton.link.TypeSet;
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
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A {@link LinkHandler} as the service of one session of codec {@code link}. In the session's lane
 * only.
 *
 * @param <I> what the handler receives
 * @param <O> what it sends
 */
public final class HandlerService<I, O>
    implements Service<LinkInput, LinkOutput>,
        Resumable<LinkOutput>,
        Subscriber<LinkOutput>,
        Draining<LinkOutput> {
  private final TypedMessages<I, O> messages;
  private final LinkHandler<I, O> handler;
  private final @Nullable TopicCallbacks<I, O> topics;
  private @Nullable ServedSession<I, O> session;
  private boolean refused;

  /**
   * Makes the service of one session.
   *
   * @param topics null if the handler does not subscribe
   */
  public HandlerService(
      TypedMessages<I, O> messages,
      LinkHandler<I, O> handler,
      @Nullable TopicCallbacks<I, O> topics) {
    this.messages = messages;
    this.handler = handler;
    this.topics = topics;
  }

  private ServedSession<I, O> session() {
    return requireNonNull(session, "the session has not begun");
  }

  /** Returns the session as the handler sees it. */
  public LinkSession<I, O> linkSession() {
    return session();
  }

  @Override
  public boolean opened(Session<LinkOutput> of) {
    session = new ServedSession<>(of, messages, topics != null);
    if (!handler.opened(session())) {
      refused = true;
      session().close(LinkCode.DENIED_BY_SERVICE.number(), "");
    }
    return true; // the client is told by a goodbye of our own
  }

  @Override
  public void received(Session<LinkOutput> of, LinkInput input) {
    if (input instanceof LinkInput.Goodbye(int code, String text)) {
      session().said(new Ending(code, text, false));
    } else if (input instanceof LinkInput.Transferred(var transfer)) {
      handler.transferred(session(), transfer);
    } else if (session().state() != LinkSession.State.CLOSED) {
      Decoding.orRefuse(() -> take(input), (code, text) -> session().close(code.number(), text));
    } // else it was on its way when this side closed
  }

  private void take(LinkInput input) throws MalformedException, SchemaException {
    switch (input) {
      case LinkInput.Message(var channel, var types, var bytes) -> {
        if (channel.isEmpty()) {
          read(types, bytes, message -> handler.received(session(), message));
        } else {
          read(types, bytes, message -> handler.received(session(), channel, message));
        }
      }
      case LinkInput.Ask(long ask, var types, var bytes) -> asked(ask, types, bytes);
      case LinkInput.Reply reply -> session().asks().replied(reply);
      case LinkInput.Failed failed -> session().asks().failed(failed);
      case LinkInput.Cancelled(long ask) -> session().cancelled(ask);
      case LinkInput.Stream(var stream) -> {
        session().share();
        handler.streamed(session(), stream);
      }
      case LinkInput.Transferred ignored -> throw new AssertionError("told before");
      case LinkInput.Goodbye ignored -> throw new AssertionError("told before");
    }
  }

  private void asked(long ask, TypeSet types, ByteBuffer bytes)
      throws MalformedException, SchemaException {
    ServedAnswer<O> answer = session().answer(ask);
    boolean known = read(types, bytes, question -> handler.asked(session(), question, answer));
    if (!known) {
      answer.fail(LinkCode.SCHEMA.number(), "the question is not known here");
    }
  }

  /** Returns whether this side has a type for the message. */
  private boolean read(TypeSet types, ByteBuffer bytes, Consumer<I> then)
      throws MalformedException, SchemaException {
    I message;
    try {
      message = messages.read(types, bytes);
    } catch (UndecodableException e) {
      handler.undecodable(session(), e.type());
      return false;
    }
    then.accept(message);
    return true;
  }

  // ---- topics ----

  @Override
  public void published(Session<LinkOutput> of, Publication publication) {
    subscribed(its -> its.published(session(), publication));
  }

  @Override
  public void sent(Session<LinkOutput> of, byte[] message) {
    subscribed(its -> its.sent(session(), message));
  }

  @Override
  public void missed(Session<LinkOutput> of, String topic, long count) {
    subscribed(its -> its.missed(session(), topic, count));
  }

  private void subscribed(Consumer<TopicCallbacks<I, O>> callback) {
    if (topics != null && session().state() != LinkSession.State.CLOSED) {
      callback.accept(topics);
    }
  }

  // ---- how the session is ----

  @Override
  public void away(Session<LinkOutput> of) {
    session().away(true);
    if (!refused) {
      handler.away(session());
    }
  }

  @Override
  public void back(Session<LinkOutput> of, OptionalLong last) {
    session().away(false);
    if (!refused) {
      handler.back(session());
    }
  }

  @Override
  public void draining(Session<LinkOutput> of) {
    if (session().state() != LinkSession.State.CLOSED) {
      handler.draining(session());
    }
  }

  @Override
  public void closed(Session<LinkOutput> of, CloseReason why) {
    if (why == CloseReason.MOVED) {
      session().moved(); // it goes on elsewhere
      return;
    }
    end(session().ending(why));
  }

  /** Tells the handler the end. */
  public void end(Ending why) {
    session().ended(why, transfer -> handler.transferred(session(), transfer));
    if (!refused) {
      handler.closed(session(), why);
    }
  }

  @Override
  public byte[] save(Session<LinkOutput> of) {
    return handler.save(session());
  }

  @Override
  public void resumed(Session<LinkOutput> of, byte[] saved) {
    session = new ServedSession<>(of, messages, topics != null);
    session().share();
    handler.resumed(session(), saved);
  }
}
