package io.baton.softbus.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The form of the packet that opens a session, and of the reply to it. All numbers are
 * little-endian.
 *
 * <pre>
 *   u32 magic 0xBABEFACE | i32 module 6 | i64 sequence | i32 flags | u32 length of the rest
 *   u32 index of the authentication key | iv 12 | AES-128-GCM of JSON | tag 16
 * </pre>
 *
 * <p>The first eight bytes of the iv are the sequence.
 */
final class FirstPacket {
  static final int MAGIC = 0xBABEFACE;

  /** Bytes of the head. */
  static final int HEAD_BYTES = 24;

  /** Most bytes of a packet with its head; the original takes fewer than 4,096. */
  static final int MAX_BYTES = 4095;

  private static final int MODULE_SESSION = 6;
  private static final int INDEX_BYTES = Integer.BYTES;
  private static final int MIN_BODY = INDEX_BYTES + GcmKey.OVERHEAD + 1;
  private static final int MAX_BODY = MAX_BYTES - HEAD_BYTES;

  private FirstPacket() {}

  /**
   * Returns the length of the packet that begins here, from its head.
   *
   * @return -1 if the head has not arrived completely
   * @throws SoftBusException if these bytes cannot begin a packet, which is said from the fourth on
   */
  static int length(ByteBuffer in) throws SoftBusException {
    ByteBuffer head = in.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    int at = head.position();
    magic(head);
    if (head.remaining() < HEAD_BYTES) {
      return -1;
    }
    int module = head.getInt(at + 4);
    if (module != MODULE_SESSION) {
      throw new SoftBusException(
          "a first packet of module %d; allowed: %d".formatted(module, MODULE_SESSION));
    }
    int body = head.getInt(at + 20);
    if (body < MIN_BODY || body > MAX_BODY) {
      throw new SoftBusException(
          "a first packet of %d bytes after its head; allowed: %d to %d"
              .formatted(Integer.toUnsignedLong(body), MIN_BODY, MAX_BODY));
    }
    return HEAD_BYTES + body;
  }

  /** Refuses bytes that do not begin with the magic number. */
  static void magic(ByteBuffer head) throws SoftBusException {
    if (head.remaining() >= Integer.BYTES && head.getInt(head.position()) != MAGIC) {
      throw new SoftBusException(
          "bytes that begin with 0x%08X; allowed: 0x%08X"
              .formatted(head.getInt(head.position()), MAGIC));
    }
  }

  static byte[] seal(AuthenticationKey key, long sequence, int flags, String json, byte[] iv) {
    byte[] plain = json.getBytes(StandardCharsets.UTF_8);
    int body = INDEX_BYTES + GcmKey.OVERHEAD + plain.length;
    if (body > MAX_BODY) {
      throw new IllegalArgumentException(
          "a first packet of %d bytes after its head; allowed: %d".formatted(body, MAX_BODY));
    }
    ByteBuffer packet = ByteBuffer.allocate(HEAD_BYTES + body).order(ByteOrder.LITTLE_ENDIAN);
    packet.putInt(MAGIC).putInt(MODULE_SESSION).putLong(sequence).putInt(flags).putInt(body);
    packet.putInt((int) key.index());
    ByteBuffer.wrap(iv).order(ByteOrder.LITTLE_ENDIAN).putLong(sequence);
    key.key().seal(iv, plain, packet.array(), packet.position());
    return packet.array();
  }

  /** A packet that was opened. */
  record Opened(AuthenticationKey key, String json) {}

  static Opened open(AuthenticationKeys keys, byte[] packet) throws SoftBusException {
    ByteBuffer in = ByteBuffer.wrap(packet).order(ByteOrder.LITTLE_ENDIAN);
    long index = Integer.toUnsignedLong(in.getInt(HEAD_BYTES));
    AuthenticationKey key = keys.get(index).orElse(null);
    if (key == null) {
      throw new SoftBusException(
          "a first packet under authentication key %d, which is not known here".formatted(index));
    }
    byte[] sealed = new byte[packet.length - HEAD_BYTES - INDEX_BYTES];
    in.get(HEAD_BYTES + INDEX_BYTES, sealed);
    byte[] plain = key.key().open(sealed);
    if (plain == null) {
      throw new SoftBusException(
          "a first packet that was not sealed under " + key + ", or was changed on its way");
    }
    return new Opened(key, new String(plain, StandardCharsets.UTF_8));
  }
}
