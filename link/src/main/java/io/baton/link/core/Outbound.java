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
 *
 * <p>A channel above 0 begins with a head and ends with END, which counts as one byte more.
 */
abstract sealed class Outbound extends Channel permits OutboundMessages, OutboundStream {
  /** The most bytes of a channel in one frame, so that channels take turns. */
  static final int CHUNK_BYTES = 16_384;

  /** The most bytes of the peer's window that are used, so that a large one costs little memory. */
  static final int MAX_WINDOW = 16 << 20;

  private static final int OPEN = -1;

  final ByteRing kept = new ByteRing();

  private final int window;
  private long sent;

  /** The code of END, OPEN if none is wanted. */
  private int ending = OPEN;

  /** Whether the peer may have an END, and whether one is to be sent although it has. */
  private boolean endSent;

  private boolean endAgain;

  /**
   * @param window the peer's
   */
  Outbound(int channel, int window) {
    super(channel);
    this.window = window;
  }

  final void appendHead(int kind, byte[] name, long length) {
    kept.append((byte) kind);
    kept.appendVarint(name.length);
    kept.append(ByteBuffer.wrap(name));
    kept.appendVarint(length + 1);
  }

  final long sent() {
    return sent;
  }

  final long acknowledged() {
    return kept.start();
  }

  /** Returns the offset behind the last byte there is, at present. */
  long queued() {
    return kept.end();
  }

  /** Returns the bytes in memory that are not sent. */
  final long unsent() {
    return Math.max(0, kept.end() - sent);
  }

  /** Returns the offset up to which bytes may be sent: the peer's window, as far as it is used. */
  long windowEnd() {
    return kept.start() + Math.min(window, MAX_WINDOW);
  }

  /** Returns the offset at which the peer's window ends. */
  final long announcedEnd() {
    return kept.start() + window;
  }

  final long room() {
    return (long) Math.min(window, MAX_WINDOW) - kept.size();
  }

  final boolean isEnding() {
    return ending != OPEN;
  }

  void end(int code) {
    if (ending == OPEN) {
      ending = code;
    }
  }

  /** Ends with another code, for which END is sent again. */
  final void endAs(int code) {
    endAgain |= endSent && ending != code;
    ending = code;
  }

  /** Sends END again if the peer has one. */
  final void endAgain() {
    endAgain = endSent;
  }

  final int ending() {
    return ending;
  }

  /** Returns the offset at which to stop, with this much credit; -1 if a message waits for it. */
  abstract long limit(long free);

  /**
   * Writes one frame with as much as there is room for in the chunk, the window and the buffer.
   *
   * @param end where to stop at the latest
   * @return how many bytes of the channel were written
   */
  final int writeData(ByteBuffer to, long end) {
    int start = to.position();
    int head = Frame.HEAD_BYTES + Varint.size(channel);
    long most = Math.min(Math.min(end, windowEnd()), queued()) - sent;
    int n = (int) Math.min(Math.min(most, CHUNK_BYTES), to.remaining() - head);
    if (n <= 0) {
      return 0;
    }
    to.position(start + head);
    int copied = copy(sent, n, to);
    sent += copied;
    int written = to.position();
    to.position(start);
    if (copied > 0) {
      Frame.head(to, FrameType.DATA, head - Frame.HEAD_BYTES + copied);
      Varint.write(to, channel);
      to.position(written);
    }
    return copied;
  }

  /** Copies up to n bytes from an offset; returns how many. */
  int copy(long offset, int n, ByteBuffer to) {
    kept.copy(offset, n, to);
    return n;
  }

  /** Writes END if it is its turn; returns whether it was. */
  final boolean writeEnd(ByteBuffer to) {
    if (ending == OPEN || (endSent && !endAgain) || sent < queued() || !Frame.hasRoom(to)) {
      return false;
    }
    int length = Varint.size(channel) + Varint.size(sent) + Varint.size(ending) + Integer.BYTES;
    Frame.head(to, FrameType.END, length);
    Varint.write(to, channel);
    Varint.write(to, sent);
    Varint.write(to, ending);
    to.putInt((int) sum());
    endSent = true;
    endAgain = false;
    return true;
  }

  /** Returns the sum of all bytes behind the head; 0 if it is not known. */
  long sum() {
    return 0;
  }

  /** Returns the highest offset that the peer can have. */
  final long most() {
    return sent + (endSent ? 1 : 0);
  }

  /** Tells whether the peer may have END. */
  final boolean isEndSent() {
    return endSent;
  }

  /** Returns whether nothing but an acknowledgement is awaited. */
  final boolean isAllSent() {
    return sent == queued() && (ending == OPEN || (endSent && !endAgain));
  }

  /**
   * Takes the peer's acknowledgement, which is checked.
   *
   * @return whether it covers END, so that the channel is over
   */
  final boolean acknowledge(long offset) {
    drop(Math.min(offset, sent));
    return offset > sent;
  }

  /** Drops what is before the offset. */
  abstract void drop(long offset);

  /** Goes back, or on, to what the peer has got. */
  void resumeAt(long got) {
    endSent = endSent && got > sent;
    sent = Math.min(got, sent);
    endAgain = false;
  }

  void save(ByteSink to) {
    kept.save(to);
    to.varint(sent);
    if (channel > 0) {
      to.varint(ending + 1L).flag(endSent).flag(endAgain);
    }
  }

  void restore(ByteSource from) throws LinkProtocolException {
    kept.restore(from);
    sent = from.varint();
    if (channel > 0) {
      ending = from.varint(LinkCode.MAX_NUMBER + 1, "a code") - 1;
      endSent = from.flag();
      endAgain = from.flag();
    }
    from.check(
        sent >= kept.start() && (ending != OPEN || !endSent) && (endSent || !endAgain),
        "offsets of a channel contradict each other");
  }

  /** Checks, with the offsets restored, that nothing is sent that is not there. */
  final void checkSent(ByteSource from) throws LinkProtocolException {
    from.check(
        sent <= queued() && (!endSent || sent == queued()),
        "more is sent of a channel than queued");
  }
}
