package io.baton.spice.testing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import javax.crypto.Cipher;

/** What a client sends, as bytes. */
public final class ClientWire {
  public static final int MAIN = 1;
  public static final int DISPLAY = 2;
  public static final int INPUTS = 3;
  public static final int CURSOR = 4;

  public static final int AUTH_SELECTION = 1;
  public static final int MINI_HEADER = 1 << 3;

  /** Selection of the authentication, and short headers. */
  public static final int COMMON = AUTH_SELECTION | (1 << 1) | MINI_HEADER;

  public static final int LZ4 = 1 << 5;

  /** Bytes of the server's link reply, and where its public key is. */
  public static final int REPLY_BYTES = 16 + 178 + 8;

  public static final int KEY_OFFSET = 20;
  public static final int KEY_BYTES = 162;

  private ClientWire() {}

  public static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  public static byte[] link(int connectionId, int type, int commonCaps, int channelCaps) {
    return link(0x51444552, 2, connectionId, type, 0, commonCaps, channelCaps);
  }

  public static byte[] link(
      int magic, int major, int connectionId, int type, int id, int commonCaps, int channelCaps) {
    return littleEndian(16 + 18 + 8)
        .putInt(magic)
        .putInt(major)
        .putInt(2)
        .putInt(18 + 8)
        .putInt(connectionId)
        .put((byte) type)
        .put((byte) id)
        .putInt(1)
        .putInt(1)
        .putInt(18)
        .putInt(commonCaps)
        .putInt(channelCaps)
        .array();
  }

  /**
   * The choice of the authentication, and the password.
   *
   * @param reply the server's link reply
   */
  public static byte[] ticket(byte[] reply, String password) {
    try {
      byte[] encoded = new byte[KEY_BYTES];
      System.arraycopy(reply, KEY_OFFSET, encoded, 0, KEY_BYTES);
      PublicKey key = KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(encoded));
      Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPWithSHA-1AndMGF1Padding");
      cipher.init(Cipher.ENCRYPT_MODE, key);
      byte[] ticket = cipher.doFinal((password + '\0').getBytes(StandardCharsets.UTF_8));
      return littleEndian(4 + ticket.length).putInt(1).put(ticket).array();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A message with the short header. */
  public static byte[] message(int type, byte... body) {
    return littleEndian(6 + body.length)
        .putShort((short) type)
        .putInt(body.length)
        .put(body)
        .array();
  }

  /** A message with the long header. */
  public static byte[] longMessage(long serial, int type, byte... body) {
    return littleEndian(18 + body.length)
        .putLong(serial)
        .putShort((short) type)
        .putInt(body.length)
        .putInt(0)
        .put(body)
        .array();
  }

  public static byte[] int32(int value) {
    return littleEndian(4).putInt(value).array();
  }

  public static byte[] keyDown(int scancode) {
    return message(101, int32(scancode));
  }

  public static byte[] keyUp(int scancode) {
    return message(102, int32(scancode | 0x80));
  }

  public static byte[] pointerAt(int x, int y, int buttons) {
    return message(
        112, littleEndian(11).putInt(x).putInt(y).putShort((short) buttons).put((byte) 0).array());
  }

  public static byte[] mouseMoved(int dx, int dy, int buttons) {
    return message(111, littleEndian(10).putInt(dx).putInt(dy).putShort((short) buttons).array());
  }

  public static byte[] buttonDown(int button, int buttons) {
    return message(113, littleEndian(3).put((byte) button).putShort((short) buttons).array());
  }

  public static byte[] buttonUp(int button, int buttons) {
    return message(114, littleEndian(3).put((byte) button).putShort((short) buttons).array());
  }

  public static byte[] displayInit() {
    return message(101, new byte[14]);
  }
}
