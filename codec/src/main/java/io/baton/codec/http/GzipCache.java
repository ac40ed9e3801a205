package io.baton.codec.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The compressed forms of files that have none beside them, made when they are first asked for. One
 * is made at a time, so that this costs one processor at most; the latest that were asked for are
 * kept, in {@value #MAX_BYTES} bytes of the heap. Several directories may share it. Any thread.
 */
public final class GzipCache {
  /** Most bytes that are kept. */
  public static final int MAX_BYTES = 8 * 1024 * 1024;

  /** Of a smaller file a packet less is not saved; a larger one would hold up the next. */
  private static final int SMALLEST = 1024;

  private static final int LARGEST = 1024 * 1024;

  /** What an entry takes besides its bytes. */
  private static final int OVERHEAD = 200;

  private static final byte[] NOT_SMALLER = {};

  private final Semaphore one = new Semaphore(1);

  /** Those that were asked for last are at the end. Its own lock. */
  private final Map<Version, byte[]> made = new LinkedHashMap<>(16, 0.75f, true);

  private int held;

  /**
   * One version of a file.
   *
   * @param key identifies the file in its file system
   * @param tag of the version
   */
  private record Version(Object key, String tag) {}

  /** Makes an empty one. */
  public GzipCache() {}

  /** Returns whether a file may be sent in a form that is made here. */
  static boolean isFor(FileTree.Found.File file) {
    return file.key() != null
        && file.encoding() == null
        && file.size() >= SMALLEST
        && file.size() <= LARGEST
        && isText(file.type());
  }

  /** Types that are compressed already do not become smaller. */
  private static boolean isText(String type) {
    return type.startsWith("text/")
        || type.startsWith("application/json")
        || type.endsWith("+xml")
        || type.endsWith("/xml")
        || type.endsWith("/wasm");
  }

  /**
   * Returns the compressed form of a file. Takes some milliseconds if it has to be made.
   *
   * @return null if it would not be smaller, or another one is just being made
   */
  byte @Nullable [] of(FileTree.Found.File file) throws IOException {
    Object key = file.key();
    if (key == null) {
      return null;
    }
    Version version = new Version(key, file.validators().tag());
    byte[] known = known(version);
    if (known == null && one.tryAcquire()) {
      try {
        byte[] form = compress(file);
        known = form.length < file.size() ? form : NOT_SMALLER;
        keep(version, known);
      } finally {
        one.release();
      }
    }
    return known == null || known.length == 0 ? null : known;
  }

  private byte @Nullable [] known(Version version) {
    synchronized (made) {
      return made.get(version);
    }
  }

  private void keep(Version version, byte[] form) {
    synchronized (made) {
      byte[] before = made.put(version, form);
      held += form.length + OVERHEAD - (before == null ? 0 : before.length + OVERHEAD);
      var oldest = made.entrySet().iterator();
      while (held > MAX_BYTES) {
        held -= oldest.next().getValue().length + OVERHEAD;
        oldest.remove();
      }
    }
  }

  /** Returns the bytes that are kept, with what their entries take. */
  int held() {
    synchronized (made) {
      return held;
    }
  }

  /**
   * @throws IOException also if the file has become shorter
   */
  private static byte[] compress(FileTree.Found.File file) throws IOException {
    ByteBuffer whole = ByteBuffer.allocate((int) file.size());
    FileChannel from = file.channel();
    while (whole.hasRemaining()) {
      if (from.read(whole, whole.position()) < 0) {
        throw new IOException("the file has become shorter while it was read");
      }
    }
    ByteArrayOutputStream form = new ByteArrayOutputStream(whole.capacity() / 4);
    try (GZIPOutputStream out = new GZIPOutputStream(form, 64 * 1024)) {
      out.write(whole.array());
    }
    return form.toByteArray();
  }
}
