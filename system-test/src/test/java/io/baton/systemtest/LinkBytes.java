package io.baton.systemtest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.SplittableRandom;

/** Bytes for streams, which follow from their seed: as an input, or as a file. */
final class LinkBytes extends InputStream {
  private static final int BLOCK = 64 << 10;
  private static final int MARK = 16;

  private final SplittableRandom random;
  private final byte[] block = new byte[BLOCK];
  private int at = BLOCK;
  private long left;

  /**
   * @param length of all
   */
  LinkBytes(long length, long seed) {
    this.random = new SplittableRandom(seed);
    this.left = length;
  }

  @Override
  public int read() {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] to, int offset, int length) {
    if (left == 0) {
      return -1;
    }
    if (at == BLOCK) {
      random.nextBytes(block);
      at = 0;
    }
    int n = (int) Math.min(Math.min(length, BLOCK - at), left);
    System.arraycopy(block, at, to, offset, n);
    at += n;
    left -= n;
    return n;
  }

  /** Writes a file with random bytes at a random place in each 64 KiB, and holes between them. */
  static Path file(Path file, long length, long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] mark = new byte[MARK];
    try (FileChannel to =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      to.write(ByteBuffer.wrap(mark), length - MARK);
      for (long block = 0; block + BLOCK <= length; block += BLOCK) {
        random.nextBytes(mark);
        to.write(ByteBuffer.wrap(mark), block + random.nextInt(BLOCK - MARK));
      }
    }
    return file;
  }

  /** Returns the SHA-256 of a file. */
  static String sum(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return sum(in);
    }
  }

  /** Returns the SHA-256 of the bytes of this length and seed. */
  static String sum(long length, long seed) throws IOException {
    return sum(new LinkBytes(length, seed));
  }

  /** Reads all and returns its SHA-256. */
  static String sum(InputStream in) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] some = new byte[BLOCK];
      for (int n = in.read(some); n >= 0; n = in.read(some)) {
        digest.update(some, 0, n);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
