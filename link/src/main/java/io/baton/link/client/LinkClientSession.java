package io.baton.link.client;

import io.baton.link.Ending;
import io.baton.link.LinkChannel;
import io.baton.link.LinkClock;
import io.baton.link.LinkException;
import io.baton.link.LinkHandler;
import io.baton.link.LinkId;
import io.baton.link.LinkSession;
import io.baton.link.Outgoing;
import io.baton.link.TypedMessages;
import io.baton.service.Peer;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A client's session: its state, and what its threads and those of the user do with it.
 *
 * <pre>
 *   connecting ──▶ OPEN ◀──▶ AWAY ──▶ lost ──▶ CLOSED
 *       │            │ close() or the other side's GOODBYE  ▲
 *       ▼            └──────────────────────────────────────┘
 *   LinkException
 * </pre>
 *
 * <p>Three threads serve it: that of its {@link ConnectionLoop} connects and reads, one runs the
 * callbacks from the {@link CallbackQueue}, one writes from the {@link SessionWriter}. One lock
 * guards the core and everything here; nobody holds it while reading, writing or in a callback.
 */
final class LinkClientSession<I, O> implements LinkSession<I, O> {
  /** The longest that the rest is written after the end, in nanoseconds. */
  private static final long FINISH_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private final Condition changed = lock.newCondition();
  private final ClientSettings settings;
  private final TypedMessages<I, O> messages;
  private final ClientClock clock;
  private final SessionWriter writer;
  private final CallbackQueue callbacks;

  private @Nullable Conversation<O> conversation;
  private @Nullable LinkConnection connection;
  private volatile @Nullable Peer peer;
  private volatile @Nullable LinkId id;
  private Duration grace = Duration.ZERO;

  /** What {@link #close(int, String)} was called with. */
  private @Nullable Ending closing;

  /** The end, once there is one. */
  private @Nullable Ending ended;

  /** Bounds what has begun and has to end: to close in order, to write the rest. */
  private ClientClock.@Nullable Timer deadline;

  private @Nullable LinkException failure;

  /** The writer has written the last that there was to write, or could. */
  private boolean written;

  LinkClientSession(ClientSettings settings, TypedMessages<I, O> messages, ClientClock clock) {
    this.settings = settings;
    this.messages = messages;
    this.clock = clock;
    this.writer = new SessionWriter(lock, clock);
    this.callbacks = new CallbackQueue(lock, writer);
  }

  /** Returns the lock that guards the session's core. */
  ReentrantLock lock() {
    return lock;
  }

  /** Returns the condition that is signalled when the session changes its state. */
  Condition changed() {
    return changed;
  }

  // ---- for any thread ----

