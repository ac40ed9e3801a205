package io.baton.worker.tls.record;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * What the peer sends as records. Whatever is not as RFC 8446 says ends the connection with the
 * alert that it names, and is the peer's fault or that of somebody between. Not thread safe.
 */
public final class RecordReader {
  /** A record of more bytes is refused before it has come (RFC 8446, 5.2). */
  private static final int MAX_SEALED = RecordWriter.MAX_CONTENT + 256;

  /** Records without content, and updates of keys, in a row: work without a purpose. */
  static final int MAX_IDLE = 32;

  private static final int KEY_UPDATE_BYTES = 5;
  private static final int ALERT_BYTES = 2;

  /** Takes what is in the records. */
  public interface Sink {
    /** Content, which is the sink's. */
    void content(ByteBuf content);

    /** The peer wants us to update our key, before anything else is sent. */
    void keyUpdateRequested();

    /** The peer has said its last. */
    void closed();
  }

  private final Protection protection;
  private final byte[] message = new byte[KEY_UPDATE_BYTES];

  /** Bytes of a handshake message that has not ended. */
  private int begun;

  private int idle;
  private boolean closed;

  RecordReader(Protection protection) {
    this.protection = protection;
  }

  /**
   * Opens all records that are whole. What is left is part of one.
   *
   * @throws TlsException at the first that is not as it should be; nothing may be read any more
   */
  public void read(ByteBuf in, Sink sink) throws TlsException {
    while (!closed && in.readableBytes() >= RecordWriter.HEADER) {
      int start = in.readerIndex();
      check(
          in.getUnsignedByte(start) == ContentType.APPLICATION_DATA,
          Alert.UNEXPECTED_MESSAGE,
          "a record that is not protected");
      int length = in.getUnsignedShort(start + RecordWriter.HEADER - Short.BYTES);
      check(length <= MAX_SEALED, Alert.RECORD_OVERFLOW, "a record of " + length + " bytes");
      check(length > Protection.TAG, Alert.DECODE_ERROR, "a record of " + length + " bytes");
      if (in.readableBytes() < RecordWriter.HEADER + length) {
        return;
      }
      open(in, length, sink);
    }
  }

  private void open(ByteBuf in, int length, Sink sink) throws TlsException {
    Scratch scratch = Scratch.get();
    in.readBytes(scratch.header).readBytes(scratch.outer, 0, length);
    check(
        protection.apply(scratch.header, scratch.outer, length, scratch.inner),
        Alert.BAD_RECORD_MAC,
        "a record that is not the peer's");
    take(scratch.inner, length - Protection.TAG, in.alloc(), sink);
  }

  private void take(byte[] inner, int size, ByteBufAllocator alloc, Sink sink) throws TlsException {
    int end = size;
    while (end > 0 && inner[end - 1] == 0) {
      end--; // padding
    }
    check(end > 0, Alert.UNEXPECTED_MESSAGE, "a record without a type");
    int type = inner[end - 1];
    int length = end - 1;
    check(
        length <= RecordWriter.MAX_CONTENT,
        Alert.RECORD_OVERFLOW,
        "content of " + length + " bytes");
    check(
        begun == 0 || type == ContentType.HANDSHAKE,
        Alert.UNEXPECTED_MESSAGE,
        "something else within a handshake message");
    switch (type) {
      case ContentType.APPLICATION_DATA -> {
        if (length == 0) {
          isIdle();
        } else {
          idle = 0;
          sink.content(alloc.buffer(length).writeBytes(inner, 0, length));
        }
      }
      case ContentType.HANDSHAKE -> handshake(inner, length, sink);
      case ContentType.ALERT -> alert(inner, length, sink);
      default -> throw new TlsException(Alert.UNEXPECTED_MESSAGE, "a record of type " + type);
    }
  }

  /** A handshake that is over can only be followed by updates of keys: nothing else was offered. */
  private void handshake(byte[] record, int length, Sink sink) throws TlsException {
    check(length > 0, Alert.UNEXPECTED_MESSAGE, "an empty handshake record");
    for (int i = 0; i < length; i++) {
      message[begun++] = record[i];
      if (begun == 1) {
        check(
            message[0] == ContentType.KEY_UPDATE,
            Alert.UNEXPECTED_MESSAGE,
            "a handshake message of type " + message[0]);
      }
      if (begun == KEY_UPDATE_BYTES) {
        begun = 0;
        keyUpdate(i + 1 < length, sink);
      }
    }
    if (begun > 0) {
      isIdle();
    }
  }

  private void keyUpdate(boolean more, Sink sink) throws TlsException {
    check(
        message[1] == 0 && message[2] == 0 && message[3] == 1,
        Alert.DECODE_ERROR,
        "a KeyUpdate of another length");
    check((message[4] & ~1) == 0, Alert.ILLEGAL_PARAMETER, "a KeyUpdate that wants " + message[4]);
    check(!more, Alert.UNEXPECTED_MESSAGE, "more behind a KeyUpdate, under the old key");
    isIdle();
    protection.update();
    if (message[4] == 1) {
      sink.keyUpdateRequested();
    }
  }

  private void alert(byte[] record, int length, Sink sink) throws TlsException {
    check(length == ALERT_BYTES, Alert.DECODE_ERROR, "an alert that is not whole");
    int code = Byte.toUnsignedInt(record[1]);
    if (code == Alert.CLOSE_NOTIFY.code) {
      closed = true;
      sink.closed();
    } else if (code == Alert.USER_CANCELED.code) {
      isIdle();
    } else {
      closed = true;
      throw new TlsException(Alert.CLOSE_NOTIFY, "the peer ends the connection with alert " + code);
    }
  }

  private void isIdle() throws TlsException {
    check(
        ++idle <= MAX_IDLE,
        Alert.UNEXPECTED_MESSAGE,
        "more than " + MAX_IDLE + " records without content in a row");
  }

  private static void check(boolean holds, Alert otherwise, String what) throws TlsException {
    if (!holds) {
      throw new TlsException(otherwise, what);
    }
  }

  /** Whether it is between two records and two messages, but for what was not read. */
  boolean isBetweenMessages() {
    return begun == 0;
  }

  Protection protection() {
    return protection;
  }
}
