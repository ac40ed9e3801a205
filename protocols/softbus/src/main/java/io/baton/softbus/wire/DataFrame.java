package io.baton.softbus.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The form of the frames that carry a session's data, in both directions. All numbers are
 * little-endian.
 *
 * <pre>
 *   u32 magic 0xBABEFACE | u32 sequence | i32 flags 0 | u32 length of the rest
 *   iv 12 | AES-256-GCM of the data | tag 16
 * </pre>
 *
 * <p>The first four bytes of the iv are the sequence. As the tag covers the iv, nobody else can
 * give a frame another number.
 */
public final class DataFrame {
  /** Most bytes of data that the original sends in a frame; it takes 32 more. */
  public static final int ORIGINAL_MAX_DATA = 4048;

  /** Bytes of the head. */
  static final int HEAD_BYTES = 16;

  /** Bytes by which a frame is longer than its data. */
  public static final int OVERHEAD = HEAD_BYTES + GcmKey.OVERHEAD;

  private DataFrame() {}

  /**
   * Returns the length in bytes of the frame that begins here.
   *
   * @param in little of it or all; not changed
   * @param maxData most bytes of data that are allowed
   * @return -1 if its head has not arrived completely
   * @throws SoftBusException if these bytes cannot begin a frame, which is said from the fourth on
   */
  public static int length(ByteBuffer in, int maxData) throws SoftBusException {
    ByteBuffer head = in.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    FirstPacket.magic(head);
    if (head.remaining() < HEAD_BYTES) {
      return -1;
    }
    int body = head.getInt(head.position() + 12);
    if (body <= GcmKey.OVERHEAD || body > maxData + GcmKey.OVERHEAD) {
      throw new SoftBusException(
          "a frame of %d bytes after its head; allowed: %d to %d"
              .formatted(
                  Integer.toUnsignedLong(body), GcmKey.OVERHEAD + 1, maxData + GcmKey.OVERHEAD));
    }
    return HEAD_BYTES + body;
  }
}
