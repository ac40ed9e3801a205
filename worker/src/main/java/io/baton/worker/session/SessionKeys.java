package io.baton.worker.session;

import io.baton.service.SessionKey;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes the keys of sessions, and knows those that this server made from others.
 *
 * <pre>
 *   u8 slot of the worker, 56 bits at random, then the first 64 bits of their HMAC-SHA-256
 *   short: u8 slot of the worker, 24 bits at random
 * </pre>
 *
 * <p>Event loop only.
 */
public final class SessionKeys {
  private static final int SLOT_SHIFT = Long.SIZE - Byte.SIZE;

  private static final int SHORT_SHIFT = Integer.SIZE - Byte.SIZE;

  private final long slot;

  /** The first makes keys; those of all are known. */
  private final List<Mac> macs;

  private final SecureRandom random = new SecureRandom();

  /**
   * @param slot of this worker
   * @param secret that all workers of the server have
   */
  public SessionKeys(int slot, byte[] secret) {
    this(slot, List.of(secret));
  }

  /**
   * @param slot of this worker
   * @param secrets that all workers have who are to know a key: the first one makes them
   */
  public SessionKeys(int slot, List<byte[]> secrets) {
    this.slot = slot;
    this.macs = secrets.stream().map(SessionKeys::mac).toList();
  }

  private static Mac mac(byte[] secret) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK lacks HMAC with SHA-256", e);
    }
  }

  /** Makes those of a worker without others. */
  public static SessionKeys alone() {
    byte[] secret = new byte[32];
    new SecureRandom().nextBytes(secret);
    return new SessionKeys(0, secret);
  }

  SessionKey make() {
    long high = slot << SLOT_SHIFT | random.nextLong() >>> Byte.SIZE;
    return new SessionKey(high, low(macs.getFirst(), high));
  }

  /** One of 32 bits: the slot, and 24 bits at random that are not all 0. */
  SessionKey makeShort() {
    int few = 1 + random.nextInt((1 << SHORT_SHIFT) - 1);
    return SessionKey.ofShort((int) slot << SHORT_SHIFT | few);
  }

  /**
   * Whether this server, or one of its cluster, may have made it; a short one does not show that.
   */
  boolean isGenuine(SessionKey key) {
    return key.isShort() || macs.stream().anyMatch(mac -> key.low() == low(mac, key.high()));
  }

  private static long low(Mac mac, long high) {
    byte[] name = ByteBuffer.allocate(Long.BYTES).putLong(high).array();
    return ByteBuffer.wrap(mac.doFinal(name)).getLong();
  }
}
