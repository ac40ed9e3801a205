package io.baton.worker.tls;

import io.baton.worker.tls.record.Records;
import io.baton.worker.tls.record.Suite;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A client of TLS 1.3 behind a handshake that never was, with secrets that are none: for a worker
 * that plays its connections through before it has any. Not thread safe.
 */
public final class PlayedClient {
  private static final Suite SUITE = Suite.AES_128_GCM_SHA256;
  private static final int SECRET_BYTES = 32;

  private final Records records = Records.of(SUITE, ours(), 0, theirs(), 0);

  private static byte[] ours() {
    return new byte[SECRET_BYTES];
  }

  private static byte[] theirs() {
    byte[] secret = new byte[SECRET_BYTES];
    secret[0] = 1;
    return secret;
  }

  /** Returns the cover of its connection, as {@link TlsConnections#resume} takes it. */
  public static ByteBuffer cover() {
    ByteBuffer state = Records.of(SUITE, theirs(), 0, ours(), 0).give().orElseThrow();
    return new GivenRecords(state, false, List.of(), Unpooled.EMPTY_BUFFER).encode();
  }

  /** Returns what it sends to say this. */
  public byte[] seal(byte[] content) {
    ByteBuf sealed = Unpooled.buffer();
    records.writer().write(Unpooled.wrappedBuffer(content), sealed);
    byte[] bytes = new byte[sealed.readableBytes()];
    sealed.readBytes(bytes);
    return bytes;
  }
}
