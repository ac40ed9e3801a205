package io.baton.spice.testing;

/** A decompressor of LZ4's blocks, which checks all that a block can have wrong. */
public final class Lz4Block {

  private Lz4Block() {}

  /**
   * Decompresses one block.
   *
   * @param length of the decompressed bytes
   * @throws IllegalArgumentException if it is no block of exactly so many bytes
   */
  public static byte[] decompress(byte[] block, int length) {
    byte[] out = new byte[length];
    int in = 0;
    int at = 0;
    while (true) {
      int token = block[in++] & 0xFF;
      int literals = token >> 4;
      if (literals == 15) {
        int more;
        do {
          more = block[in++] & 0xFF;
          literals += more;
        } while (more == 255);
      }
      System.arraycopy(block, in, out, at, literals);
      in += literals;
      at += literals;
      if (in == block.length) {
        break;
      }
      int offset = (block[in] & 0xFF) | ((block[in + 1] & 0xFF) << 8);
      in += 2;
      int match = (token & 15) + 4;
      if ((token & 15) == 15) {
        int more;
        do {
          more = block[in++] & 0xFF;
          match += more;
        } while (more == 255);
      }
      if (offset == 0 || offset > at || at + match > length - 5) {
        throw new IllegalArgumentException(
            "a match of %d bytes %d back, at %d of %d".formatted(match, offset, at, length));
      }
      for (int i = 0; i < match; i++) {
        out[at] = out[at - offset];
        at++;
      }
    }
    if (at != length) {
      throw new IllegalArgumentException("a block of %d bytes, not %d".formatted(at, length));
    }
    return out;
  }
}
