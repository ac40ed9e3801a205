package io.baton.systemtest;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.util.Base64;
import java.util.Locale;

/**
 * A key of an operator, an account or a user of NATS, as its nkeys define it: an Ed25519 key whose
 * forms as text are a prefix, 32 bytes and a checksum (CRC-16/XMODEM, little-endian) in base 32.
 */
final class NatsKey {
  /** What a key is of. */
  enum Kind {
    OPERATOR(14),
    ACCOUNT(0),
    USER(20);

    private final int code;

    Kind(int code) {
      this.code = code;
    }
  }

  private static final int SEED = 18;
  private static final int BYTES = 32;
  private static final int BITS = 5;
  private static final int POLYNOMIAL = 0x1021;

  private final Kind kind;
  private final KeyPair pair;

  NatsKey(Kind kind) throws GeneralSecurityException {
    this.kind = kind;
    pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
  }

  /** The name by which others know it: the public half. */
  String name() {
    byte[] encoded = pair.getPublic().getEncoded(); // X.509: the key is last
    ByteBuffer all = ByteBuffer.allocate(1 + BYTES).put((byte) (kind.code << 3));
    return text(all.put(encoded, encoded.length - BYTES, BYTES).array());
  }

  /** The secret half. */
  String seed() {
    byte[] seed = ((EdECPrivateKey) pair.getPrivate()).getBytes().orElseThrow();
    int prefix = SEED << 11 | kind.code << 6; // 5 bits each, one after the other
    return text(ByteBuffer.allocate(2 + BYTES).putShort((short) prefix).put(seed).array());
  }

  /**
   * Says with its signature what somebody is.
   *
   * @param claims of NATS, in JSON, besides the kind and the version
   * @return a JWT
   */
  String signs(NatsKey subject, String claims) throws GeneralSecurityException {
    String head = "{\"typ\":\"JWT\",\"alg\":\"ed25519-nkey\"}";
    String body =
        "{\"jti\":\"1\",\"iat\":1,\"iss\":\"%s\",\"name\":\"baton\",\"sub\":\"%s\",\"nats\":{%s,\"type\":\"%s\",\"version\":2}}"
            .formatted(
                name(), subject.name(), claims, subject.kind.name().toLowerCase(Locale.ROOT));
    String text = base64(head.getBytes(UTF_8)) + "." + base64(body.getBytes(UTF_8));
    Signature signature = Signature.getInstance("Ed25519");
    signature.initSign(pair.getPrivate());
    signature.update(text.getBytes(UTF_8));
    return text + "." + base64(signature.sign());
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static String text(byte[] bytes) {
    ByteBuffer all =
        ByteBuffer.allocate(bytes.length + 2).order(ByteOrder.LITTLE_ENDIAN).put(bytes);
    return base32(all.putShort((short) checksum(bytes)).array());
  }

  private static int checksum(byte[] bytes) {
    int sum = 0;
    for (byte each : bytes) {
      sum ^= Byte.toUnsignedInt(each) << Byte.SIZE;
      for (int i = 0; i < Byte.SIZE; i++) {
        sum = sum << 1 ^ ((sum & 0x8000) == 0 ? 0 : POLYNOMIAL);
      }
      sum &= 0xffff;
    }
    return sum;
  }

  private static String base32(byte[] bytes) {
    int digits = (bytes.length * Byte.SIZE + BITS - 1) / BITS;
    BigInteger number =
        new BigInteger(1, bytes).shiftLeft(digits * BITS - bytes.length * Byte.SIZE);
    StringBuilder text = new StringBuilder();
    for (int i = digits - 1; i >= 0; i--) {
      text.append(
          "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
              .charAt(number.shiftRight(i * BITS).intValue() & (1 << BITS) - 1));
    }
    return text.toString();
  }
}
