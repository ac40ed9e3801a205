package io.baton.worker.tls;

import io.baton.worker.tls.record.Records;
import io.baton.worker.tls.record.Suite;
import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.internal.tcnative.SSLContext;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The secrets that the handshakes under way have agreed on, as BoringSSL tells them in the form of
 * a key log (RFC 9850). They are kept from their line in the log to the end of the handshake, and
 * written nowhere.
 *
 * <p>Event loop only: that is where handshakes run.
 */
final class Secrets {
  private static final byte[] CLIENT = label("CLIENT_TRAFFIC_SECRET_0");
  private static final byte[] SERVER = label("SERVER_TRAFFIC_SECRET_0");

  private static final class Pair {
    byte @Nullable [] client;
    byte @Nullable [] server;

    void wipe() {
      for (byte[] each : new byte @Nullable [][] {client, server}) {
        if (each != null) {
          Arrays.fill(each, (byte) 0);
        }
      }
    }
  }

  /** By the connection, as BoringSSL has it. */
  private final Map<Long, Pair> pairs = new HashMap<>();

  private Secrets() {}

  /** Listens to the handshakes of this context. */
  static Secrets of(ReferenceCountedOpenSslContext context) {
    Secrets secrets = new Secrets();
    if (!SSLContext.setKeyLogCallback(pointer(context), secrets::logged)) {
      throw new IllegalStateException("BoringSSL does not tell the secrets of its handshakes");
    }
    return secrets;
  }

  /** What Netty's {@code context()} is called for, but not any more: that crashes. */
  private static long pointer(ReferenceCountedOpenSslContext context) {
    try {
      Field field = ReferenceCountedOpenSslContext.class.getDeclaredField("ctx");
      field.setAccessible(true);
      return field.getLong(context);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this release of Netty has no ctx", e);
    }
  }

  private static byte[] label(String text) {
    return (text + ' ').getBytes(StandardCharsets.US_ASCII);
  }

  private void logged(long connection, byte[] line) {
    if (begins(line, CLIENT)) {
      pair(connection).client = secret(line, endOfRandom(line, CLIENT.length) + 1);
    } else if (begins(line, SERVER)) {
      pair(connection).server = secret(line, endOfRandom(line, SERVER.length) + 1);
    } // else of the handshake itself
    Arrays.fill(line, (byte) 0);
  }

  private static boolean begins(byte[] line, byte[] label) {
    return line.length >= label.length
        && Arrays.equals(line, 0, label.length, label, 0, label.length);
  }

  private Pair pair(long connection) {
    return pairs.computeIfAbsent(connection, _ -> new Pair());
  }

  /** Returns where the client's random, which is between label and secret, ends. */
  private static int endOfRandom(byte[] line, int from) {
    int at = from;
    while (at < line.length && line[at] != ' ') {
      at++;
    }
    return at;
  }

  private static byte[] secret(byte[] line, int from) {
    int end = from;
    while (end < line.length && HexFormat.isHexDigit(line[end])) {
      end++;
    }
    byte[] secret = new byte[(end - from) / 2];
    for (int i = 0; i < secret.length; i++) {
      int high = HexFormat.fromHexDigit(line[from + 2 * i]);
      secret[i] = (byte) (high << 4 | HexFormat.fromHexDigit(line[from + 2 * i + 1]));
    }
    return secret;
  }

  /**
   * Returns the records of a connection whose handshake has ended, of which none is received yet;
   * null if they were not told, as before TLS 1.3.
   *
   * @param sealed records of ours that there are already
   */
  @Nullable Records take(long connection, Suite suite, int sealed) {
    Pair pair = pairs.remove(connection);
    if (pair == null || pair.client == null || pair.server == null) {
      return null;
    }
    return Records.of(suite, pair.client, 0, pair.server, sealed);
  }

  /** The handshake came to nothing. */
  void forget(long connection) {
    Pair pair = pairs.remove(connection);
    if (pair != null) {
      pair.wipe();
    }
  }

  @Override
  public String toString() {
    return pairs.size() + " handshakes under way";
  }
}
