package io.baton.worker.codec.link;

import io.baton.codec.Saved;
import io.baton.link.core.LinkCore;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * The saved form of a session: {@code u16 n, n times u32 size}, what was handed out and is not
 * processed, in its order, then the core's own form. Only a session that loses its connection has
 * unprocessed messages.
 *
 * @param core as it was
 * @param unprocessed sizes of messages, the oldest first
 */
record SavedLink(LinkCore core, Sizes unprocessed) {
  private static final int VERSION = 1;

  static Saved write(LinkCore core, Sizes unprocessed) {
    byte[] state = core.save();
    ByteBuffer all =
        ByteBuffer.allocate(Short.BYTES + Integer.BYTES * unprocessed.count() + state.length);
    all.putShort((short) unprocessed.count());
    unprocessed.forEach(all::putInt);
    return new Saved(LinkCodec.NAME, VERSION, all.put(state).flip(), ByteBuffer.allocate(0));
  }

  /**
   * Reads what {@link #write} has written.
   *
   * @throws IllegalArgumentException if it is something else
   */
  static SavedLink read(Saved saved) {
    saved.require(LinkCodec.NAME, VERSION);
    ByteBuffer from = saved.state().duplicate();
    try {
      Sizes unprocessed = new Sizes();
      for (int n = Short.toUnsignedInt(from.getShort()); n > 0; n--) {
        unprocessed.add(from.getInt());
      }
      byte[] state = new byte[from.remaining()];
      from.get(state);
      return new SavedLink(LinkCore.restore(state), unprocessed);
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("a saved session is cut off", e);
    }
  }
}
