package io.baton.link.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * The identity of a session. The id is public; the secret is what resuming takes and is never
 * shown.
 */
public final class LinkIdentity {
  /** The length of an id. */
  public static final int ID_BYTES = 16;

  /** The length of a secret. */
  public static final int SECRET_BYTES = 32;

  static final int MAX_SERVICE_BYTES = 255;

  private final String service;

  /** The id and the secret: one object of the many that sessions have. */
  private final byte[] bytes;

  /**
   * Checks the sizes and copies the arrays.
   *
   * @param service the name of the service, 1 to 255 bytes of UTF-8
   * @param id 16 bytes
   * @param secret 32 bytes
   */
  public LinkIdentity(String service, byte[] id, byte[] secret) {
    checkService(service);
    if (id.length != ID_BYTES || secret.length != SECRET_BYTES) {
      throw new IllegalArgumentException(
          "an id has 16 bytes and a secret 32, not %d and %d".formatted(id.length, secret.length));
    }
    this.service = service.intern(); // one for all its sessions
    this.bytes = Arrays.copyOf(id, ID_BYTES + SECRET_BYTES);
    System.arraycopy(secret, 0, bytes, ID_BYTES, SECRET_BYTES);
  }

  static void checkService(String service) {
    int length = service.getBytes(UTF_8).length;
    if (length == 0 || length > MAX_SERVICE_BYTES) {
      throw new IllegalArgumentException(
          "a service's name has 1 to 255 bytes of UTF-8, not " + length);
    }
  }

  /** Returns the name of the service. */
  public String service() {
    return service;
  }

  /** Returns a copy of the id. */
  public byte[] id() {
    return Arrays.copyOf(bytes, ID_BYTES);
  }

  /** Returns a copy of the secret. */
  public byte[] secret() {
    return Arrays.copyOfRange(bytes, ID_BYTES, bytes.length);
  }

  @Override
  public String toString() {
    return service + "/" + HexFormat.of().formatHex(bytes, 0, ID_BYTES);
  }
}
