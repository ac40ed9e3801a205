package io.baton.link.core;

import java.nio.ByteBuffer;

/**
 * The receiver of what a {@link LinkCore} reads.
 *
 * <p>Called inside {@link LinkCore#read} and {@link LinkCore#deliver}, on their caller's thread. A
 * method may call the core's {@code send}, {@code consumed}, {@code define}, {@code close}, {@code
 * abort} and the methods of streams, and must not call {@code read}, {@code deliver}, {@code save},
 * {@code lost} or {@code write(ByteBuffer)}. An exception leaves the core broken: the driver has to
 * abandon it.
 */
public interface LinkEvents {
  /**
   * Takes the next message of a channel.
   *
   * @param channel 0 or a channel told by {@link #openedMessages}
   * @param ask the number of the ASK that this is or belongs to; 0 for a MESSAGE
   * @param types the id of the peer's type set, which is defined; -1 for FAILED and CANCEL
   * @param payload valid during the call only; of FAILED a {@link Failure}
   * @param size what to give to {@link LinkCore#consumed} once the message is processed
   * @return whether the next message, of any channel, may follow at once; if not, it waits for
   *     {@link LinkCore#deliver}
   */
  boolean message(int channel, MessageKind kind, long ask, int types, ByteBuffer payload, int size);

  /**
   * Takes the definition of a type set, before the first message that uses it. Each is told once in
   * the session's life, not again after a resume.
   *
   * @param schema valid during the call only
   */
  void defined(int types, ByteBuffer schema);

  /**
   * Learns of the end of the session. The last call; comes after all messages.
   *
   * @param code a {@link LinkCode}'s number or, from 256 on, an application's own
   */
  void closed(int code, String text);

  /**
   * Learns of a byte stream that the peer has opened.
   *
   * @param length in bytes, -1 if the peer does not know it
   */
  default void opened(int channel, String name, long length) {}

  /**
   * Learns of a message channel that the peer has opened, before its first message.
   *
   * @param name up to 255 bytes of UTF-8
   */
  default void openedMessages(int channel, String name) {}

  /** Learns that a stream has bytes to read. */
  default void readable(int channel) {}

  /**
   * Learns of the end of a stream, behind which bytes may be left to read, or of a message channel,
   * after its last message.
   *
   * @param code the number of {@link LinkCode#DONE} if it is complete, of CORRUPT if its sum does
   *     not fit; otherwise the sender's, from 256 on an application's own
   */
  default void ended(int channel, int code) {}

  /**
   * Learns that the peer reads no more of a stream that this side writes, however much of it was
   * sent.
   *
   * @param code a {@link LinkCode}'s number or, from 256 on, an application's own
   */
  default void stopped(int channel, int code) {}

  /**
   * Learns that the peer has consumed a channel that this side writes, END included: it is over.
   * Comes after {@link #stopped} if the peer has stopped it.
   */
  default void delivered(int channel) {}

  /**
   * Learns that there may be room in a channel above 0 of this side: the peer has consumed
   * something of it or, if the queue of all channels was full, of another; or the session was
   * resumed.
   */
  default void acknowledged(int channel) {}

  /** Takes a peer's question for the time; {@link LinkCore#pong} answers it. */
  default void pinged(long t1) {}

  /** Takes the answer to {@link LinkCore#ping}, in nanoseconds of the peers' monotonic clocks. */
  default void ponged(long t1, long t2, long t3) {}

  /** Learns that the server is about to stop. */
  default void goingAway(LinkCode code, long comeBackMillis) {}
}
