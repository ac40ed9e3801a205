package io.baton.service;

/**
 * The user's code behind one listener: what happens with a session's messages.
 *
 * <p>One object serves one session: its fields are the session's state. (A {@link Module} registers
 * a factory; a service without state may hand out the same object each time.)
 *
 * <p><b>Threading.</b> All callbacks of one session run one after the other, in the session's lane.
 * In the {@code loop} lane, the only one so far, this is the worker's event loop: a callback must
 * not block, or every session of this worker waits.
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

  /** First callback. Returning false refuses the client: its connection is closed. */
  default boolean opened(Session<O> session) {
    return true;
  }

  /** A message arrived. It counts as processed when this returned and no {@link Hold} is open. */
  void received(Session<O> session, I message);

  /** {@link Session#writable()} turned from false to true. */
  default void writable(Session<O> session) {}

  /** Last callback, once, after an {@link #opened} that returned true. */
  default void closed(Session<O> session, CloseReason why) {}
}
