package io.baton.worker.broker.nats;

import io.nats.client.AuthHandler;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A user of a NATS server that is known by a JWT and proves it with an Ed25519 key: the file that
 * nsc writes. The JDK signs; the client library's own way would need another library.
 *
 * <p>The seed is 2 bytes of prefix, 32 of the key and 2 of a checksum, in base 32 (RFC 4648), as
 * NATS's nkeys define it.
 */
final class NatsCredentials implements AuthHandler {
  private static final Pattern JWT = block("NATS USER JWT");
  private static final Pattern SEED = block("USER NKEY SEED");

  private static final int PREFIX_BYTES = 2;
  private static final int SEED_BYTES = 32;
  private static final String BASE_32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  private static final int BITS = 5;

  private final String jwt;
  private final PrivateKey key;

  private NatsCredentials(String jwt, PrivateKey key) {
    this.jwt = jwt;
    this.key = key;
  }

  private static Pattern block(String name) {
    return Pattern.compile("-+BEGIN " + name + "-+\\s+(\\S+)\\s+-+END " + name + "-+");
  }

  /** Whether a file's content is of this kind. */
  static boolean isOne(byte[] content) {
    return JWT.matcher(text(content)).find();
  }

  private static CharBuffer text(byte[] content) {
    return StandardCharsets.ISO_8859_1.decode(ByteBuffer.wrap(content));
  }

  /**
   * Reads what {@link #isOne} is.
   *
   * @throws IllegalArgumentException if it is broken; the message says nothing of the secret
   */
  static NatsCredentials read(byte[] content) {
    Matcher jwt = JWT.matcher(text(content));
    Matcher seed = SEED.matcher(text(content));
    if (!jwt.find() || !seed.find()) {
      throw new IllegalArgumentException("cluster.credentials has a JWT and no seed beside it");
    }
    byte[] bytes = base32(seed.group(1));
    if (bytes.length < PREFIX_BYTES + SEED_BYTES) {
      throw new IllegalArgumentException("cluster.credentials has a seed that is too short");
    }
    byte[] key = Arrays.copyOfRange(bytes, PREFIX_BYTES, PREFIX_BYTES + SEED_BYTES);
    try {
      return new NatsCredentials(
          jwt.group(1),
          KeyFactory.getInstance("Ed25519")
              .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, key)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK lacks Ed25519", e);
    } finally {
      Arrays.fill(bytes, (byte) 0);
      Arrays.fill(key, (byte) 0);
    }
  }

  private static byte[] base32(String text) {
    byte[] bytes = new byte[text.length() * BITS / Byte.SIZE];
    int buffer = 0;
    int bits = 0;
    int at = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = BASE_32.indexOf(text.charAt(i));
      if (digit < 0) {
        throw new IllegalArgumentException("cluster.credentials has a seed that is not in base 32");
      }
      buffer = (buffer << BITS | digit) & 0xfff;
      bits += BITS;
      if (bits >= Byte.SIZE) {
        bits -= Byte.SIZE;
        bytes[at++] = (byte) (buffer >> bits);
      }
    }
    return bytes;
  }

  @Override
  public byte[] sign(byte[] nonce) {
    try {
      Signature signature = Signature.getInstance("Ed25519");
      signature.initSign(key);
      signature.update(nonce);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("signing for NATS", e);
    }
  }

  /** Not needed beside a JWT. */
  @Override
  public char[] getID() {
    return new char[0];
  }

  @Override
  public char[] getJWT() {
    return jwt.toCharArray();
  }
}
