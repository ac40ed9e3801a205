package io.baton.link.core;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The frames of a handshake, split anywhere and read one at a time; not a byte behind is taken. */
final class HandshakeReader {
  private final int maxBody;
  private byte[] bytes = new byte[64];
  private int size;

  /** The length of what is read now: the preamble, a head, or a frame. */
  private int needed;

  private boolean preamble;

  /**
   * @param maxBody the longest body of a frame
   * @param preamble whether the first bytes are those of a client
   */
  HandshakeReader(int maxBody, boolean preamble) {
    this.maxBody = maxBody;
    this.preamble = preamble;
    this.needed = preamble ? Version.PREAMBLE.length : Frame.HEAD_BYTES;
  }

  /** Reads up to the end of a frame; null if more has to come. Valid until the next call. */
  @Nullable ByteBuffer read(ByteBuffer from) throws LinkProtocolException {
    while (from.hasRemaining()) {
      int n = Math.min(from.remaining(), needed - size);
      if (bytes.length < size + n) {
        bytes = Arrays.copyOf(bytes, Math.max(size + n, 2 * bytes.length));
      }
      from.get(bytes, size, n);
      size += n;
      if (preamble) {
        checkPreamble();
      } else if (size == needed) {
        ByteBuffer frame = ByteBuffer.wrap(bytes, 0, size);
        int length = Frame.HEAD_BYTES + Frame.length(frame.getInt(0));
        if (length - Frame.HEAD_BYTES > maxBody) {
          throw new LinkProtocolException(
              "a frame of the handshake announces %d bytes; at most %d"
                  .formatted(length - Frame.HEAD_BYTES, maxBody));
        }
        needed = length;
        if (size == length) {
          size = 0;
          needed = Frame.HEAD_BYTES;
          return frame;
        }
      }
    }
    return null;
  }

  int buffered() {
    return bytes.length;
  }

  private void checkPreamble() throws LinkProtocolException {
    int last = Version.PREAMBLE.length - 1;
    int magic = Math.min(size, last);
    if (!Arrays.equals(bytes, 0, magic, Version.PREAMBLE, 0, magic)) {
      throw new LinkProtocolException(LinkCode.BAD_MAGIC, "the first bytes are not BTLK");
    }
    if (size < needed) {
      return;
    }
    if (bytes[last] != Version.PREAMBLE[last]) {
      throw new LinkProtocolException(
          LinkCode.VERSION, "major version %d; this server speaks 1".formatted(bytes[last] & 0xFF));
    }
    preamble = false;
    size = 0;
    needed = Frame.HEAD_BYTES;
  }
}
