package io.baton.link.service;

import io.baton.link.Ending;
import io.baton.link.Transfer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The saved form of a {@link SessionDriver}: {@code u16 n, n times (u32 channel, u32 size)}, what
 * was handed out and is not processed, in its order; {@code u8 n} and the transfers that the
 * service was not told of; then the clock, the streams and the core, each behind its length as u32.
 * Texts are behind their length, in modified UTF-8.
 *
 * <p>Only a session that has lost its connection has unprocessed messages.
 *
 * @param core of the session
 * @param unprocessed the oldest first
 * @param streams of the session
 * @param transfers in their order
 * @param clock no bytes if there is none
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
record SavedDriver(
    byte[] core, Sizes unprocessed, byte[] streams, List<Transfer> transfers, byte[] clock) {

  byte[] write() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(core.length + 64);
    try {
      DataOutputStream to = new DataOutputStream(bytes);
      to.writeShort(unprocessed.count());
      for (long each : unprocessed.toArray()) {
        to.writeLong(each);
      }
      to.writeByte(transfers.size());
      for (Transfer each : transfers) {
        write(each, to);
      }
      for (byte[] each : List.of(clock, streams, core)) {
        to.writeInt(each.length);
        to.write(each);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void write(Transfer each, DataOutputStream to) throws IOException {
    to.writeUTF(each.name());
    to.writeBoolean(each.incoming());
    to.writeUTF(each.file().toString());
    to.writeLong(each.bytes());
    to.writeInt(each.how().code());
    to.writeUTF(each.how().text());
    to.writeBoolean(each.how().lost());
  }

  /**
   * Reads what {@link #write} has written.
   *
   * @throws IllegalArgumentException if it is something else
   */
  static SavedDriver read(byte[] saved) {
    try (DataInputStream from = new DataInputStream(new ByteArrayInputStream(saved))) {
      Sizes unprocessed = new Sizes();
      for (int n = from.readUnsignedShort(); n > 0; n--) {
        unprocessed.add(from.readLong());
      }
      List<Transfer> transfers = new ArrayList<>(0);
      for (int n = from.readUnsignedByte(); n > 0; n--) {
        transfers.add(transfer(from));
      }
      byte[] clock = block(from);
      byte[] streams = block(from);
      return new SavedDriver(block(from), unprocessed, streams, transfers, clock);
    } catch (IOException e) {
      throw new IllegalArgumentException("a saved session is cut off", e);
    }
  }

  private static Transfer transfer(DataInputStream from) throws IOException {
    return new Transfer(
        from.readUTF(),
        from.readBoolean(),
        Path.of(from.readUTF()),
        from.readLong(),
        new Ending(from.readInt(), from.readUTF(), from.readBoolean()));
  }

  private static byte[] block(DataInputStream from) throws IOException {
    int length = from.readInt();
    if (length < 0 || length > from.available()) {
      throw new IOException("%d bytes of %d".formatted(from.available(), length));
    }
    return from.readNBytes(length);
  }
}
