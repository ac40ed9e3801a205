package io.baton.link.client;

import static java.util.Objects.requireNonNull;

import io.baton.link.Ending;
import io.baton.link.LinkException;
import io.baton.link.LinkHandler;
import io.baton.link.LinkId;
import io.baton.link.LinkSession;
import io.baton.link.TypedMessages;
import io.baton.service.Peer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The life of a client's session from its opening to its end.
 *
 * <pre>
 *   connecting ──▶ OPEN ◀──▶ AWAY ──▶ lost ──▶ CLOSED
 *       │            │ close() or the other side's GOODBYE  ▲
 *       ▼            └──────────────────────────────────────┘
 *   LinkException
 * </pre>
 *
 * <p>Safe for any thread; all is guarded by the session's lock.
 *
 * @param <I> what is received
 * @param <O> what is sent
 */
final class SessionLifecycle<I, O> {
  /** The longest that the rest is written after the end, in nanoseconds. */
  private static final long FINISH_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final SessionContext context;
  private final TypedMessages<I, O> messages;
  private final LinkSession<I, O> session;
  private final LinkHandler<I, O> handler;
  private @Nullable Conversation<I, O> conversation;
  private @Nullable LinkConnection connection;
  private @Nullable Peer peer;
  private @Nullable LinkId id;
  private Duration grace = Duration.ZERO;

  /** What the user has closed the session with. */
  private @Nullable Ending closing;

  /** The end, once there is one. */
  private @Nullable Ending ended;

  private @Nullable LinkException failure;

  /** Cancels the timer that bounds what has begun to end: to close in order, to write the rest. */
  private Runnable cancelDeadline = () -> {};

  /** The writer has written the last that there was to write, or could. */
  private boolean written;

  SessionLifecycle(
      SessionContext context,
      TypedMessages<I, O> messages,
      LinkSession<I, O> session,
      LinkHandler<I, O> handler) {
    this.context = context;
    this.messages = messages;
    this.session = session;
    this.handler = handler;
  }

  // ---- with the lock held ----

  /** Returns whether nothing more is sent. */
  boolean isClosed() {
    return closing != null || ended != null;
  }

  /** Returns what it was closed with, or how it has ended; null if nothing of both. */
  @Nullable Ending ending() {
    return closing == null ? ended : closing;
  }

  /** Returns whether there is nothing more to do. */
  boolean hasEnded() {
    return ended != null;
  }

  /** Returns the session of the server; null before the first, and between a lost and a new one. */
  @Nullable Conversation<I, O> conversation() {
    return conversation;
  }

  /** Returns who is, or was last, at the other end. */
  Peer peer() {
    return requireNonNull(peer, "a session has been open before anybody has it");
  }

  /** Returns the name of the session, or of the last one. */
  LinkId id() {
    return requireNonNull(id, "a session has been open before anybody has it");
  }

  LinkSession.State state() {
    if (isClosed()) {
      return LinkSession.State.CLOSED;
    }
    return connection == null ? LinkSession.State.AWAY : LinkSession.State.OPEN;
  }

  /** Closes in order, unless the session is closed. */
  void close(Ending how) {
    if (isClosed()) {
      return;
    }
    closing = how;
    context.callbacks.dropMessages();
    context.signalAll();
    if (conversation == null) {
      end(how);
      return;
    }
    conversation.core.close(how.code(), how.text());
    context.writer.wake();
    String late = "closed, but the other side did not confirm it in time";
    cancelDeadline =
        context.clock.after(
            Math.max(grace.toNanos(), FINISH_NANOS),
            () -> {
              context.lock.lock();
              try {
                end(new Ending(how.code(), late, true));
              } finally {
                context.lock.unlock();
              }
            });
  }

  /** Ends the session; the first end counts. */
  void end(Ending why) {
    if (ended != null) {
      return;
    }
    ended = why;
    if (conversation != null) {
      conversation.end(why);
    }
    context.pings.detach();
    context.callbacks.addLast(() -> handler.closed(session, why));
    context.signalAll();
    context.writer.finish();
    cancelDeadline.run();
    if (connection != null) { // The rest may be stuck.
      cancelDeadline = context.clock.after(FINISH_NANOS, connection::close);
    }
  }

