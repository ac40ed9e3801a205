package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.Nightly;
import io.baton.testing.Seeds;
import io.baton.testing.server.Command;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Byte streams of Link between a client and a worker that both have little memory. */
class LinkStreamIT {
  private static final String HEAP = "-Xmx64m";
  private static final long LARGE = Nightly.of(5 << 10, 64) * (1L << 20);
  private static final long SMALL = 4L << 20;
  private static final int CUTS = 10;
  private static final int STREAMS = 32;
  private static final int MESSAGES = 10_000;

  /** Of a DATA frame of a stream. */
  private static final int CHUNK = 16 << 10;

  private static int port;

  @TempDir private Path dir;

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        ModuleJar.install(
            server,
            LinkStreamsModule.class,
            Map.of(),
            LinkWords.class,
            LinkModule.class,
            LinkStreamPeer.class,
            LinkBytes.class);
        port = LinkTalk.listen(server, "link", "service = streams");
        // A reload waits for a handshake that the proxy holds up.
        server.configure("listener-defaults.header-timeout", "3s");
        server.configure(
            "worker.java-options",
            ("[\"%s\", \"-XX:+UseSerialGC\", \"-XX:+UseCompactObjectHeaders\","
                    + " \"-XX:+ExitOnOutOfMemoryError\", %s]")
                .formatted(HEAP, TestServer.LEAKS_LOOKED_FOR));
      });

  private static String at(int port) {
    return "tcp://127.0.0.1:" + port + "/streams";
  }

  private static LinkStreamClient client() throws Exception {
    return new LinkStreamClient(at(port));
  }

  private static LinkProxy proxy(long seed, long bytes) throws Exception {
    // Ten cuts come within the first half of the bytes on average.
    LinkFrames.Span span = new LinkFrames.Span((int) (bytes / CHUNK / CUTS), CHUNK);
    return new LinkProxy(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CUTS, seed, span);
  }

  // ---- larger than memory ----

  @Test
  void filesLargerThanBothHeapsAreSentBothWaysOverCutsAndAReload() throws Exception {
    TestServer server = SERVERS.running();
    long seed = Seeds.one(LinkStreamIT.class);
    Path up = LinkBytes.file(dir.resolve("up"), LARGE, seed);
    Path down = LinkBytes.file(dir.resolve("down"), LARGE, seed + 1);
    Path sent = dir.resolve("up.sent");
    Path received = dir.resolve("down.received");
    try (LinkProxy proxy = proxy(seed, LARGE)) {
      Process client = ownJvm(at(proxy.port()), up, "file " + sent, down, "file " + received);
      try {
        Wait.until("half of the cuts", () -> proxy.cuts() >= CUTS / 2 || !client.isAlive());
        assertThat(client.isAlive()).as("seed %d: the client runs", seed).isTrue();
        proxy.hold(); // so that the streams are there when the session moves
        Moved moved = Moved.by(server, "reload");
        proxy.release();
        assertThat(moved.migrated()).as("seed %d: %s", seed, moved).isPositive();
        assertThat(moved.closed()).as("seed %d: %s", seed, moved).isZero();
        assertThat(client.waitFor(15, TimeUnit.MINUTES)).as("seed %d: it ends", seed).isTrue();
        assertThat(Files.readAllLines(dir.resolve("client.out")))
            .as("seed %d", seed)
            .containsExactly(
                "sent file " + sent + ": complete",
                "received file " + received + ": complete",
                "service received file " + sent + ": complete",
                "service sent file " + received + ": complete",
                "messages meanwhile: some");
        assertThat(proxy.cuts()).as("seed %d", seed).isGreaterThanOrEqualTo(CUTS);
      } finally {
        client.destroyForcibly().waitFor();
      }
    }
    assertThat(LinkBytes.sum(sent)).as("seed %d", seed).isEqualTo(LinkBytes.sum(up));
    assertThat(LinkBytes.sum(received)).as("seed %d", seed).isEqualTo(LinkBytes.sum(down));
    Status status = server.awaitQuiet();
    assertThat(status.total("workerDeaths")).isZero();
    assertThat(status.total("errors")).isZero();
  }

  private Process ownJvm(String where, Path up, String upName, Path down, String downName)
      throws Exception {
    return new ProcessBuilder(
            TestServer.java().toString(),
            HEAP,
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            LinkStreamClient.class.getName(),
            where,
            up.toString(),
            upName,
            down.toString(),
            downName)
        .redirectErrorStream(true)
        .redirectOutput(dir.resolve("client.out").toFile())
        .start();
  }

  @Test
  void streamsOfObjectsGoOnOverCutsAndKeepTheirSessionInItsWorker() throws Exception {
    TestServer server = SERVERS.running();
    long seed = Seeds.one(LinkStreamIT.class);
    try (LinkProxy proxy = proxy(seed, 4 * SMALL);
        LinkStreamClient client = new LinkStreamClient(at(proxy.port()))) {
      client.says("pid 1");
      client.sendBytes("sum up", 4 * SMALL, seed);
      client.says("bytes %d %d sum down".formatted(4 * SMALL, seed + 1));
      client.says("bytes %d %d held back".formatted(SMALL, seed + 2)); // until it is released
      FutureTask<Command.Result> reload = server.begin("reload");
      assertThat(client.told("service received sum up")).isEqualTo(LinkBytes.sum(4 * SMALL, seed));
      assertThat(client.told("received sum down")).isEqualTo(LinkBytes.sum(4 * SMALL, seed + 1));
      client.says("pid 2");
      assertThat(client.told("service pid 2")).isEqualTo(client.told("service pid 1"));
      assertThat(reload.isDone()).isFalse();
      client.release();
      assertThat(client.told("received held back")).isEqualTo(LinkBytes.sum(SMALL, seed + 2));
      Moved moved = Moved.of(reload.get());
      assertThat(moved.migrated()).as("seed %d: %s", seed, moved).isEqualTo(1);
      for (String end : List.of("sent sum up", "service sent sum down", "service sent held back")) {
        assertThat(client.told(end)).as("seed %d: %s", seed, end).isEqualTo("complete");
      }
      client.says("pid 3");
      assertThat(client.told("service pid 3")).isNotEqualTo(client.told("service pid 1"));
      assertThat(proxy.cuts()).as("seed %d", seed).isPositive();
      proxy.calm();
    }
    assertThat(server.awaitQuiet().total("errors")).isZero();
  }

  // ---- many at once ----

  @Test
  void manyStreamsAndMessagesAtOnceAreCompleteAndInOrder() throws Exception {
    TestServer server = SERVERS.running();
    long each = 256 << 10;
    try (LinkStreamClient client = client()) {
      for (int i = 0; i < STREAMS; i++) {
        client.sendBytes("sum " + i, each + i, i);
        client.says("bytes %d %d sum %d".formatted(each - i, -i, i));
      }
      for (int i = 0; i < MESSAGES; i++) {
        client.sendsPart(i % 200, (7 * i) % 200);
      }
      client.awaitParts();
      for (int i = 0; i < STREAMS; i++) {
        assertThat(client.told("service received sum " + i)).isEqualTo(LinkBytes.sum(each + i, i));
        assertThat(client.told("received sum " + i)).isEqualTo(LinkBytes.sum(each - i, -i));
        assertThat(client.told("sent sum " + i)).isEqualTo("complete");
        assertThat(client.told("service sent sum " + i)).isEqualTo("complete");
      }
    }
    assertThat(server.awaitQuiet().total("errors")).isZero();
  }
}
