package io.baton.link.core;

import java.nio.ByteBuffer;

/**
 * The sending end of a channel: a stream of bytes of which exactly those are kept that the peer has
 * not acknowledged.
 *
 * <pre>
 *   acknowledged     sent        queued
 *        |  in flight  |  waiting  |
 *        '---------- kept ---------'
 * </pre>
 */
abstract class Outbound {
  /** The most bytes of a channel in one frame, so that channels take turns. */
  static final int CHUNK_BYTES = 16_384;

  /** About as many as an END has. */
  static final int END_BYTES = 32;

  final int channel;
  final ByteRing kept;

  private final int window;
  private long sent;

  /**
   * @param window the peer's
   */
  Outbound(int channel, int window, ByteRing kept, long sent) {
    this.channel = channel;
    this.window = window;
    this.kept = kept;
    this.sent = sent;
  }

  long sent() {
    return sent;
  }

  long acknowledged() {
    return kept.start();
  }

  long queued() {
    return kept.end();
  }

  /** Returns the offset up to which the peer's window lets bytes be sent. */
  long windowEnd() {
    return kept.start() + window;
  }

  /**
   * Writes one frame with as much as there is room for in the chunk, the window and the buffer.
   *
   * @param end where to stop at the latest
   * @return how many bytes of the stream were written
   */
  int writeData(ByteBuffer to, long end) {
    int head = Frame.HEAD_BYTES + Varint.size(channel);
    long most = Math.min(Math.min(end, windowEnd()), kept.end()) - sent;
    int n = (int) Math.min(Math.min(most, CHUNK_BYTES), to.remaining() - head);
    if (n <= 0) {
      return 0;
    }
    Frame.head(to, FrameType.DATA, head - Frame.HEAD_BYTES + n);
    Varint.write(to, channel);
    kept.copy(sent, n, to);
    sent += n;
    return n;
  }

  /** Goes back, or on, to what the peer has got. */
  void resumeAt(long got) {
    sent = got;
  }
}
