package io.baton.link.client;

import io.baton.link.Ending;
import io.baton.link.LinkChannel;
import io.baton.link.LinkClock;
import io.baton.link.LinkHandler;
import io.baton.link.LinkId;
import io.baton.link.LinkSession;
import io.baton.link.Outgoing;
import io.baton.link.TypedMessages;
import io.baton.service.Peer;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * A client's session as its user sees it.
 *
 * <p>Three threads serve it: that of its {@link ConnectionLoop} connects and reads, one runs the
 * callbacks from the {@link CallbackQueue}, one writes from the {@link SessionWriter}.
 */
final class LinkClientSession<I, O> implements LinkSession<I, O> {
  private final SessionContext context;
  private final SessionLifecycle<I, O> lifecycle;

  LinkClientSession(
      SessionContext context, TypedMessages<I, O> messages, LinkHandler<I, O> handler) {
    this.context = context;
    this.lifecycle = new SessionLifecycle<>(context, messages, this, handler);
  }

  SessionLifecycle<I, O> lifecycle() {
    return lifecycle;
  }

  private <T> T locked(Supplier<T> what) {
    context.lock.lock();
    try {
      return what.get();
    } finally {
      context.lock.unlock();
    }
  }

  @Override
  public boolean send(O message) {
    context.lock.lock();
    try {
      while (!lifecycle.isClosed()) {
        Conversation<I, O> to = lifecycle.conversation();
        if (to != null && to.send(message)) {
          context.wakeWriter();
          return true;
        }
        context.writer.wake();
        context.room.awaitUninterruptibly();
      }
      return false;
    } finally {
      context.lock.unlock();
    }
  }

  @Override
  public boolean writable() {
    return locked(() -> {
      Conversation<I, O> to = lifecycle.conversation();
      return !lifecycle.isClosed() && to != null && to.core.writable();
    });
  }

  @Override
  public Peer peer() {
    return locked(lifecycle::peer);
  }

  @Override
  public LinkId id() {
    return locked(lifecycle::id);
  }

  @Override
  public State state() {
    return locked(lifecycle::state);
  }

  @Override
  public void close(int code, String text) {
    if (code < 1 || code > Ending.MAX_CODE) {
      throw new IllegalArgumentException("a code is from 1 to 65535, not " + code);
    }
    context.lock.lock();
    try {
      lifecycle.close(new Ending(code, text, false));
    } finally {
      context.lock.unlock();
    }
  }

  @Override
  public void close() {
    LinkSession.super.close();
    if (!context.callbacks.isCallback()) {
      lifecycle.awaitEnd();
    }
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
