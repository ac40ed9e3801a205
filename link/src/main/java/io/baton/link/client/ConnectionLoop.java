package io.baton.link.client;

import io.baton.link.Ending;
import io.baton.link.LinkException;
import io.baton.link.client.Connector.Connected;
import io.baton.link.core.LinkCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a session's reader thread does: connects, reads until the connection is lost, and connects
 * again, until the session has ended.
 */
final class ConnectionLoop {
  private final SessionLifecycle<?, ?> session;
  private final Connector connector;
  private final ClientSettings settings;

  ConnectionLoop(SessionLifecycle<?, ?> session, Connector connector, ClientSettings settings) {
    this.session = session;
    this.connector = connector;
    this.settings = settings;
  }

  /**
   * Runs until the session has ended.
   *
   * @param opened called once, when the session has been opened for the first time
   */
  void run(Runnable opened) {
    Connected current;
    try {
      current = open(() -> {});
    } catch (LinkException e) {
      session.failToOpen(e);
      return;
    }
    if (current != null) {
      opened.run();
    }
    while (current != null) {
      Ending end = readUntilLost(current);
      current = end == null ? resume(current) : reopen(end);
    }
  }

  /** Opens a session; says goodbye to it and returns null if nobody wants it any more. */
  private @Nullable Connected open(Runnable before) throws LinkException {
    Connected connected = connector.connect(null, settings.connectTimeout, session::hasEnded);
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
    try {
      while (true) {
        Ending end = session.read(input);
        if (end != null) {
          return end;
        }
        if (connected.connection().read(input.clear()) < 0) {
          return null;
        }
        input.flip();
      }
    } catch (IOException e) {
      return null; // The other side's core tells what has arrived; the error tells nothing.
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
      Connected connected = connector.connect(lost.core(), grace, session::hasEnded);
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
    Consumer<Ending> listener = settings.reopen;
    boolean reopens = why.isLost() || why.code() == LinkCode.SHUTDOWN.number();
    if (listener == null || !reopens || !session.forget()) {
      session.endWith(why);
      return null;
    }
    try {
      return open(() -> listener.accept(why));
    } catch (LinkException e) {
      session.endWith(new Ending(why.code(), why.text() + "; then " + e.getMessage(), true));
      return null;
    }
  }
}
