package io.baton.link.core;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The frames in what is read, split anywhere. DATA is passed on as it comes; other frames are
 * collected, in memory that grows with the bytes that have come.
 */
final class FrameReader {
  /** The receiver of frames. */
  interface Sink {
    /** Learns of a DATA frame, before any of its bytes. */
    void data(int channel, int length) throws LinkProtocolException;

    /** Takes some bytes of the DATA frame. */
    void bytes(int channel, ByteBuffer piece) throws LinkProtocolException;

    /** Takes a whole frame of another type. */
    void frame(FrameType type, ByteBuffer body) throws LinkProtocolException;

    /** Tells whether nothing more is to be read. */
    boolean isOver();
  }

  private static final byte[] NONE = {};

  /** The beginning of a frame. */
  private byte[] partial = NONE;

  private int size;

  /** The channel of the DATA frame that is being read, and how much of it is to come. */
  private int channel;

  private int left;

  /** Reads until the buffer is empty or the sink has enough. */
  void read(ByteBuffer from, Sink sink) throws LinkProtocolException {
    while (from.hasRemaining() && !sink.isOver()) {
      if (left > 0) {
        pass(from, sink);
      } else if (size == 0 && needed(from) <= from.remaining()) {
        frame(from, sink);
      } else {
        collect(from, sink);
      }
    }
  }

  private void pass(ByteBuffer from, Sink sink) throws LinkProtocolException {
    int limit = from.limit();
    int n = Math.min(left, from.remaining());
    left -= n;
    from.limit(from.position() + n);
    int end = from.limit();
    sink.bytes(channel, from);
    from.limit(limit).position(end);
  }

  /** Returns how many bytes are needed to go on with a frame that begins here. */
  private static int needed(ByteBuffer from) throws LinkProtocolException {
    if (from.remaining() < Frame.HEAD_BYTES) {
      return Frame.HEAD_BYTES;
    }
    int head = from.getInt(from.position());
    int length = Frame.length(head);
    boolean isData = Frame.type(head) == FrameType.DATA;
    return Frame.HEAD_BYTES + (isData ? Math.min(length, Varint.MAX_BYTES) : length);
  }

  private void frame(ByteBuffer from, Sink sink) throws LinkProtocolException {
    int head = from.getInt();
    int length = Frame.length(head);
    FrameType type = Frame.type(head);
    if (type == FrameType.DATA) {
      int start = from.position();
      channel = Varint.read(from, Offsets.MAX_CHANNEL, "a channel");
      left = length - (from.position() - start);
      if (left <= 0) {
        throw new LinkProtocolException("an empty DATA frame");
      }
      sink.data(channel, left);
      return;
    }
    int limit = from.limit();
    int end = from.position() + length;
    from.limit(end);
    sink.frame(type, from);
    from.limit(limit).position(end);
  }

  private void collect(ByteBuffer from, Sink sink) throws LinkProtocolException {
    int lacks = needed(ByteBuffer.wrap(partial, 0, size)) - size;
    int n = Math.min(lacks, from.remaining());
    if (partial.length < size + n) {
      partial = Arrays.copyOf(partial, Math.max(size + n, 2 * size));
    }
    from.get(partial, size, n);
    size += n;
    ByteBuffer frame = ByteBuffer.wrap(partial, 0, size);
    if (needed(frame) > size) {
      return;
    }
    size = 0;
    partial = NONE;
    frame(frame, sink);
    if (frame.hasRemaining()) {
      pass(frame, sink);
    }
  }

  /** Forgets a frame that is not whole. */
  void reset() {
    partial = NONE;
    size = 0;
    left = 0;
  }

  int buffered() {
    return partial.length;
  }

  void save(ByteSink to) {
    to.block(Arrays.copyOf(partial, size)).varint(channel).varint(left);
  }

  void restore(ByteSource from) throws LinkProtocolException {
    partial = from.block(Frame.HEAD_BYTES + Frame.MAX_BODY_BYTES, "half a frame");
    size = partial.length;
    channel = from.varint(Offsets.MAX_CHANNEL, "a channel");
    left = from.varint(Frame.MAX_BODY_BYTES, "the rest of a frame");
    boolean fits = size == 0 || (left == 0 && needed(ByteBuffer.wrap(partial)) > size);
    from.check(fits, "a half frame that is whole");
  }
}
