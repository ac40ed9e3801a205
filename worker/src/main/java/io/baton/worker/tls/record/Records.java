package io.baton.worker.tls.record;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * Both directions of one connection, which can go on in another process with 114 bytes at most.
 *
 * <pre>
 *   u16 suite, then for what we read and for what we write: i64 number of the next record, secret
 * </pre>
 */
public final class Records {
  private final RecordReader reader;
  private final RecordWriter writer;

  private Records(Protection in, Protection out) {
    reader = new RecordReader(in);
    writer = new RecordWriter(out);
  }

  /**
   * Begins with the secrets that a handshake has agreed on; they become this object's.
   *
   * @param read of the peer's records
   * @param readNumber records of the peer that were opened elsewhere
   * @param write of ours
   * @param writeNumber records of ours that were sealed elsewhere
   */
  public static Records of(
      Suite suite, byte[] read, long readNumber, byte[] write, long writeNumber) {
    return new Records(
        Protection.opening(new TrafficSecret(suite, read), readNumber),
        Protection.sealing(new TrafficSecret(suite, write), writeNumber));
  }

  /**
   * Goes on with what {@link #give} returned in another process.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static Records resume(ByteBuffer state) {
    ByteBuffer from = state.slice().order(ByteOrder.LITTLE_ENDIAN);
    try {
      Suite suite =
          Suite.of(Short.toUnsignedInt(from.getShort()))
              .orElseThrow(() -> new IllegalArgumentException("an unknown cipher suite"));
      long readNumber = from.getLong();
      byte[] read = secret(suite, from);
      long writeNumber = from.getLong();
      byte[] write = secret(suite, from);
      if (from.hasRemaining() || readNumber < 0 || writeNumber < 0) {
        throw new IllegalArgumentException("not the state of a TLS connection");
      }
      return of(suite, read, readNumber, write, writeNumber);
    } catch (BufferUnderflowException _) {
      throw new IllegalArgumentException("not the state of a TLS connection");
    }
  }

  private static byte[] secret(Suite suite, ByteBuffer from) {
    byte[] secret = new byte[suite.secretBytes];
    from.get(secret);
    return secret;
  }

  public RecordReader reader() {
    return reader;
  }

  public RecordWriter writer() {
    return writer;
  }

  /**
   * Returns what another process needs in order to go on. Nothing can be read or written here any
   * more, because no number may be used twice, unless {@link #takeBack} is called.
   *
   * @return empty, with nothing done, within a message that has come in part
   */
  public Optional<ByteBuffer> give() {
    if (!reader.isBetweenMessages()) {
      return Optional.empty();
    }
    Protection in = reader.protection();
    Protection out = writer.protection();
    Suite suite = in.secret().suite;
    ByteBuffer state =
        ByteBuffer.allocate(Short.BYTES + 2 * (Long.BYTES + suite.secretBytes))
            .order(ByteOrder.LITTLE_ENDIAN)
            .putShort((short) suite.code)
            .putLong(in.number())
            .put(in.secret().bytes())
            .putLong(out.number())
            .put(out.secret().bytes())
            .flip();
    in.give();
    out.give();
    return Optional.of(state);
  }

  /** No other process has gone on with it, nor will. */
  public void takeBack() {
    reader.protection().takeBack();
    writer.protection().takeBack();
  }

  /** It is over. */
  public void wipe() {
    reader.protection().wipe();
    writer.protection().wipe();
  }
}
