package io.baton.softbus.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The receiver's side of one direction of a session: opens its frames and checks that each has a
 * higher number than the one before. The first may have any number. Flags are ignored, as by the
 * original.
 */
public final class FrameOpener {
  /** The {@link #last} of a session that has received nothing. */
  public static final long NONE = -1;

  private final GcmKey key;
  private long last;

  /**
   * @param last number of the last frame received; {@link #NONE} in a new session
   */
  public FrameOpener(GcmKey key, long last) {
    this.key = key;
    this.last = last;
  }

  /** Returns the number of the last frame received, or {@link #NONE}. */
  public long last() {
    return last;
  }

  /**
   * Opens a frame.
   *
   * @param frame as long as {@link DataFrame#length} says
   * @throws SoftBusException if it came before, is out of order, was changed, or was not sealed
   *     under the session's key
   */
  public byte[] open(byte[] frame) throws SoftBusException {
    ByteBuffer in = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
    long number = Integer.toUnsignedLong(in.getInt(4));
    byte[] sealed = new byte[frame.length - DataFrame.HEAD_BYTES];
    in.get(DataFrame.HEAD_BYTES, sealed);
    if (in.getInt(DataFrame.HEAD_BYTES) != (int) number) {
      throw new SoftBusException("frame " + number + " has an iv of another number");
    }
    byte[] data = key.open(sealed);
    if (data == null) {
      throw new SoftBusException(
          "frame " + number + " was not sealed under the session's key, or was changed on its way");
    }
    if (number <= last) {
      throw new SoftBusException(
          "frame %d after frame %d: it is replayed or out of order".formatted(number, last));
    }
    last = number;
    return data;
  }
}
