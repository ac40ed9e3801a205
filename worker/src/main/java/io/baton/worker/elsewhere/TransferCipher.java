package io.baton.worker.elsewhere;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The encryption of messages about transfers, AES-256 in GCM: who may read at the broker learns
 * neither sessions nor proofs, and nothing can be said once more to a worker.
 *
 * <pre>
 *   u8 version, u8 id of the key, u64 number of the message, then what is encrypted, with its tag
 * </pre>
 *
 * <p>Each worker encrypts with a key of its own, derived by HKDF from the cluster's secret, its
 * name and the worker's number, which is new with each process; so the number of the message, of
 * which a worker uses none twice, is all that a nonce needs. Sender and receiver are authenticated
 * besides.
 *
 * <p>A receiver takes rising numbers only. It remembers the last one of {@value #MAX_SENDERS}
 * senders. Numbers also rise with the time of day, in all workers: of a sender that it does not
 * remember, a receiver takes only messages that are later than all that it has forgotten. So
 * nothing is read twice, however many senders there were, and clocks need not agree by more than
 * the time in which so many senders are heard. Event loop only.
 */
final class TransferCipher {
  static final byte VERSION = 1;

  /** The receiver of what is said to all. */
  static final long ALL = 0;

  private static final int HEAD = 2 + Long.BYTES;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;
  private static final int KEY_BYTES = 32;

  /** So many senders' keys and numbers are kept, those heard last. */
  static final int MAX_SENDERS = 8_192;

  /** In each millisecond since 1970 there are 2 to the power of this numbers. */
  private static final int NUMBER_BITS = 20;

  /** A worker that has said something. */
  private static final class Sender {
    private final List<SecretKey> keys;

    /** The last number of what was said to this worker, and to all. */
    private long lastToThis;

    private long lastToAll;

    Sender(List<SecretKey> keys, long last) {
      this.keys = keys;
      this.lastToThis = last;
      this.lastToAll = last;
    }

    long last() {
      return Math.max(lastToThis, lastToAll);
    }
  }

  private final String cluster;
  private final long worker;
  private final List<byte[]> secrets;
  private final List<Byte> ids = new ArrayList<>();
  private final SecretKey own;
  private final Map<Long, Sender> senders =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Sender> eldest) {
          boolean isFull = size() > MAX_SENDERS;
          if (isFull) {
            lastForgotten = Math.max(lastForgotten, eldest.getValue().last());
          }
          return isFull;
        }
      };

  /** The last number of all senders that are not remembered any more. */
  private long lastForgotten;

  private final Cipher cipher;
  private final LongSupplier clock;
  private long number;

  /**
   * @param cluster its name
   * @param worker number of this one
   * @param secrets the current one, then former ones that are good still; at least one
   * @param clock milliseconds since 1970
   */
  TransferCipher(String cluster, long worker, List<byte[]> secrets, LongSupplier clock) {
    this.cluster = cluster;
    this.worker = worker;
    this.clock = clock;
    this.secrets = List.copyOf(secrets);
    secrets.forEach(
        each -> ids.add(ClusterKeys.derive(each, "baton sessions id " + cluster, 1)[0]));
    this.own = key(secrets.getFirst(), worker);
    try {
      cipher = Cipher.getInstance("AES/GCM/NoPadding");
    } catch (GeneralSecurityException e) {
      throw lacking(e);
    }
  }

  private static IllegalStateException lacking(GeneralSecurityException e) {
    return new IllegalStateException("this JDK lacks HKDF or AES in GCM", e);
  }

  private SecretKey key(byte[] secret, long of) {
    String label = "baton sessions %s %x".formatted(cluster, of);
    return new SecretKeySpec(ClusterKeys.derive(secret, label, KEY_BYTES), "AES");
  }

  /**
   * Encrypts a message.
   *
   * @param to its receiver's number, or {@link #ALL}
   */
  byte[] seal(long to, byte[] message) {
    number = Math.max(number + 1, clock.getAsLong() << NUMBER_BITS);
    byte[] head = head(ids.getFirst(), number);
    try {
      init(Cipher.ENCRYPT_MODE, own, head, worker, to);
      byte[] all = new byte[HEAD + cipher.getOutputSize(message.length)];
      System.arraycopy(head, 0, all, 0, HEAD);
      cipher.doFinal(message, 0, message.length, all, HEAD);
      return all;
    } catch (GeneralSecurityException e) {
      throw lacking(e);
    }
  }

  private static byte[] head(byte id, long number) {
    return ByteBuffer.allocate(HEAD)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(VERSION)
        .put(id)
        .putLong(number)
        .array();
  }

  private void init(int mode, SecretKey key, byte[] head, long from, long to)
      throws GeneralSecurityException {
    byte[] nonce = new byte[NONCE_BYTES];
    System.arraycopy(head, 2, nonce, NONCE_BYTES - Long.BYTES, Long.BYTES);
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(head);
    cipher.updateAAD(ByteBuffer.allocate(2 * Long.BYTES).putLong(from).putLong(to).flip());
  }

  /** Decrypts a message to this worker, or to all; null if it is none, or an old one. */
  byte @Nullable [] open(long from, byte[] sealed) {
    if (sealed.length <= HEAD || sealed[0] != VERSION) {
      return null;
    }
    Sender known = senders.get(from);
    Sender sender = known == null ? sender(from) : known;
    byte[] message = open(from, sealed, sender);
    if (known == null && message != null) {
      senders.put(from, sender);
    }
    return message;
  }

  private byte @Nullable [] open(long from, byte[] sealed, Sender sender) {
    long its = ByteBuffer.wrap(sealed).order(ByteOrder.LITTLE_ENDIAN).getLong(2);
    if (its > sender.lastToThis) {
      byte[] message = open(from, worker, its, sealed, sender.keys);
      if (message != null) {
        sender.lastToThis = its;
        return message;
      }
    }
    byte[] message = its > sender.lastToAll ? open(from, ALL, its, sealed, sender.keys) : null;
    sender.lastToAll = message == null ? sender.lastToAll : its;
    return message;
  }

  private Sender sender(long from) {
    return new Sender(secrets.stream().map(each -> key(each, from)).toList(), lastForgotten);
  }

  private byte @Nullable [] open(
      long from, long to, long its, byte[] sealed, List<SecretKey> keys) {
    byte[] head = head(sealed[1], its);
    for (int i = 0; i < ids.size(); i++) {
      if (ids.get(i) == sealed[1]) {
        try {
          init(Cipher.DECRYPT_MODE, keys.get(i), head, from, to);
          return cipher.doFinal(sealed, HEAD, sealed.length - HEAD);
        } catch (GeneralSecurityException _) {
          // Another key may have the same id.
        }
      }
    }
    return null;
  }
}
