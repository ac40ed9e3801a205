package io.baton.worker.run;

import io.baton.codec.Protocol;
import io.baton.codec.Window;
import io.baton.config.Settings;
import io.baton.service.CloseReason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelConfig;

/**
 * A session's window: shut while as many messages or bytes as are allowed are unprocessed, while
 * the lane has no room, while the codec holds it shut, or while the client does not take what it is
 * sent. (A client that sends and never reads would otherwise fill our memory with its answers.)
 *
 * <p>It is also where it is known how much the session holds of the worker's memory: what its codec
 * says that it holds, and the messages that are unprocessed. While memory is short it may be held
 * back: then nothing more is read, and what is here already goes on.
 *
 * <p>Reading stops only when a codec finds the window shut with a message in its hands, so that in
 * the usual case, in which the client waits for its answer, no epoll_ctl is spent on it.
 */
final class SessionWindow implements Window {
  private final Connection connection;
  private final ChannelConfig config;
  private final Settings.Window bounds;
  private int limit;
  private int messages;
  private int bytes;

  /** What the codec holds. */
  private int input;

  private boolean shut;
  private boolean frozen;
  private boolean heldBack;
  private boolean wanted;
  private int handingOut;

  SessionWindow(Connection connection, ChannelConfig config, Settings.Window bounds) {
    this.connection = connection;
    this.config = config;
    this.bounds = bounds;
  }

  /** How many messages the codec allows; the listener may allow less. */
  void limit(int codecs) {
    limit = bounds.messages() == 0 ? codecs : Math.min(codecs, bounds.messages());
    shut = false;
  }

  @Override
  public boolean open() {
    if (connection.ending() != null) {
      return false; // for good: nothing resumes, and reading is the closing's matter
    }
    wanted = !couldOpen();
    if (wanted && config.isAutoRead()) {
      config.setAutoRead(false);
    }
    return !wanted;
  }

  private boolean couldOpen() {
    return messages < limit
        && bytes < bounds.bytes()
        && !shut
        && !frozen
        && !connection.isClosing()
        && connection.strand().hasRoom()
        && connection.outlet().writable();
  }

  /** Nothing is read or handed out any more. */
  void close() {
    if (config.isAutoRead()) {
      config.setAutoRead(false);
    }
  }

  @Override
  public void shut() {
    shut = true;
  }

  /** Nothing is read or handed out until {@link #thaw}. */
  void freeze() {
    frozen = true;
    config.setAutoRead(false);
  }

  boolean isFrozen() {
    return frozen;
  }

  void thaw() {
    frozen = false;
    changed();
    readOn();
  }

  /** Nothing more is read until {@link #proceed}. */
  void holdBack() {
    heldBack = true;
    if (connection.ending() == null) {
      config.setAutoRead(false);
    }
  }

  boolean isHeldBack() {
    return heldBack;
  }

  void proceed() {
    heldBack = false;
    readOn();
  }

  /** Once the client's end is read, epoll no longer knows the socket for reading: asking fails. */
  private void readOn() {
    if (!wanted
        && !frozen
        && !heldBack
        && connection.ending() == null
        && !connection.isClosing()
        && !connection.isInputShutdown()) {
      config.setAutoRead(true);
    }
  }

  @Override
  public boolean admits(long bytes) {
    return connection.host().memory().admits(bytes);
  }

  @Override
  public void holds(int now) {
    int more = now - input;
    if (more != 0) {
      input = now;
      connection.host().memory().budget().add(more);
      if (more > 0) {
        connection.host().memory().grew(connection);
      }
    }
  }

  /** How many bytes the codec holds. */
  int input() {
    return input;
  }

  /** How many bytes of input are here, decoded or not. */
  long held() {
    return (long) input + bytes;
  }

  @Override
  public void reopen() {
    shut = false;
    changed();
  }

  @Override
  public void become(Protocol<?, ?> next, ByteBuf unread) {
    connection.become(next, unread);
  }

  @Override
  public void end(CloseReason why) {
    if (shut) {
      connection.end(why); // the codec has said itself that its messages are done
    } else {
      connection.endInTurn(why);
    }
  }

  /** A message is the service's from now on. While it is handed out, the codec is not called. */
  void entered(int size) {
    messages++;
    bytes += size;
    connection.host().memory().budget().add(size);
    handingOut++;
  }

  void handedOut() {
    handingOut--;
  }

  /** A message is processed. */
  void left(int size) {
    messages--;
    bytes -= size;
    connection.host().memory().budget().add(-size);
    changed();
  }

  @Override
  public boolean quiet() {
    return messages == 0 && !shut;
  }

  /** Lets the codec go on if it waits and the window has opened. */
  void changed() {
    if (handingOut > 0 || connection.ending() != null) {
      return;
    }
    while (wanted && couldOpen()) {
      wanted = false;
      handingOut++;
      connection.resume();
      handingOut--;
      connection.readComplete(); // what came now came without a read of its own
      if (connection.ending() != null) {
        return;
      }
      readOn();
    }
    connection.endIfDone();
  }
}
