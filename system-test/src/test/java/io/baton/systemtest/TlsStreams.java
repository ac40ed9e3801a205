package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.Seeds;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.Security;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * The JDK's own TLS clients, each of which has an echo say everything back, byte by byte, until it
 * is told to finish. They update their keys every 64 KiB.
 */
final class TlsStreams implements AutoCloseable {
  private static final int MAX_PIECE = 20_000;

  /** All of them together speak about 200 times a second, so that the server has time, too. */
  private static final long PAUSE_NS = 5_000_000;

  static {
    Security.setProperty("jdk.tls.keyLimits", "AES/GCM/NoPadding KeyUpdate 2^16");
  }

  private final List<Thread> threads = new ArrayList<>();
  private final Queue<String> harm = new ConcurrentLinkedQueue<>();
  private final AtomicLongArray rounds;
  private volatile boolean enough;

  TlsStreams(int port, int clients, SSLContext context) throws IOException {
    rounds = new AtomicLongArray(clients);
    Random seeds = new Random(Seeds.one(TlsStreams.class));
    for (int i = 0; i < clients; i++) {
      int number = i;
      long seed = seeds.nextLong();
      SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port);
      threads.add(
          Thread.ofVirtual().name("tls-", i).start(() -> stream(number, socket, new Random(seed))));
    }
  }

  /** Trusts whom this authority has given a certificate. */
  static SSLContext context(X509Certificate authority)
      throws GeneralSecurityException, IOException {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    trusted.setCertificateEntry("authority", authority);
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), new SecureRandom());
    return context;
  }

  private void stream(int number, SSLSocket socket, Random random) {
    try (socket) {
      while (!enough) {
        byte[] said = new byte[1 + random.nextInt(MAX_PIECE)];
        random.nextBytes(said);
        socket.getOutputStream().write(said);
        byte[] answer = socket.getInputStream().readNBytes(said.length);
        if (!Arrays.equals(said, answer)) {
          harm.add(
              "client %d: %d of %d bytes, or others".formatted(number, answer.length, said.length));
          return;
        }
        rounds.incrementAndGet(number);
        LockSupport.parkNanos(PAUSE_NS * rounds.length());
      }
    } catch (IOException e) {
      harm.add("client " + number + ": " + e);
    }
  }

  /** Returns how often all of them together were answered. */
  long rounds() {
    long all = 0;
    for (int i = 0; i < rounds.length(); i++) {
      all += rounds.get(i);
    }
    return all;
  }

  /** Waits until each has been answered again. */
  void awaitAnswers() {
    long[] before = new long[rounds.length()];
    Arrays.setAll(before, rounds::get);
    Wait.until(
        "answers for all",
        () -> {
          assertUnharmed();
          for (int i = 0; i < before.length; i++) {
            if (rounds.get(i) <= before[i]) {
              return false;
            }
          }
          return true;
        });
  }

  void assertUnharmed() {
    assertThat(harm).isEmpty();
  }

  @Override
  public void close() {
    enough = true;
    for (Thread each : threads) {
      try {
        each.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while clients finish", e);
      }
    }
  }
}
