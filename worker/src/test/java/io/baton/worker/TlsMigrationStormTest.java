package io.baton.worker;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.Configuration;
import io.baton.config.Settings.LaneKind;
import io.baton.config.SettingsReader;
import io.baton.credentials.TestFiles;
import io.baton.credentials.TicketSecret;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.testing.Nightly;
import io.baton.testing.Seeds;
import io.baton.testing.server.Command;
import io.baton.worker.codec.raw.RawCodec;
import io.baton.worker.session.Route;
import io.baton.worker.session.TestRoutes;
import io.baton.worker.tls.TlsConnections;
import io.netty.buffer.ByteBuf;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * OpenSSL's own clients of TLS 1.3 exchange bytes and update their keys while every connection
 * moves to the other worker every 50 ms.
 */
@ExtendWith(NoLeaks.class)
final class TlsMigrationStormTest {
  private static final Duration EVERY = Duration.ofMillis(50);

  /** 5 min at that pace, or 3 s. */
  private static final int ROUNDS = Nightly.of(6_000, 60);

  private static final int CLIENTS = 20;
  private static final List<String> SUITES =
      List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

  /** None of them begins what s_client takes for a command. */
  private static final byte[] LETTERS = "0123456789acdefghij\n".getBytes(US_ASCII);

  /** Less than a record. */
  private static final int MAX_PIECE = 4_000;

  private static final long PAUSE_NANOS = 2_000_000;

  /** What one thread of a client does. */
  private interface Conversation {
    void run() throws Exception;
  }

  @TempDir private Path dir;
  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private final AtomicInteger exchanges = new AtomicInteger();
  private final AtomicInteger updates = new AtomicInteger();
  private volatile boolean over;

  private static String listener(LaneKind lane) {
    return "secret-" + lane.name().toLowerCase(Locale.ROOT);
  }

  private static List<Route<?, ?>> routes(int worker) {
    List<Route<?, ?>> routes = new ArrayList<>();
    for (LaneKind lane : LaneKind.values()) {
      String key = "lane = " + lane.name().toLowerCase(Locale.ROOT);
      routes.add(TestRoutes.of(listener(lane), key, new RawCodec(), Echo::new));
    }
    return routes;
  }

  private static final class Echo implements Service<ByteBuf, ByteBuf> {
    @Override
    public void received(Session<ByteBuf> session, ByteBuf message) {
      session.send(message.retain());
    }
  }

  /** Each of the two workers has what the other one has read from the same files. */
  private Worker.Encryption encryption() throws Exception {
    StringBuilder listeners = new StringBuilder();
    for (LaneKind lane : LaneKind.values()) {
      listeners.append(
          """
          baton.listeners.%s {
            endpoint = "unix:%s", codec = raw, service = echo, tls.certificates = [%s]
          }
          """
              .formatted(listener(lane), listener(lane), TestFiles.identity("ec", dir)));
    }
    Path file = Files.writeString(dir.resolve("baton.conf"), listeners);
    Configuration read = SettingsReader.read(file, Map.of(), dir);
    return held ->
        TlsConnections.of(read.settings().listeners(), read.credentials(), tickets(), held);
  }

  private static TicketSecret tickets() {
    return TicketSecret.random(System.currentTimeMillis());
  }

  /**
   * One {@code s_client}. What the server says comes to its output, byte by byte, and what it says
   * itself to its error output. Between it and the server its bytes go by pieces, with pauses, so
   * that records are cut anywhere when the connection moves.
   */
  private final class OpenSsl {
    private final Process process;
    private final BufferedReader says;
    private final SocketChannel there;
    private final SocketChannel wire;

    OpenSsl(Relay relay, int worker, int listener, String suite) throws Exception {
      try (ServerSocketChannel door =
          ServerSocketChannel.open()
              .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
        process =
            new ProcessBuilder(
                    "openssl",
                    "s_client",
                    "-brief",
                    "-connect",
                    "127.0.0.1:" + door.socket().getLocalPort(),
                    "-tls1_3",
                    "-ciphersuites",
                    suite,
                    "-CAfile",
                    TestFiles.put("authority.pem", dir).toString(),
                    "-verify_return_error",
                    "-servername",
                    "localhost")
                .start();
        there = door.accept();
      }
      says = process.errorReader(US_ASCII);
      wire = relay.client(worker, listener);
    }

