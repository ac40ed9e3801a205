package io.baton.link.client;

import io.baton.link.Ending;
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
  private final LinkClientSession<?, ?> session;
  private final Connector connector;
  private final ClientSettings settings;
  private final Runnable opened;

  /**
   * Prepares the loop.
   *
   * @param opened called once, when the session has been opened for the first time
   */
  ConnectionLoop(
      LinkClientSession<?, ?> session,
      Connector connector,
      ClientSettings settings,
      Runnable opened) {
    this.session = session;
    this.connector = connector;
    this.settings = settings;
    this.opened = opened;
  }

  void run() {
    switch (connector.connect(null, settings.connectTimeout(), session::hasEnded)) {
      case Connector.Result.GivenUp given -> session.failToOpen(given);
      case Connector.Result.Connected connected -> {
        Connector.Result.@Nullable Connected next = wanted(connected, () -> {});
        if (next != null) {
          opened.run();
        }
        while (next != null) {
          Ending end = readUntilLost(next);
          next = end == null ? resume(next) : ended(end);
        }
      }
    }
  }

  /** Attaches a new session; says goodbye to it and returns null if nobody wants it any more. */
  private Connector.Result.@Nullable Connected wanted(
      Connector.Result.Connected connected, Runnable before) {
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
  private @Nullable Ending readUntilLost(Connector.Result.Connected connected) {
    ByteBuffer input = connected.input();
    LinkConnection connection = connected.connection();
    try {
      while (true) {
        Ending end = session.read(input);
        if (end != null) {
          return end;
        }
        if (connection.read(input.clear()) < 0) {
          return null;
        }
        input.flip();
      }
    } catch (IOException e) {
      return null; // The other side's core tells what has arrived; the error tells nothing.
    }
  }

  private Connector.Result.@Nullable Connected resume(Connector.Result.Connected lost) {
    lost.connection().close();
    Duration grace = session.lose();
    if (session.hasEnded()) {
      return null;
    }
    if (grace.isZero()) {
      return ended(
          new Ending(
              Ending.UNTOLD, "the connection is lost, and the session does not outlive it", true));
    }
    return switch (connector.connect(lost.core(), grace, session::hasEnded)) {
      case Connector.Result.Connected connected -> {
        if (session.attachAgain(connected)) {
          yield connected;
        }
        connected.connection().close();
        yield null;
      }
      case Connector.Result.GivenUp given -> ended(given.why());
    };
  }

  /** Ends the session, or opens another in its place if that is wanted. */
  private Connector.Result.@Nullable Connected ended(Ending why) {
    Consumer<Ending> listener = settings.reopen();
    boolean reopens = why.isLost() || why.code() == LinkCode.SHUTDOWN.number();
    if (listener == null || !reopens || !session.forget()) {
      session.endWith(why);
      return null;
    }
    return switch (connector.connect(null, settings.connectTimeout(), session::hasEnded)) {
      case Connector.Result.Connected connected -> wanted(connected, () -> listener.accept(why));
      case Connector.Result.GivenUp given -> {
        session.endWith(new Ending(why.code(), why.text() + "; then " + given.why().text(), true));
        yield null;
      }
    };
  }
}
