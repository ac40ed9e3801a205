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
   * Takes the next message.
   *
   * @param types the id of the peer's type set, which is defined
   * @param payload valid during the call only
   * @param size what to give to {@link LinkCore#consumed} once the message is processed
   * @return whether the next message may follow at once; if not, it waits for {@link
   *     LinkCore#deliver}
   */
  boolean message(int types, ByteBuffer payload, int size);

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

  /** Learns that a stream has bytes to read. */
  default void readable(int channel) {}

  /** Learns that a stream has been read to its end. */
  default void ended(int channel, LinkCode code) {}

  /** Learns that the peer reads no more of a stream that this side writes. */
  default void stopped(int channel, LinkCode code) {}

  /** Takes a peer's question for the time; {@link LinkCore#pong} answers it. */
  default void pinged(long t1) {}

  /** Takes the answer to {@link LinkCore#ping}, in nanoseconds of the peers' monotonic clocks. */
  default void ponged(long t1, long t2, long t3) {}

  /** Learns that the server is about to stop. */
  default void goingAway(LinkCode code, long comeBackMillis) {}
}
