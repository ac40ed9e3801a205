package io.baton.link.client;

import io.baton.link.Ending;
import io.baton.link.LinkException;
import io.baton.link.client.Connector.Connected;
import io.baton.link.core.LinkCode;
import io.baton.link.core.LinkCore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a session's reader thread does: connects, reads until the connection is lost, and connects
 * again, until the session has ended. It holds the session's lock while it does neither.
 */
final class ConnectionLoop {
  private final SessionLifecycle<?, ?> session;
  private final Connector connector;
  private final SessionContext context;

  ConnectionLoop(SessionLifecycle<?, ?> session, Connector connector, SessionContext context) {
    this.session = session;
    this.connector = connector;
    this.context = context;
  }

  /**
   * Runs until the session has ended.
   *
   * @param opened called once, when the session has been opened for the first time
   */
  void run(Runnable opened) {
    context.lock.lock();
    try {
      Connected current = open(() -> {});
      if (current != null) {
        opened.run();
      }
      while (current != null) {
        Ending end = readUntilLost(current);
        current = end == null ? resume(current) : reopen(end);
      }
    } catch (LinkException e) {
      session.failToOpen(e);
    } finally {
      context.lock.unlock();
    }
  }

  private Connected connect(@Nullable LinkCore resumed, Duration patience) throws LinkException {
    context.lock.unlock();
    try {
      return connector.connect(resumed, patience, session::hasEnded);
    } finally {
      context.lock.lock();
    }
  }

  /** Opens a session; says goodbye to it and returns null if nobody wants it any more. */
  private @Nullable Connected open(Runnable before) throws LinkException {
    Connected connected = connect(null, context.settings.connectTimeout);
    if (session.attachNew(connected, before)) {
      return connected;
    }
    try (LinkConnection connection = connected.connection()) {
      connected.core().abort(LinkCode.BYE, "given up while it was opened");
      ByteBuffer goodbye = ByteBuffer.allocate(1_024);
      connected.core().write(goodbye);
      connection.write(goodbye.flip());
    } catch (IOException e) {
      // The server notices by itself.
    }
    return null;
  }

  /** Returns the end of the session, or null if only the connection is lost. */
  private @Nullable Ending readUntilLost(Connected connected) {
    ByteBuffer input = connected.input();
    Ending end;
    do {
      end = session.read(input);
    } while (end == null && fill(connected.connection(), input.clear()));
    return end;
  }

  /** Waits for bytes, without the lock; returns false if the connection is lost. */
  private boolean fill(LinkConnection connection, ByteBuffer input) {
    context.lock.unlock();
    try {
      return connection.read(input) > 0;
    } catch (IOException e) {
      return false; // The other side's core tells what has arrived; the error tells nothing.
    } finally {
      input.flip();
      context.lock.lock();
    }
  }

  private @Nullable Connected resume(Connected lost) {
    lost.connection().close();
    Duration grace = session.lose();
    if (grace.isZero()) {
      String text = "the connection is lost, and the session does not outlive it";
      return reopen(new Ending(Ending.UNTOLD, text, true));
    }
    try {
      Connected connected = connect(lost.core(), grace);
      if (session.attachAgain(connected)) {
        return connected;
      }
      connected.connection().close();
      return null;
    } catch (LinkException e) {
      return reopen(new Ending(e.code(), String.valueOf(e.getMessage()), true));
    }
  }

  /** Ends the session, or opens another in its place if that is wanted. */
  private @Nullable Connected reopen(Ending why) {
    Consumer<Ending> listener = context.settings.reopen;
    boolean reopens = why.isLost() || why.code() == LinkCode.SHUTDOWN.number();
    long comeBackMillis = listener == null || !reopens ? -1 : session.forget(why);
    if (listener == null || comeBackMillis < 0) {
      session.end(why);
      return null;
    }
    try {
      return connector.stayAway(comeBackMillis, session::hasEnded)
          ? null
          : open(() -> listener.accept(why));
    } catch (LinkException e) {
      session.end(new Ending(why.code(), why.text() + "; then " + e.getMessage(), true));
      return null;
    }
  }
}
