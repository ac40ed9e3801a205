package io.baton.worker.run;

import io.baton.service.CloseReason;
import io.baton.worker.codec.Protocol;
import io.baton.worker.codec.Window;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelConfig;

/**
 * A session's window: shut while as many messages as the codec allows are unprocessed, while the
 * codec holds it shut, or while the client does not take what it is sent. (A client that sends and
 * never reads would otherwise fill our memory with its answers.)
 *
 * <p>Reading stops only when a codec finds the window shut with a message in its hands, so that in
 * the usual case, in which the client waits for its answer, no epoll_ctl is spent on it.
 */
final class SessionWindow implements Window {
  private final LoopSession<?, ?> session;
  private final ChannelConfig config;
  private final int limit;
  private int inFlight;
  private boolean shut;
  private boolean wanted;
  private int handingOut;

  SessionWindow(LoopSession<?, ?> session, ChannelConfig config, int limit) {
    this.session = session;
    this.config = config;
    this.limit = limit;
  }

  @Override
  public boolean open() {
    if (session.ending() != null) {
      return false; // for good: nothing resumes, and reading is the closing's matter
    }
    wanted = !couldOpen();
    if (wanted && config.isAutoRead()) {
      config.setAutoRead(false);
    }
    return !wanted;
  }

  private boolean couldOpen() {
    return inFlight < limit && !shut && session.outlet().writable();
  }

  @Override
  public void shut() {
    shut = true;
  }

  @Override
  public void reopen() {
    shut = false;
    changed();
  }

  @Override
  public void become(Protocol<?, ?> next, ByteBuf unread) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void end(CloseReason why) {
    session.end(why);
  }

  /** A message is the service's from now on. While it is handed out, the codec is not called. */
  void entered() {
    inFlight++;
    handingOut++;
  }

  void handedOut() {
    handingOut--;
  }

  /** A message is processed. */
  void left() {
    inFlight--;
    changed();
  }

  /** No message is with the service, and none is without its answer. */
  boolean quiet() {
    return inFlight == 0 && !shut;
  }

  /** Lets the codec go on if it waits and the window has opened. */
  void changed() {
    if (handingOut > 0 || session.ending() != null) {
      return;
    }
    while (wanted && couldOpen()) {
      wanted = false;
      handingOut++;
      session.flow().resume();
      handingOut--;
      session.outlet().readComplete(); // what came now came without a read of its own
      if (session.ending() != null) {
        return;
      }
      if (!wanted) {
        config.setAutoRead(true);
      }
    }
    session.endIfDone();
  }
}
