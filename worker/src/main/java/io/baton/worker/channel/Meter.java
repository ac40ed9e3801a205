package io.baton.worker.channel;

/**
 * Counts what goes through the channels of an event loop, whoever reads or writes it: a codec, or
 * what ends a connection. Event loop only.
 */
public interface Meter {

  /**
   * Bytes were read from a socket.
   *
   * @param bytes more than 0
   */
  void bytesIn(int bytes);

  /**
   * So many bytes more, or if negative fewer, wait to be taken by a client: messages and what Netty
   * keeps with each of them.
   */
  void unsent(long change);

  /**
   * Bytes are to be written to a socket, and will be unless it closes first.
   *
   * @param bytes negative: so many that were counted will be counted again right now
   */
  void bytesOut(int bytes);
}
