package io.baton.link.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.baton.link.Ending;
import io.baton.link.LinkChannel;
import io.baton.link.LinkClock;
import io.baton.link.LinkException;
import io.baton.link.LinkHandler;
import io.baton.link.LinkId;
import io.baton.link.LinkSession;
import io.baton.link.Outgoing;
import io.baton.link.TypedMessages;
import io.baton.link.core.LinkCode;
import io.baton.link.stream.OutgoingStream;
import io.baton.service.Peer;
import java.io.IOException;
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
  private final ClientChannel<I, O> messages;

  LinkClientSession(SessionContext context, TypedMessages<I, O> types, LinkHandler<I, O> handler) {
    this.context = context;
    this.lifecycle = new SessionLifecycle<>(context, types, this, handler);
    this.messages = new ClientChannel<>(context, lifecycle, "");
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
    return messages.send(message);
  }

  @Override
  public boolean writable() {
    return messages.writable();
  }

  @Override
  public CompletableFuture<I> ask(O question, Duration timeout) {
    return messages.ask(question, timeout);
  }

  @Override
  public LinkChannel<I, O> channel(String name) {
    int bytes = name.getBytes(UTF_8).length;
    if (bytes < 1 || bytes > 255) {
      throw new IllegalArgumentException("a name has 1 to 255 bytes of UTF-8, not " + bytes);
    }
    ClientChannel<I, O> channel = new ClientChannel<>(context, lifecycle, name);
    context.lock.lock();
    try {
      Conversation<I, O> current = lifecycle.conversation();
      if (current != null && !lifecycle.isClosed() && channel.number(current) < 0) {
        throw new IllegalStateException(
            "64 channels and streams of this side are open, which is the most");
      }
    } finally {
      context.lock.unlock();
    }
    return channel;
  }

  @Override
  public Outgoing stream(String name, Path file) throws IOException {
    return begin(OutgoingStream.of(name, file));
  }

  @Override
  public Outgoing stream(String name, InputStream bytes, OptionalLong length) {
    return begin(OutgoingStream.of(name, bytes, length));
  }

  @Override
  public OutputStream stream(String name) {
    return begin(OutgoingStream.of(name)).output();
  }

  private OutgoingStream begin(OutgoingStream stream) {
    context.lock.lock();
    try {
      Conversation<I, O> current = lifecycle.conversation();
      if (current == null || lifecycle.isClosed()) {
        Ending why = lifecycle.ending();
        int code = why == null ? LinkCode.RETRY_LATER.number() : why.code();
        stream.abandon(new LinkException(code, "the session is closed", null));
      } else {
        current.send(stream);
      }
    } finally {
      context.lock.unlock();
    }
    return stream;
  }

  @Override
  public LinkClock clock() {
    return locked(context.pings::clock);
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
}
