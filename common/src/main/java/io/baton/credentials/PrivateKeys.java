package io.baton.credentials;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/** Private keys in the forms that OpenSSL writes, RSA and EC. */
final class PrivateKeys {
  static final String ALLOWED = "the certificate's private key in PEM, without a passphrase";

  // DER's tags (X.690).
  private static final int SEQUENCE = 0x30;
  private static final int OCTET_STRING = 0x04;
  private static final int PARAMETERS = 0xa0;

  private static final int LONG_LENGTH = 0x80;

  private static final byte[] VERSION_0 = HexFormat.of().parseHex("020100");
  private static final byte[] RSA_ALGORITHM =
      HexFormat.of().parseHex("300d06092a864886f70d0101010500");
  private static final byte[] EC_OID = HexFormat.of().parseHex("06072a8648ce3d0201");

  private PrivateKeys() {}

  static boolean isOne(Pem pem) {
    return pem.label().endsWith("PRIVATE KEY");
  }

  /** Returns the key in PKCS #8. */
  private static byte[] toPkcs8(Pem pem) {
    if (pem.isEncrypted()) {
      throw new IllegalArgumentException("a private key with a passphrase");
    }
    return switch (pem.label()) {
      case "PRIVATE KEY" -> pem.content();
      case "RSA PRIVATE KEY" -> wrapped(RSA_ALGORITHM, pem.content());
      case "EC PRIVATE KEY" -> wrapped(der(SEQUENCE, EC_OID, curve(pem.content())), pem.content());
      default -> throw new IllegalArgumentException("a key of another kind: " + pem.label());
    };
  }

  /** PrivateKeyInfo of RFC 5208. */
  private static byte[] wrapped(byte[] algorithm, byte[] key) {
    return der(SEQUENCE, VERSION_0, algorithm, der(OCTET_STRING, key));
  }

  /**
   * Finds the curve's name in an ECPrivateKey (RFC 5915): a SEQUENCE of the version, the key, the
   * parameters [0] and the public key [1].
   */
  private static byte[] curve(byte[] key) {
    try {
      int at = contentOf(key, 0);
      while (at < key.length) {
        int content = contentOf(key, at);
        int end = content + lengthOf(key, at);
        if ((key[at] & 0xff) == PARAMETERS) {
          return Arrays.copyOfRange(key, content, end);
        }
        at = end;
      }
    } catch (IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("an EC private key that is broken", e);
    }
    throw new IllegalArgumentException("an EC private key without its curve's name");
  }

  private static int contentOf(byte[] der, int at) {
    int length = der[at + 1] & 0xff;
    return at + 2 + (length < LONG_LENGTH ? 0 : length - LONG_LENGTH);
  }

  private static int lengthOf(byte[] der, int at) {
    int first = der[at + 1] & 0xff;
    if (first < LONG_LENGTH) {
      return first;
    }
    int length = 0;
    for (int i = at + 2; i < contentOf(der, at); i++) {
      length = (length << 8) | (der[i] & 0xff);
    }
    if (length < 0 || length > der.length) {
      throw new IndexOutOfBoundsException(length);
    }
    return length;
  }

  private static byte[] der(int tag, byte[]... contents) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] each : contents) {
      content.writeBytes(each);
    }
    int length = content.size();
    ByteArrayOutputStream der = new ByteArrayOutputStream();
    der.write(tag);
    if (length < LONG_LENGTH) {
      der.write(length);
    } else if (length < 0x100) {
      der.write(LONG_LENGTH + 1);
      der.write(length);
    } else {
      der.write(LONG_LENGTH + 2);
      der.write(length >> 8);
      der.write(length);
    }
    der.writeBytes(content.toByteArray());
    return der.toByteArray();
  }

  /**
   * Reads the key that belongs to this public one.
   *
   * @throws IllegalArgumentException with a text that says what was found instead
   */
  static PrivateKey read(Pem pem, PublicKey its) {
    String algorithm = its.getAlgorithm();
    PrivateKey key;
    try {
      key = of(algorithm, toPkcs8(pem));
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException(
          "a private key that is broken or not an " + algorithm + " key as the certificate's", e);
    }
    if (!fits(key, its)) {
      throw new IllegalArgumentException("a private key that is not the certificate's");
    }
    return key;
  }

  /** Reads a key in PKCS #8. */
  static PrivateKey of(String algorithm, byte[] pkcs8) throws GeneralSecurityException {
    return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
  }

  /** What one signs, the other verifies. */
  private static boolean fits(PrivateKey key, PublicKey its) {
    byte[] something = new byte[32];
    new SecureRandom().nextBytes(something);
    try {
      Signature signature =
          Signature.getInstance(
              its.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA");
      signature.initSign(key);
      signature.update(something);
      byte[] signed = signature.sign();
      signature.initVerify(its);
      signature.update(something);
      return signature.verify(signed);
    } catch (GeneralSecurityException | RuntimeException _) {
      return false; // of another curve, or of numbers that nobody can compute with
    }
  }
}
