package io.baton.codec;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The codec's part of a session that goes on in another pipeline, mostly in another worker, which
 * may run another version of the codec. Immutable: both buffers are read-only views of those given.
 *
 * @param codec the name of the codec that saved it, and the only one that can read it
 * @param version the version of the layout of both buffers, chosen by the codec
 * @param state what the codec knows beyond the bytes; empty for most codecs
 * @param unread input that belongs to no message handed out. It may differ from what the client
 *     sent as long as it means the same. The runtime puts it through the new pipeline before it
 *     reads anything else
 * @param live what the codec goes on with instead of the state if the session stays in its worker;
 *     null if it moves, or the codec has no such thing
 */
public record Saved(
    String codec, int version, ByteBuffer state, ByteBuffer unread, @Nullable Object live) {
  /** Makes read-only views of the buffers. */
  public Saved {
    state = state.asReadOnlyBuffer();
    unread = unread.asReadOnlyBuffer();
  }

  /** Makes the saved form of a session that may move. */
  public Saved(String codec, int version, ByteBuffer state, ByteBuffer unread) {
    this(codec, version, state, unread, null);
  }

  /** Makes the form of a session that stays in its worker. */
  public static Saved live(String codec, int version, Object live) {
    ByteBuffer none = ByteBuffer.allocate(0);
    return new Saved(codec, version, none, none, live);
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
