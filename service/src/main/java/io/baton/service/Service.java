package io.baton.service;

/**
 * The user's code behind one listener: what happens with a session's messages.
 *
 * <p>One object serves one session: its fields are the session's state. (A {@link Module} registers
 * a factory; a service without state may hand out the same object each time.)
 *
 * <p><b>Threading.</b> All callbacks of one session run one after the other, in the session's lane,
 * which the listener's {@code lane} chooses:
 *
 * <ul>
 *   <li>{@code loop}: on the worker's event loop, the fastest. A callback must not block, or every
 *       session of this worker waits.
 *   <li>{@code ring}: on one of a few threads, for the session always the same one. A callback that
 *       blocks makes the sessions of that thread wait.
 *   <li>{@code virtual}: on a virtual thread while there is something to do. A callback may block.
 * </ul>
 *
 * <p>In a callback the thread's context class loader is that of the service's module.
 *
 * <p>Further callbacks are those of interfaces that a service may implement besides: {@link
 * Resumable}, {@link Replaying}, {@link Draining}, {@link Subscriber}.
 *
 * <p><b>Errors.</b> A callback that throws ends its own session with {@link CloseReason#ERROR}; it
 * is counted and logged, and no other session notices.
 *
 * <p><b>Messages.</b> A message received belongs to the runtime, which releases it once {@link
 * #received} has returned and every {@link Hold} on it is released. A message sent belongs to the
 * runtime from the call on. (Messages that are reference counted, such as Netty's buffers, need a
 * {@code retain()} to be sent back.)
 *
 * @param <I> what the codec reads
 * @param <O> what the codec writes
 */
public interface Service<I, O> {

  /** What a service without state saves. */
  byte[] NOTHING = {};

  /** First callback. Returning false refuses the client: its connection is closed. */
  default boolean opened(Session<O> session) {
    return true;
  }

  /** A message arrived. It counts as processed when this returned and no {@link Hold} is open. */
  void received(Session<O> session, I message);

  /** {@link Session#writable()} turned from false to true. */
  default void writable(Session<O> session) {}

  /**
   * Last callback, once, after an {@link #opened} that returned true or a {@link #resumed}.
   *
   * <p>What the client sent before its end is received first, in every lane: before it said
   * goodbye, broke its protocol or went beyond a bound, in which case the answers still go out; and
   * before its connection broke, in which case {@link Session#send} says no. Only a service that
   * has closed the session, or thrown, receives nothing more, and a worker whose time is up does
   * not wait.
   */
  default void closed(Session<O> session, CloseReason why) {}

  /**
   * What the session needs in order to go on in another process, where {@link #resumed} is given
   * it. Called between two messages, when none is unprocessed. If the session then moves, {@link
   * #closed} with {@link CloseReason#MOVED} is next; if it does not, nothing has happened, so this
   * changes nothing.
   *
   * <p>The code that reads it may be another version: what is written here outlives it. The default
   * is for services that keep nothing.
   *
   * <p>From here on no callback runs until the session has moved or is known to stay, and {@link
   * Session#writable} is false. What others send to it meanwhile reaches the client, but is not in
   * what was saved. An exception is counted and logged; the session then stays where it is for as
   * long as its worker lives.
   */
  default byte[] save(Session<O> session) {
    return NOTHING;
  }

  /**
   * First callback, instead of {@link #opened}, of a session that has moved here. Its timers and
   * holds stayed behind; what was sent there is the client's.
   *
   * @param saved what {@link #save} returned
   * @throws RuntimeException if this makes no sense: nothing that was sent here goes out, no other
   *     callback follows, and the session goes back to the worker that it came from, which serves
   *     it until it has to end
   */
  default void resumed(Session<O> session, byte[] saved) {}
}
