package io.baton.codec;

import io.baton.service.CloseReason;

/**
 * The bound on one session's unprocessed input, as its codec sees it. All backpressure works
 * through it: a codec that keeps its bytes makes the client's own TCP window close. Event loop
 * only.
 *
 * <p>A codec keeps one rule: before it hands out a message it asks {@link #open}. If the answer is
 * no, it keeps what it has; the runtime stops reading and calls {@link Flow#resume} once the answer
 * would be yes. (It does not call while a message is being handed out: the codec's own loop asks
 * again.) What a codec may have to keep is what one read brought, or, if the client has ended its
 * side, everything that the kernel had buffered: Netty reads up to a FIN whatever autoRead says.
 *
 * <p>The end of input, {@link io.netty.channel.socket.ChannelInputShutdownEvent}, keeps its place
 * behind the messages: a codec passes it on after the last of them.
 */
public interface Window {

  /** Returns whether every message that was handed out is processed and has its answer. */
  boolean quiet();

  /** Returns whether a message may be handed out now. If not, reading stops until one may. */
  boolean open();

  /**
   * Returns the same as {@link #open}, but the client is read on: for a codec that bounds by itself
   * what a client can send, and has to hear it while its messages wait.
   */
  default boolean accepts() {
    return open();
  }

  /**
   * Keeps the window shut until {@link #reopen}, whatever the service does. This is for protocols
   * in which a message is processed only when its answer has been written.
   */
  void shut();

  /** Ends what {@link #shut} began. */
  void reopen();

  /**
   * Returns whether there is memory for a message that begins to arrive. A codec asks once for each
   * message, when it knows the length and not all of it has arrived. If the answer is no, the codec
   * refuses the message in its protocol's words for "try again later" and ends the session with
   * {@link CloseReason#LIMIT}, or throws a {@link TryAgainLaterException}.
   *
   * @param bytes how many bytes the codec will hold of the message, at most
   */
  boolean admits(long bytes);

  /**
   * Sets how many bytes of memory the codec holds for this session from now on: input not decoded
   * yet and parts of messages, everything but what it has handed out and written. They count
   * against the worker's memory budget. A codec calls this after each change that lasts.
   *
   * @param bytes the capacity of the buffers held
   */
  void holds(int bytes);

  /**
   * Sets how many bytes of what the service has sent the codec keeps back because the client does
   * not take them yet. They count as waiting for the client: with more than {@code high-water-mark}
   * the session is not writable, and with more than {@code max-pending} it ends when its service
   * sends on. A codec that takes a message and cannot write it at once says so before it returns:
   * the service may send the next one in the same callback.
   *
   * @param bytes of memory, which {@link #holds} is told of besides
   */
  default void keepsBack(int bytes) {}

  /**
   * Ends the session behind the messages that were handed out before: in every lane they are
   * received first, and the answers to them go out. Then {@link Flow#goodbye} is called, and the
   * connection closes when all that was written is out. Until then nothing is read and {@link
   * #open} returns false. Of several calls the first one's reason counts. A {@link
   * io.netty.handler.codec.DecoderException} has the same effect, with {@link
   * CloseReason#PROTOCOL}.
   *
   * <p>While the codec itself keeps the window {@linkplain #shut shut}, the session ends at once:
   * such a codec has seen the answer to its last message.
   */
  void end(CloseReason why);
}
