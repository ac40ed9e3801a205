package io.baton.spice;

import java.util.Arrays;

/**
 * A compressor of single blocks in LZ4's block format, after the format's description. It looks for
 * repetitions with one table of places and takes the first it finds, which is good for painted
 * screens: their rows repeat. Not safe for several threads.
 */
final class Lz4 {
  private static final int HASH_BITS = 12;
  private static final int MIN_MATCH = 4;

  /** The last bytes of a block are literals, and no match begins close before them. */
  private static final int LAST_LITERALS = 5;

  private static final int LAST_MATCH = 12;
  private static final int MAX_OFFSET = 0xFFFF;
  private static final int TOKEN_MAX = 15;

  private final int[] places = new int[1 << HASH_BITS];
  private byte[] in = {};
  private byte[] out = {};
  private int at;
  private int written;

  /** Returns the most bytes that the compressed form of so many can have. */
  static int bound(int length) {
    return length + length / 255 + 16;
  }

  /** Compresses all bytes to one block. */
  byte[] compress(byte[] bytes) {
    in = bytes;
    out = new byte[bound(bytes.length)];
    at = 0;
    written = 0;
    Arrays.fill(places, -1);
    int literals = 0;
    while (at < in.length - LAST_MATCH) {
      int from = candidate();
      if (from < 0) {
        at++;
      } else {
        int length = matchLength(from);
        sequence(literals, at - literals, at - from, length);
        at += length;
        literals = at;
      }
    }
    last(literals);
    byte[] block = Arrays.copyOf(out, written);
    in = new byte[0];
    out = in;
    return block;
  }

  /** Returns where the next four bytes were before; negative if that is not known. */
  private int candidate() {
    int hash = (four(at) * 0x9E3779B1) >>> (Integer.SIZE - HASH_BITS);
    int from = places[hash];
    places[hash] = at;
    return from >= 0 && at - from <= MAX_OFFSET && four(from) == four(at) ? from : -1;
  }

  private int four(int index) {
    return (in[index] & 0xFF)
        | ((in[index + 1] & 0xFF) << 8)
        | ((in[index + 2] & 0xFF) << 16)
        | (in[index + 3] << 24);
  }

  private int matchLength(int from) {
    int most = in.length - LAST_LITERALS - at;
    int mismatch = Arrays.mismatch(in, from, from + most, in, at, at + most);
    return mismatch < 0 ? most : mismatch;
  }

  private void sequence(int literals, int count, int offset, int match) {
    int token = (token(count) << 4) | token(match - MIN_MATCH);
    out[written++] = (byte) token;
    literals(literals, count);
    out[written++] = (byte) offset;
    out[written++] = (byte) (offset >> 8);
    more(match - MIN_MATCH);
  }

  private void last(int literals) {
    int count = in.length - literals;
    out[written++] = (byte) (token(count) << 4);
    literals(literals, count);
  }

  private void literals(int from, int count) {
    more(count);
    System.arraycopy(in, from, out, written, count);
    written += count;
  }

  private static int token(int length) {
    return Math.min(length, TOKEN_MAX);
  }

  /** Writes what of a length does not fit into its token. */
  private void more(int length) {
    if (length < TOKEN_MAX) {
      return;
    }
    int rest = length - TOKEN_MAX;
    while (rest >= 0xFF) {
      out[written++] = (byte) 0xFF;
      rest -= 0xFF;
    }
    out[written++] = (byte) rest;
  }
}
