package io.baton.worker.tls.record;

import io.netty.buffer.ByteBuf;

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

  private final Protection protection;
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
  }

  /** Adds content as records, and uses it up. */
  public void write(ByteBuf content, ByteBuf to) {
    Scratch scratch = Scratch.get();
    while (content.isReadable()) {
      if (protection.number() >= maxRecords) {
        updateKey(false, to);
      }
      int length = Math.min(content.readableBytes(), MAX_CONTENT);
      content.readBytes(scratch.inner, 0, length);
      seal(ContentType.APPLICATION_DATA, scratch, length, to);
    }
  }

  /**
   * Adds a KeyUpdate: what follows has another key.
   *
   * @param requested whether the peer is to update its key, too
   */
  public void updateKey(boolean requested, ByteBuf to) {
    seal(ContentType.HANDSHAKE, to, ContentType.KEY_UPDATE, 0, 0, 1, requested ? 1 : 0);
    protection.update();
  }

  /** Adds an alert, after which nothing may follow. */
  public void alert(Alert alert, ByteBuf to) {
    boolean fatal = alert != Alert.CLOSE_NOTIFY && alert != Alert.USER_CANCELED;
    seal(ContentType.ALERT, to, fatal ? FATAL : WARNING, alert.code);
  }

  private void seal(int type, ByteBuf to, int... message) {
    Scratch scratch = Scratch.get();
    for (int i = 0; i < message.length; i++) {
      scratch.inner[i] = (byte) message[i];
    }
    seal(type, scratch, message.length, to);
  }

  /** So much of what is inside becomes a record. */
  private void seal(int type, Scratch scratch, int length, ByteBuf to) {
    scratch.inner[length] = (byte) type;
    int sealed = length + 1 + Protection.TAG;
    byte[] header = scratch.header;
    header[0] = ContentType.APPLICATION_DATA;
    header[1] = LEGACY_VERSION >> Byte.SIZE;
    header[2] = (byte) LEGACY_VERSION;
    header[3] = (byte) (sealed >> Byte.SIZE);
    header[4] = (byte) sealed;
    if (!protection.apply(header, scratch.inner, length + 1, scratch.outer)) {
      throw new IllegalStateException("a record cannot be protected");
    }
    to.writeBytes(header).writeBytes(scratch.outer, 0, sealed);
  }

  Protection protection() {
    return protection;
  }
}