  private void attach(Connector.Connected to) {
    Duration servers = Duration.ofMillis(to.graceMillis());
    Duration own = context.settings.grace;
    grace = own == null || own.compareTo(servers) > 0 ? servers : own;
    peer = to.connection().peer();
    connection = to.connection();
    context.writer.attach(to.core(), to.connection());
    context.pings.attach(to.core(), to.connection());
    context.signalAll();
  }

  // ---- for the user's threads ----

  /**
   * Waits until the session is open.
   *
   * @throws LinkException if it cannot be opened, or the thread is interrupted
   */
  void awaitOpen() throws LinkException {
    context.lock.lock();
    try {
      while (conversation == null && failure == null) {
        context.changed.await();
      }
      if (failure != null) {
        throw failure;
      }
    } catch (InterruptedException e) {
      end(new Ending(Ending.UNTOLD, "given up", false));
      Thread.currentThread().interrupt();
      throw new LinkException(Ending.UNTOLD, "interrupted while opening a session", e);
    } finally {
      context.lock.unlock();
    }
  }

  /** Waits until all is said, or the thread is interrupted. */
  void awaitEnd() {
    context.lock.lock();
    try {
      while (ended == null || !written) {
        context.changed.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // it ends by itself
    } finally {
      context.lock.unlock();
    }
  }

  // ---- for the session's own threads; but for the first, with the lock held ----

  /** Writes until the session has ended: what the writer's thread does. */
  void runWriter() {
    context.lock.lock();
    try {
      context.writer.run();
      written = true;
      context.changed.signalAll();
      cancelDeadline.run();
    } finally {
      context.lock.unlock();
    }
  }

  /** Notes that there is no session and never was one. */
  void failToOpen(LinkException why) {
    ended = new Ending(why.code(), String.valueOf(why.getMessage()), false);
    failure = why;
    context.changed.signalAll();
  }

  /**
   * Takes a connection with a session that is new to it: its first one, or another in the place of
   * a lost one.
   *
   * @param before what to do before the handler is told
   * @return false if nobody wants it any more
   */
  boolean attachNew(Connector.Connected to, Runnable before) {
    if (ended != null) {
      return false;
    }
    conversation = new Conversation<>(to.core(), context, messages, session, handler);
    id = conversation.id;
    context.callbacks.add(() -> {
      before.run();
      if (!handler.opened(session)) {
        session.close();
      }
    });
    attach(to);
    return true;
  }

  /** Takes a connection that carries the session on. Returns false if nobody wants it any more. */
  boolean attachAgain(Connector.Connected to) {
    if (ended != null) {
      return false;
    }
    context.callbacks.addBack(() -> handler.back(session));
    attach(to);
    requireNonNull(conversation).resumed();
    return true;
  }

  /**
   * Takes bytes of the connection.
   *
   * @return the end of the session, if that is what they say or it has ended otherwise
   */
  @Nullable Ending read(ByteBuffer bytes) {
    if (ended != null) {
      return ended;
    }
    context.pings.read();
    Conversation<I, O> current = requireNonNull(conversation);
    int before = context.callbacks.size();
    Ending said = current.read(bytes);
    if (context.lock.hasWaiters(context.room)) {
      context.room.signalAll();
    }
    if (current.core.wanted() > 0) {
      if (context.callbacks.size() > before) {
        context.writer.wakeSoon(); // The handler is about to answer; this goes out with it.
      } else {
        context.writer.wake();
      }
    }
    return said != null && closing != null ? closing : said;
  }

  /**
   * Notes that the connection is lost.
   *
   * @return how long the session waits for another
   */
  Duration lose() {
    connection = null;
    context.writer.detach();
    context.pings.detach();
    requireNonNull(conversation).core.lost();
    if (ended == null) {
      context.callbacks.addAway(() -> handler.away(session));
    }
    return grace;
  }

  /**
   * Forgets the session, so that another can take its place.
   *
   * @return how long the server wants its clients to stay away, in milliseconds; -1 if nobody wants
   *     another session
   */
  long forget(Ending why) {
    if (isClosed() || conversation == null) {
      return -1;
    }
    long comeBackMillis = Math.max(0, conversation.comeBackMillis);
    conversation.end(why);
    if (connection != null) {
      connection.close();
      connection = null;
    }
    context.writer.detach();
    context.pings.detach();
    context.pings.forgetClock();
    conversation = null;
    return comeBackMillis;
  }
}
