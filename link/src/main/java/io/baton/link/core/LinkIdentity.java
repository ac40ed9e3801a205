package io.baton.link.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HexFormat;

/**
 * The identity of a session. The id is public; the secret is what resuming takes and is never
 * shown.
 *
 * @param service the name of the service, 1 to 255 bytes of UTF-8
 * @param id 16 bytes
 * @param secret 32 bytes
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
public record LinkIdentity(String service, byte[] id, byte[] secret) {
  public static final int ID_BYTES = 16;
  public static final int SECRET_BYTES = 32;
  static final int MAX_SERVICE_BYTES = 255;

  /** Checks the sizes and copies the arrays. */
  public LinkIdentity {
    checkService(service);
    if (id.length != ID_BYTES || secret.length != SECRET_BYTES) {
      throw new IllegalArgumentException(
          "an id has 16 bytes and a secret 32, not %d and %d".formatted(id.length, secret.length));
    }
    service = service.intern(); // one for all its sessions
    id = id.clone();
    secret = secret.clone();
  }

  static void checkService(String service) {
    int length = service.getBytes(UTF_8).length;
    if (length == 0 || length > MAX_SERVICE_BYTES) {
      throw new IllegalArgumentException(
          "a service's name has 1 to 255 bytes of UTF-8, not " + length);
    }
  }

  @Override
  public byte[] id() {
    return id.clone();
  }

  @Override
  public byte[] secret() {
    return secret.clone();
  }

  @Override
  public String toString() {
    return service + "/" + HexFormat.of().formatHex(id);
  }
}
