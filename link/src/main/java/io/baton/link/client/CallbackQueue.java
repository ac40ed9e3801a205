package io.baton.link.client;

import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import io.baton.link.TypedMessages;
import io.baton.link.core.LinkCode;
import io.baton.link.types.MalformedException;
import io.baton.link.types.SchemaException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The events of a session in their order, and the thread that tells them to the handler one after
 * the other. When it has told all there are, it writes what the handler has sent meanwhile: so an
 * answer costs no wake-up of another thread.
 */
final class CallbackQueue {
  private final ReentrantLock lock;
  private final Condition input;
  private final SessionWriter writer;
  private final Deque<SessionEvent> events = new ArrayDeque<>();
  private boolean dropsMessages;
  private volatile @Nullable Thread thread;

  CallbackQueue(ReentrantLock lock, SessionWriter writer) {
    this.lock = lock;
    this.input = lock.newCondition();
    this.writer = writer;
  }

  /** Adds an event; lock held. A connection that came and went untold is not told at all. */
  void add(SessionEvent event) {
    if (event instanceof SessionEvent.Back && events.peekLast() instanceof SessionEvent.Away) {
      events.removeLast();
    } else {
      events.addLast(event);
      input.signal();
    }
  }

  /** Returns how many events wait; lock held. */
  int size() {
    return events.size();
  }

  /** From here on messages are consumed without being told; lock held. */
  void dropMessages() {
    dropsMessages = true;
  }

  /** Returns whether the caller is a callback of this session. */
  boolean isCallback() {
    return Thread.currentThread().equals(thread);
  }

  /** Tells events until the session has ended: what the session's handler thread does. */
  <I, O> void run(
      LinkSession<I, O> session, LinkHandler<I, O> handler, TypedMessages<I, O> messages) {
    thread = Thread.currentThread();
    SessionEvent event = next(null);
    while (!(event instanceof SessionEvent.Closed)) {
      try {
        tell(event, session, handler, messages);
      } catch (MalformedException | SchemaException e) {
        session.close(LinkCode.PROTOCOL.number(), "a message could not be read: " + e.getMessage());
      } catch (Throwable e) {
        session.close(LinkCode.ERROR.number(), "an error in the other side's handler");
        report(e);
      }
      event = next(event);
    }
    try {
      handler.closed(session, ((SessionEvent.Closed) event).why());
    } catch (Throwable e) {
      report(e);
    }
  }

  private <I, O> void tell(
      SessionEvent event,
      LinkSession<I, O> session,
      LinkHandler<I, O> handler,
      TypedMessages<I, O> messages)
      throws MalformedException, SchemaException {
    switch (event) {
      case SessionEvent.Opened opened -> {
        opened.before().run();
        if (!handler.opened(session)) {
          session.close();
        }
      }
      case SessionEvent.Arrived arrived ->
          messages.deliver(handler, session, arrived.types(), arrived.bytes());
      case SessionEvent.Away away -> handler.away(session);
      case SessionEvent.Back back -> handler.back(session);
      case SessionEvent.Closed closed ->
          throw new AssertionError("told elsewhere, as the last event");
    }
  }

  /** Waits for the next event, after the one that is done. */
  private SessionEvent next(@Nullable SessionEvent done) {
    Thread.interrupted(); // A callback's own; it must not meet a socket.
    lock.lock();
    try {
      if (done instanceof SessionEvent.Arrived arrived) {
        consume(arrived);
      }
      while (true) {
        SessionEvent event = events.pollFirst();
        if (event instanceof SessionEvent.Arrived arrived && dropsMessages) {
          consume(arrived);
        } else if (event != null) {
          return event;
        } else if (!writer.flush()) {
          input.awaitUninterruptibly();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void consume(SessionEvent.Arrived message) {
    message.core().consumed(message.size());
    writer.consumed();
  }

  private static void report(Throwable e) {
    Thread current = Thread.currentThread();
    current.getUncaughtExceptionHandler().uncaughtException(current, e);
  }
}
