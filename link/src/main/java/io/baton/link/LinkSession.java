package io.baton.link;

import io.baton.service.Peer;

/**
 * One side of a conversation that outlives its connection: while the connection is lost the session
 * is {@link State#AWAY}, and once it is back each side goes on where the other has stopped
 * receiving. Each message is received once, and messages are received in the order of the calls of
 * {@link #send}, unless the session {@linkplain Ending#isLost is lost}.
 *
 * <p><b>Threading.</b> All methods may be called from any thread, also from the session's own
 * callbacks. No method touches a socket, so an interrupt of the calling thread does no harm to the
 * connection.
 *
 * @param <I> what is received
 * @param <O> what is sent
 */
public interface LinkSession<I, O> extends AutoCloseable {

  /** What a session is doing. */
  enum State {
    /** There is a connection. */
    OPEN,
    /** The connection is lost and the session waits for another, for as long as its grace lasts. */
    AWAY,
    /** The session has ended, or {@link #close()} was called. */
    CLOSED
  }

  /**
   * Sends a message. On a thread that may block, which are all threads of a client and those of the
   * {@code virtual} lane of a service, this waits while more than a window of bytes waits to be
   * received by the other side, also while the session is away. It does not end the wait when the
   * thread is interrupted; the thread's interrupted status stays as it is. On other threads it does
   * not wait; look at {@link #writable} first.
   *
   * @return true if the message is queued: the other side receives it, unless the session is lost.
   *     False if the session is closed or closes meanwhile: the message is not sent
   * @throws IllegalArgumentException if the message has more bytes than {@code maxMessage} allows,
   *     or contains what its type forbids; nothing is sent then and the session goes on
   */
  boolean send(O message);

  /** Returns whether {@link #send} would queue a message at once. */
  boolean writable();

  /**
   * Returns the other end of the connection or, while the session is away, of the last one. Where
   * the system does not tell a process, its pid is 0 and its uid is -1.
   */
  Peer peer();

  /**
   * Returns the name of the session, which both sides know; another one after {@link Link#reopen}.
   */
  LinkId id();

  /** Returns what the session is doing at this moment. */
  State state();

  /**
   * Closes the session in order: what was sent before is delivered first, then the other side is
   * told that this was no failure (code 18, BYE). From here on {@link LinkHandler#closed} is the
   * only callback that begins: messages that arrive are dropped.
   *
   * <p>In a client this waits until it is done, or the thread is interrupted; at the latest when
   * the grace is over, or after 5 seconds if it is shorter. In a callback, and in a service, it
   * returns at once.
   */
  @Override
  default void close() {
    close(18, "");
  }

  /**
   * Closes the session as {@link #close()} does, and tells the other side why. Returns at once.
   *
   * @param code from {@value Ending#FIRST_OF_APPLICATIONS} to 65535, or one that the protocol has
   *     for it, such as 16 for an error
   * @param text a sentence for the other side's log; cut off after 1,024 bytes of UTF-8
   * @throws IllegalArgumentException if the code is not from 1 to 65535
   */
  void close(int code, String text);
}
