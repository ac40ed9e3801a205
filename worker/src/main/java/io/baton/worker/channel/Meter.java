package io.baton.worker.channel;

/** Counts what goes through the channels of an event loop. Event loop only. */
public interface Meter {

  /**
   * Bytes were read from a socket.
   *
   * @param bytes more than 0
   */
  void bytesIn(int bytes);

  /** Bytes are to be written to a socket; what of them a closed channel drops is counted, too. */
  void bytesOut(int bytes);
}
