package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.Nightly;
import io.baton.testing.Seeds;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Sessions of Link whose connections are cut anywhere while the server is reloaded: each message is
 * received once, whole and in its order, in both directions.
 */
class LinkCutsIT {
  private static final int WORKERS = 4;
  private static final int CUTS = Nightly.of(5_000, 25);
  private static final int SESSIONS = 8;
  private static final int LONGEST = 1 << 20;

  private static int port;

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        ModuleJar.install(server, LinkModule.class, Map.of(), LinkWords.class);
        port = LinkTalk.listen(server, "link", "service = numbers");
        server
            .configure("workers", WORKERS)
            // A reload waits for a handshake whose client is gone and that nobody ends.
            .configure("listener-defaults.header-timeout", "3s")
            .configure(
                "listeners.near",
                "{ endpoint = \"unix:near.sock\", codec = link, service = numbers,"
                    + " placement = round-robin }");
      });

  @Test
  void nothingIsLostOrDoubledWhereverTcpConnectionsAreCut() throws Exception {
    TestServer server = SERVERS.running();
    exchangeWhileCut(server, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  @Test
  void nothingIsLostOrDoubledWhereverUnixConnectionsAreCut() throws Exception {
    TestServer server = SERVERS.running();
    exchangeWhileCut(server, UnixDomainSocketAddress.of(server.runDir.resolve("near.sock")));
  }

  private static void exchangeWhileCut(TestServer server, SocketAddress target) throws Exception {
    long seed = Seeds.one(LinkCutsIT.class);
    List<LinkSeries> all = new ArrayList<>();
    try (LinkProxy proxy = new LinkProxy(target, CUTS, seed);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      String where = "tcp://127.0.0.1:" + proxy.port() + "/numbers";
      for (int i = 0; i < SESSIONS; i++) {
        all.add(new LinkSeries(where, new Random(seed + i), LONGEST));
      }
      List<Future<?>> exchanges = new ArrayList<>();
      for (LinkSeries each : all) {
        exchanges.add(
            threads.submit(() -> {
              each.exchange(() -> proxy.cuts() < CUTS);
              return null;
            }));
      }
      int moves = 0;
      while (moves < 2 || exchanges.stream().anyMatch(each -> !each.isDone())) {
        Moved moved = Moved.by(server, moves++ % 2 == 0 ? "reload" : "recycle");
        assertThat(moved.closed()).as("seed %d: %s", seed, moved).isZero();
      }
      for (Future<?> each : exchanges) {
        each.get();
      }
      for (LinkSeries each : all) {
        each.assertComplete();
      }
      proxy.calm();
      assertThat(proxy.cuts()).as("seed %d", seed).isGreaterThanOrEqualTo(CUTS);
      for (LinkSeries each : all) {
        each.close();
      }
    }
    Status status = server.awaitQuiet();
    assertThat(status.total("resumed")).isPositive();
    assertThat(status.total("errors")).isZero();
  }
}