    /** Returns all of its threads. */
    List<Thread> begin(long seed) {
      Random pieces = new Random(seed);
      return List.of(
          thread(() -> pass(there, wire, () -> 1 + pieces.nextInt(MAX_PIECE))),
          thread(() -> pass(wire, there, () -> MAX_PIECE)),
          thread(() -> {
            try (there;
                wire) {
              talk(new Random(seed));
              process.getOutputStream().close();
              assertThat(process.getInputStream().readAllBytes()).isEmpty();
              assertThat(process.waitFor()).isZero();
            } finally {
              process.destroyForcibly();
            }
          }));
    }

    private Thread thread(Conversation does) {
      return Thread.ofVirtual()
          .start(() -> {
            try {
              does.run();
            } catch (Throwable t) {
              failures.add(t);
            }
          });
    }

    private void pass(SocketChannel from, SocketChannel to, IntSupplier length) throws IOException {
      ByteBuffer piece = ByteBuffer.allocate(MAX_PIECE);
      try {
        while (from.read(piece.clear().limit(length.getAsInt())) >= 0) {
          piece.flip();
          while (piece.hasRemaining()) {
            to.write(piece);
          }
          LockSupport.parkNanos(PAUSE_NANOS);
        }
        to.shutdownOutput();
      } catch (ClosedChannelException _) {
        return; // it has left
      } catch (IOException e) {
        from.close();
        to.close(); // who waits at the other end must not wait for ever
        throw e;
      }
    }

    private void talk(Random random) throws IOException {
      awaitLine("CONNECTION ESTABLISHED");
      while (!over) {
        echo(random);
        exchanges.incrementAndGet();
        if (random.nextInt(4) == 0) {
          updateKey(random.nextBoolean());
        }
      }
    }

    private void echo(Random random) throws IOException {
      byte[] sent = new byte[1 + random.nextInt(20_000)];
      for (int i = 0; i < sent.length; i++) {
        sent[i] = LETTERS[random.nextInt(LETTERS.length)];
      }
      OutputStream in = process.getOutputStream();
      in.write(sent);
      in.flush();
      InputStream out = process.getInputStream();
      assertThat(out.readNBytes(sent.length)).isEqualTo(sent);
    }

    /** Updates its key, and has us update ours if that is wanted. */
    private void updateKey(boolean both) throws IOException {
      OutputStream in = process.getOutputStream();
      in.write((both ? "K\n" : "k\n").getBytes(US_ASCII));
      in.flush();
      awaitLine("KEYUPDATE");
      updates.incrementAndGet();
    }

    private void awaitLine(String wanted) throws IOException {
      for (String line; (line = says.readLine()) != null; ) {
        if (line.equals(wanted)) {
          return;
        }
      }
      throw new IOException("s_client has ended without a line " + wanted);
    }
  }

  @BeforeAll
  static void needOpenSsl() {
    try (Command _ = Command.start(List.of("openssl", "version"))) {
      return;
    } catch (IOException _) {
      String line = "SKIPPED: TlsMigrationStormTest needs openssl";
      System.out.println(line);
      Assumptions.abort(line);
    }
  }

  @Test
  @Timeout(1_200)
  void noByteIsLostThoughKeysAreUpdatedAndEveryConnectionMovesAllTheTime() throws Exception {
    Relay relay = new Relay("", TlsMigrationStormTest::routes, encryption());
    List<Thread> threads = new ArrayList<>();
    long seed = Seeds.one(TlsMigrationStormTest.class);
    for (int i = 0; i < CLIENTS; i++, seed++) {
      int worker = i % 2;
      int listener = i % LaneKind.values().length;
      OpenSsl client = new OpenSsl(relay, worker, listener, SUITES.get(i % SUITES.size()));
      threads.addAll(client.begin(seed));
    }
    for (int round = 0; round < ROUNDS && failures.isEmpty(); round++) {
      relay.allowAll(0);
      relay.allowAll(1);
      LockSupport.parkNanos(EVERY.toNanos());
    }
    int before = exchanges.get();
    relay.await("all go on", () -> exchanges.get() > before + CLIENTS || !failures.isEmpty());
    over = true;
    for (Thread each : threads) {
      each.join();
    }
    assertThat(failures).isEmpty();
    assertThat(relay.refusals).isEmpty();
    assertThat(relay.moved.get()).as("moves").isGreaterThan(ROUNDS * CLIENTS / 4);
    assertThat(updates.get()).as("updates of keys").isGreaterThan(CLIENTS);
    relay.await("all have left", () -> relay.connections(0) + relay.connections(1) == 0);
    relay.await("nothing is held", () -> relay.held() == 0);
    System.out.printf(
        "%d moves of %d encrypted connections, %d exchanges, %d updates of keys%n",
        relay.moved.get(), CLIENTS, exchanges.get(), updates.get());
    relay.close();
  }
}