  @Override
  public boolean send(O message) {
    lock.lock();
    try {
      while (!isClosed()) {
        if (conversation != null && conversation.queue(message)) {
          if (callbacks.isCallback()) {
            writer.wakeSoon();
          } else {
            writer.wake();
          }
          return true;
        }
        writer.wake();
        room.awaitUninterruptibly();
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean writable() {
    return locked(() -> !isClosed() && conversation != null && conversation.core().writable());
  }

  @Override
  public Peer peer() {
    return Objects.requireNonNull(peer, "a session has been open before anybody has it");
  }

  @Override
  public LinkId id() {
    return Objects.requireNonNull(id, "a session has been open before anybody has it");
  }

  @Override
  public State state() {
    return locked(() -> isClosed() ? State.CLOSED : connection == null ? State.AWAY : State.OPEN);
  }

  @Override
  public void close(int code, String text) {
    if (code < 1 || code > Ending.MAX_CODE) {
      throw new IllegalArgumentException("a code is from 1 to 65535, not " + code);
    }
    locked(() -> isClosed() ? null : beginToClose(new Ending(code, text, false)));
  }

  @Override
  public void close() {
    LinkSession.super.close();
    if (!callbacks.isCallback()) {
      awaitEnd();
    }
  }

  /** Waits until all is said, or the thread is interrupted. */
  private void awaitEnd() {
    lock.lock();
    try {
      while (ended == null || !written) {
        changed.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // it ends by itself
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until the session is open.
   *
   * @throws LinkException if it cannot be opened, or the thread is interrupted
   */
  void awaitOpen() throws LinkException {
    lock.lock();
    try {
      while (conversation == null && failure == null) {
        changed.await();
      }
      if (failure != null) {
        throw failure;
      }
    } catch (InterruptedException e) {
      end(new Ending(Ending.UNTOLD, "given up", false));
      Thread.currentThread().interrupt();
      throw new LinkException(Ending.UNTOLD, "interrupted while opening a session", e);
    } finally {
      lock.unlock();
    }
  }

  // ---- with the lock held ----

  private boolean isClosed() {
    return closing != null || ended != null;
  }

  private @Nullable Void beginToClose(Ending how) {
    closing = how;
    callbacks.dropMessages();
    room.signalAll();
    changed.signalAll();
    if (conversation == null) {
      return end(how);
    }
    conversation.core().close(how.code(), how.text());
    writer.wake();
    String late = "closed, but the other side did not confirm it in time";
    deadline =
        clock.after(
            Math.max(grace.toNanos(), FINISH_NANOS),
            () -> endWith(new Ending(how.code(), late, true)));
    return null;
  }

  /** Ends the session; the first end counts. */
  private @Nullable Void end(Ending why) {
    if (ended == null) {
      ended = why;
      callbacks.add(new SessionEvent.Closed(why));
      room.signalAll();
      changed.signalAll();
      writer.finish();
      cancelDeadline();
      if (connection != null) {
        deadline = clock.after(FINISH_NANOS, connection::close); // The rest may be stuck.
      }
    }
    return null;
  }

  private @Nullable Void cancelDeadline() {
    if (deadline != null) {
      deadline.cancel();
      deadline = null;
    }
    return null;
  }

  private <T extends @Nullable Object> T locked(Supplier<T> what) {
    lock.lock();
    try {
      return what.get();
    } finally {
      lock.unlock();
    }
  }

  // ---- for the session's own threads ----

  /** Runs the callbacks until the session has ended: what the handler's thread does. */
  void runHandler(LinkHandler<I, O> handler) {
    callbacks.run(this, handler, messages);
  }

  /** Writes until the session has ended: what the writer's thread does. */
  void runWriter() {
    writer.run();
    locked(() -> {
      written = true;
      changed.signalAll();
      return cancelDeadline();
    });
  }

  /** Returns whether there is nothing more to do; lock held or not. */
  boolean hasEnded() {
    return locked(() -> ended != null);
  }

  /** Notes that there is no session and never was one. */
  void failToOpen(Connector.Result.GivenUp given) {
    locked(() -> {
      ended = given.why();
      failure = new LinkException(given.why().code(), given.why().text(), given.cause());
      changed.signalAll();
      return null;
    });
  }

  /**
   * Takes a connection with a session that is new to it: its first one, or another in the place of
   * a lost one.
   *
   * @param before what to do before the handler is told
   * @return false if nobody wants it any more
   */
  boolean attachNew(Connector.Result.Connected to, Runnable before) {
    return locked(() -> {
      if (ended != null) {
        return false;
      }
      conversation = new Conversation<>(to.core(), messages, callbacks, clock);
      id = conversation.id();
      callbacks.add(new SessionEvent.Opened(before));
      attach(to);
      return true;
    });
  }

  /** Takes a connection that carries the session on. Returns false if nobody wants it any more. */
  boolean attachAgain(Connector.Result.Connected to) {
    return locked(() -> {
      if (ended != null) {
        return false;
      }
      callbacks.add(new SessionEvent.Back());
      attach(to);
      return true;
    });
  }

  private void attach(Connector.Result.Connected to) {
    Duration servers = Duration.ofMillis(to.graceMillis());
    Duration own = settings.grace();
    grace = own == null || own.compareTo(servers) > 0 ? servers : own;
    peer = to.connection().peer();
    connection = to.connection();
    writer.attach(to.core(), to.connection());
    room.signalAll();
    changed.signalAll();
  }

  /**
   * Takes bytes of the connection.
   *
   * @return the end of the session, if that is what they say or it has ended otherwise
   */
  @Nullable Ending read(ByteBuffer bytes) {
    lock.lock();
    try {
      if (ended != null) {
        return ended;
      }
      Conversation<O> current = Objects.requireNonNull(conversation);
      int before = callbacks.size();
      Ending said = current.read(bytes);
      if (lock.hasWaiters(room)) {
        room.signalAll();
      }
      if (current.core().wanted() > 0) {
        if (callbacks.size() > before) {
          writer.wakeSoon(); // The handler's thread is about to answer, and writes this as well.
        } else {
          writer.wake();
        }
      }
      return said != null && closing != null ? closing : said;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Notes that the connection is lost.
   *
   * @return how long the session waits for another
   */
  Duration lose() {
    return locked(() -> {
      connection = null;
      writer.detach();
      Objects.requireNonNull(conversation).core().lost();
      if (ended == null) {
        callbacks.add(new SessionEvent.Away());
      }
      return grace;
    });
  }

  /** Forgets the session, so that another can take its place. Returns false if nobody wants one. */
  boolean forget() {
    return locked(() -> {
      if (isClosed()) {
        return false;
      }
      if (connection != null) {
        connection.close();
        connection = null;
      }
      writer.detach();
      conversation = null;
      return true;
    });
  }

  /** Ends the session, unless it has ended. */
  void endWith(Ending why) {
    locked(() -> end(why));
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
