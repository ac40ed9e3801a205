package io.baton.worker.tls;

import io.baton.credentials.Certificates;
import io.baton.worker.tls.record.Records;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/**
 * A connection of TLS 1.3 on its way to another worker.
 *
 * <pre>
 *   u8 kind, 1; u8 1 if the peer has said its last, else 0; u16 length, {@link Records#give};
 *   u8 number of the peer's certificates, of each i32 length, DER;
 *   then part of a record, to the end
 * </pre>
 *
 * @param records as {@link Records#give} returns them
 * @param inputEnded the peer has said its last
 * @param certificates that the peer has shown
 * @param kept part of a record
 */
record GivenRecords(
    ByteBuffer records, boolean inputEnded, List<X509Certificate> certificates, ByteBuf kept) {
  private static final byte KIND = 1;

  /** Returns its bytes. */
  ByteBuffer encode() {
    List<byte[]> shown = certificates.stream().map(Certificates::encode).toList();
    int size = 3 * Byte.BYTES + Short.BYTES + records.remaining() + kept.readableBytes();
    for (byte[] each : shown) {
      size += Integer.BYTES + each.length;
    }
    ByteBuffer all =
        ByteBuffer.allocate(size)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(KIND)
            .put((byte) (inputEnded ? 1 : 0))
            .putShort((short) records.remaining())
            .put(records.duplicate())
            .put((byte) shown.size());
    for (byte[] each : shown) {
      all.putInt(each.length).put(each);
    }
    kept.getBytes(kept.readerIndex(), all);
    return all.flip();
  }

  /**
   * Reads what {@link #encode} has written.
   *
   * @throws IllegalArgumentException if it is something else
   */
  static GivenRecords decode(ByteBuffer encoded) {
    ByteBuffer from = encoded.slice().order(ByteOrder.LITTLE_ENDIAN);
    try {
      byte kind = from.get();
      if (kind != KIND) {
        throw new IllegalArgumentException("a cover of kind " + kind);
      }
      boolean ended = from.get() != 0;
      int length = Short.toUnsignedInt(from.getShort());
      ByteBuffer records = from.slice(from.position(), length);
      from.position(from.position() + length);
      return new GivenRecords(records, ended, certificates(from), Unpooled.copiedBuffer(from));
    } catch (BufferUnderflowException | IndexOutOfBoundsException | CertificateException _) {
      throw new IllegalArgumentException("not the state of a TLS connection");
    }
  }

  private static List<X509Certificate> certificates(ByteBuffer from) throws CertificateException {
    int count = Byte.toUnsignedInt(from.get());
    List<X509Certificate> all = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int length = from.getInt();
      byte[] der = new byte[Math.clamp(length, 0, from.remaining())];
      from.get(der);
      all.add(Certificates.decode(der));
    }
    return List.copyOf(all);
  }
}
