package io.baton.worker.tls.record;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.ByteBuffer;

/**
 * What we send as records. One at a time per thread, with whom it shares its scratch memory; not
 * thread safe.
 */
public final class RecordWriter {
  /** Content of one record at most (RFC 8446, 5.1). */
  public static final int MAX_CONTENT = 16 * 1024;

  static final int HEADER = 5;

  /** What a record has besides its content. */
  public static final int OVERHEAD = HEADER + 1 + Protection.TAG;

  private static final short LEGACY_VERSION = 0x0303;
  private static final byte WARNING = 1;
  private static final byte FATAL = 2;

  /** Of each thread: what is on its way into a record. It is empty between two calls. */
  private static final FastThreadLocal<ByteBuffer> INNER = scratch(MAX_CONTENT + 1);

  private static final FastThreadLocal<ByteBuffer> HEADERS = scratch(HEADER);

  private final Protection protection;
  private final ByteBuffer inner;
  private final ByteBuffer header;
  private final long maxRecords;

  RecordWriter(Protection protection) {
    this(protection, Protection.MAX_RECORDS);
  }

  /**
   * @param maxRecords after so many the key is updated
   */
  RecordWriter(Protection protection, long maxRecords) {
    this.protection = protection;
    this.maxRecords = maxRecords;
    this.inner = INNER.get();
    this.header = HEADERS.get();
  }

  private static FastThreadLocal<ByteBuffer> scratch(int size) {
    return new FastThreadLocal<>() {
      @Override
      protected ByteBuffer initialValue() {
        return ByteBuffer.allocate(size);
      }
    };
  }

  /** Adds content as records, and uses it up. */
  public void write(ByteBuf content, ByteBuf to) {
    while (content.isReadable()) {
      int length = Math.min(content.readableBytes(), MAX_CONTENT);
      inner.clear().limit(length);
      content.readBytes(inner);
      seal(ContentType.APPLICATION_DATA, to);
    }
  }

  /**
   * Adds a KeyUpdate: what follows has another key.
   *
   * @param requested whether the peer is to update its key, too
   */
  public void updateKey(boolean requested, ByteBuf to) {
    inner.clear();
    inner
        .put((byte) ContentType.KEY_UPDATE)
        .put(new byte[] {0, 0, 1})
        .put((byte) (requested ? 1 : 0));
    inner.flip();
    sealOne(ContentType.HANDSHAKE, to);
    protection.update();
  }

  /** Adds an alert, after which nothing may follow. */
  public void alert(Alert alert, ByteBuf to) {
    boolean fatal = alert != Alert.CLOSE_NOTIFY && alert != Alert.USER_CANCELED;
    inner.clear();
    inner.put(fatal ? FATAL : WARNING).put((byte) alert.code).flip();
    sealOne(ContentType.ALERT, to);
  }

  private void seal(int type, ByteBuf to) {
    if (protection.number() >= maxRecords) {
      ByteBuffer kept = ByteBuffer.allocate(inner.limit()).put(inner.position(0)).flip();
      updateKey(false, to);
      inner.clear();
      inner.put(kept).flip();
    }
    inner.position(0);
    sealOne(type, to);
  }

  /** What is in {@link #inner}, up to its limit, becomes a record. */
  private void sealOne(int type, ByteBuf to) {
    int length = inner.limit();
    inner.limit(length + 1).put(length, (byte) type).position(0);
    int sealed = length + 1 + Protection.TAG;
    header.clear();
    header
        .put((byte) ContentType.APPLICATION_DATA)
        .putShort(LEGACY_VERSION)
        .putShort((short) sealed)
        .flip();
    to.ensureWritable(HEADER + sealed);
    to.writeBytes(header.duplicate());
    ByteBuffer target = to.internalNioBuffer(to.writerIndex(), sealed);
    if (!protection.apply(header, inner, target)) {
      throw new IllegalStateException("a record cannot be protected");
    }
    to.writerIndex(to.writerIndex() + sealed);
  }

  Protection protection() {
    return protection;
  }
}
