package io.baton.codec;

import java.nio.ByteBuffer;

/**
 * A codec's part of a session that moves to another worker.
 *
 * @param codec who saved it; nobody else can read it
 * @param version of the state's layout: the codec's own
 * @param state what the codec knows beyond the bytes; for most codecs nothing
 * @param unread input that no message handed out has used up; a codec may write it differently from
 *     how it came, as long as it means the same. The runtime puts it through the new pipeline
 *     before anything that is read there
 */
public record Saved(String codec, int version, ByteBuffer state, ByteBuffer unread) {
  public Saved {
    state = state.asReadOnlyBuffer();
    unread = unread.asReadOnlyBuffer();
  }

  /** Of a codec that knows nothing beyond the bytes. */
  public static Saved unread(String codec, int version, ByteBuffer unread) {
    return new Saved(codec, version, ByteBuffer.allocate(0), unread);
  }

  /**
   * For a codec that reads one layout only.
   *
   * @throws IllegalArgumentException if this is another's, or another layout
   */
  public void require(String codec, int version) {
    if (!this.codec.equals(codec) || this.version != version) {
      throw new IllegalArgumentException(
          "saved by %s in version %d; read is %s in version %d"
              .formatted(this.codec, this.version, codec, version));
    }
  }
}
