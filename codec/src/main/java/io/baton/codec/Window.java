package io.baton.codec;

import io.baton.service.CloseReason;
import io.netty.buffer.ByteBuf;

/**
 * How much of one session's input the runtime is ready for, as its codec sees it. This is the whole
 * of backpressure: a codec that keeps its bytes makes the client's own window close. Event loop
 * only.
 *
 * <p>The rule for a codec: before it hands out a message it asks {@link #open}. On a no it keeps
 * what it has; reading stops, and {@link Flow#resume} is called once the answer would be yes. (Not
 * while a message is being handed out: there the codec's own loop asks again.) What it may have to
 * keep is what one read brought, or, if the client ended its side meanwhile, what the kernel had
 * buffered: Netty reads up to a FIN whatever autoRead says.
 *
 * <p>The end of input, {@link io.netty.channel.socket.ChannelInputShutdownEvent}, is in line with
 * the messages: a codec passes it on behind the last of them.
 */
public interface Window {

  /** Whether no message that was handed out is unprocessed, or without its answer. */
  boolean quiet();

  /** Whether a message may be handed out now. Asking while it is not stops reading until it is. */
  boolean open();

  /**
   * Keeps the window shut, whatever the service does, until {@link #reopen}. For protocols in which
   * a message is done when its answer is out.
   */
  void shut();

  /** Ends what {@link #shut} began. */
  void reopen();

  /**
   * From here on another protocol is spoken, as after HTTP's Upgrade: a new service is opened.
   * Called between messages, when the codec has removed its own handlers and written its last.
   *
   * @param unread bytes that came already and belong to the new protocol; taken over
   */
  void become(Protocol<?, ?> next, ByteBuf unread);

  /**
   * Whether a message may begin to arrive; asked once for each, when its length is known and not
   * all of it is there, so that memory that is short is not filled with parts of messages. On a no
   * the codec refuses the message, in the words of its protocol for "try again later", and ends the
   * session with {@link CloseReason#LIMIT}.
   *
   * @param bytes how many the codec will hold of it, at most
   */
  boolean admits(long bytes);

  /**
   * Tells how many bytes of memory the codec holds of this session from now on: input that is not
   * decoded, parts of messages, everything but what it has handed out and written. It counts
   * against the worker's memory budget. To be told after each change that lasts.
   */
  void holds(int bytes);

  /**
   * Ends the session behind the messages that were handed out before: in whatever lane they wait,
   * they are received and what is sent to them goes out. Then {@link Flow#goodbye} is called, and
   * the connection closes once what was written is out. Until then nothing is read and {@link
   * #open} says no; the first reason stands. A {@link io.netty.handler.codec.DecoderException} does
   * the same, with {@link CloseReason#PROTOCOL}.
   *
   * <p>While the codec itself keeps the window {@linkplain #shut shut}, the end comes at once: such
   * a codec has seen the answer that was its last message's.
   */
  void end(CloseReason why);
}
