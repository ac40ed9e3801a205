package io.baton.link.service;

import static java.util.Objects.requireNonNull;

import io.baton.link.Ending;
import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import io.baton.link.TypedMessages;
import io.baton.link.core.LinkCode;
import io.baton.service.CloseReason;
import io.baton.service.Resumable;
import io.baton.service.Service;
import io.baton.service.Session;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A {@link LinkHandler} as the service of one session of codec {@code link}. In the session's lane
 * only.
 *
 * @param <I> what the handler receives
 * @param <O> what it sends
 */
public final class HandlerService<I, O>
    implements Service<LinkInput, LinkOutput>, Resumable<LinkOutput> {
  private final TypedMessages<I, O> messages;
  private final LinkHandler<I, O> handler;
  private @Nullable ServedSession<I, O> session;
  private @Nullable Ending said;
  private boolean refused;

  /** Makes the service of one session. */
  public HandlerService(TypedMessages<I, O> messages, LinkHandler<I, O> handler) {
    this.messages = messages;
    this.handler = handler;
  }

  private ServedSession<I, O> session() {
    return requireNonNull(session, "the session has not begun");
  }

  @Override
  public boolean opened(Session<LinkOutput> of) {
    session = new ServedSession<>(of, messages);
    if (!handler.opened(session())) {
      refused = true;
      session().close(LinkCode.DENIED_BY_SERVICE.number(), "");
    }
    return true; // the client is told by a goodbye of our own
  }

  @Override
  public void received(Session<LinkOutput> of, LinkInput input) {
    switch (input) {
      case LinkInput.Message message -> {
        if (session().state() != LinkSession.State.CLOSED) {
          Decoding.orRefuse(
              () -> messages.deliver(handler, session(), message.types(), message.bytes()),
              (code, text) -> session().close(code.number(), text));
        } // else it was on its way when this side closed
      }
      case LinkInput.Goodbye(int code, String text) -> said = new Ending(code, text, false);
    }
  }

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
  public void closed(Session<LinkOutput> of, CloseReason why) {
    Ending own = session().closing();
    session().ended();
    if (refused || why == CloseReason.MOVED) {
      return; // it goes on elsewhere, or never was
    }
    handler.closed(session(), own != null ? own : said != null ? said : Endings.of(why));
  }

  @Override
  public byte[] save(Session<LinkOutput> of) {
    return handler.save(session());
  }

  @Override
  public void resumed(Session<LinkOutput> of, byte[] saved) {
    session = new ServedSession<>(of, messages);
    handler.resumed(session(), saved);
  }
}
