package io.baton.softbus.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The sender's side of one direction of a session: numbers its frames and seals them. */
public final class FrameSealer {
  private static final long NUMBERS = 1L << 32;
  private static final int NO_FLAGS = 0;

  private final GcmKey key;
  private final Ivs ivs;
  private long next;

  /**
   * @param next number of the frame that is sealed next, 0 in a new session
   */
  public FrameSealer(GcmKey key, Ivs ivs, long next) {
    this.key = key;
    this.ivs = ivs;
    this.next = next;
  }

  /** Returns the number of the frame that is sealed next. */
  public long next() {
    return next;
  }

  /**
   * Seals the next frame.
   *
   * @throws IllegalStateException if the session has had 2^32 frames: a number must not come again
   */
  public byte[] seal(byte[] data) {
    if (next >= NUMBERS) {
      throw new IllegalStateException("the session has sent 2^32 frames; it takes another session");
    }
    byte[] iv = ivs.next();
    ByteBuffer.wrap(iv).order(ByteOrder.LITTLE_ENDIAN).putInt((int) next);
    int body = GcmKey.OVERHEAD + data.length;
    ByteBuffer frame =
        ByteBuffer.allocate(DataFrame.HEAD_BYTES + body).order(ByteOrder.LITTLE_ENDIAN);
    frame.putInt(FirstPacket.MAGIC).putInt((int) next).putInt(NO_FLAGS).putInt(body);
    key.seal(iv, data, frame.array(), frame.position());
    next++;
    return frame.array();
  }
}
