package io.baton.codec;

import java.nio.ByteBuffer;

/**
 * The codec's part of a session that moves to another worker. The worker that reads it may run
 * another version of the codec. Immutable: both buffers are read-only views of those given.
 *
 * @param codec the name of the codec that saved it, and the only one that can read it
 * @param version the version of the layout of both buffers, chosen by the codec
 * @param state what the codec knows beyond the bytes; empty for most codecs
 * @param unread input that belongs to no message handed out. It may differ from what the client
 *     sent as long as it means the same. The runtime puts it through the new pipeline before it
 *     reads anything else
 */
public record Saved(String codec, int version, ByteBuffer state, ByteBuffer unread) {
  public Saved {
    state = state.asReadOnlyBuffer();
    unread = unread.asReadOnlyBuffer();
  }

  /** Makes the saved form of a codec that knows nothing beyond the bytes. */
  public static Saved unread(String codec, int version, ByteBuffer unread) {
    return new Saved(codec, version, ByteBuffer.allocate(0), unread);
  }

  /**
   * Checks who saved this, for a codec that reads one layout only.
   *
   * @throws IllegalArgumentException if another codec saved it, or the version is another
   */
  public void require(String codec, int version) {
    if (!this.codec.equals(codec) || this.version != version) {
      throw new IllegalArgumentException(
          "saved by %s in version %d; this worker reads %s in version %d"
              .formatted(this.codec, this.version, codec, version));
    }
  }
}
