package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.LineDecoder;
import io.baton.codec.LineEncoder;
import io.baton.codec.TicketCodec;
import io.baton.service.SessionKey;
import io.baton.testing.Nightly;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A server that is full takes the clients that come back to their sessions, and nobody else. */
class ReturnLimitsIT {
  private static final int FULL = 8;
  private static final int STORM = Nightly.of(5_000, 400);

  private static int full;
  private static int pairs;
  private static int stormy;

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        ModuleJar.install(
            server,
            TicketModule.class,
            Map.of(),
            TicketCodec.class,
            LineDecoder.class,
            LineEncoder.class);
        full = Tickets.listen(server, "full");
        server.configure("listeners.full.max-connections", FULL);
        pairs = Tickets.listen(server, "pairs");
        server.configure("listeners.pairs.max-connections-per-peer", 2);
        server.configure("listeners.pairs.block-after", 1);
        stormy = Tickets.listen(server, "stormy");
        server.configure("workers", 3);
      });

  /** One client at an address of its own, on one connection after the other. */
  private static final class Returning implements AutoCloseable {
    private final int port;
    private final String address;
    private final String key;
    private Socket socket;
    private BufferedReader from;
    private int count;

    Returning(int port, String address) throws IOException {
      this.port = port;
      this.address = address;
      connect();
      key = hears("new");
    }

    private String says(String line) throws IOException {
      connect();
      return hears(line);
    }

    private void connect() throws IOException {
      socket = new Socket();
      socket.bind(new InetSocketAddress(address, 0));
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      from =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
    }

    private String hears(String line) throws IOException {
      socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
      return String.valueOf(from.readLine());
    }

    boolean isServed() {
      return SessionKey.parse(key).isPresent();
    }

    /** Says something; returns the worker's pid. */
    long counts() throws IOException {
      String[] answer = hears("x").split(" ", -1);
      assertThat(answer[0]).isEqualTo(String.valueOf(++count));
      return Long.parseLong(answer[1]);
    }

    void resets() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }

    /** Comes back; returns what it is told first. */
    String returns() throws IOException {
      return says("again " + key + " " + count + "\nx");
    }

    void returnsToItsSession() throws IOException {
      assertThat(returns()).startsWith(++count + " ");
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static List<Returning> served(int port, int number) throws IOException {
    List<Returning> all = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      Returning client = new Returning(port, "127.0.0.1");
      assertThat(client.isServed()).as(client.key).isTrue();
      var _ = client.counts();
      all.add(client);
    }
    return all;
  }

  private static void close(List<Returning> all) throws IOException {
    for (Returning each : all) {
      each.close();
    }
  }

  private static void assertNoRoom(int port) throws IOException {
    try (Returning fresh = new Returning(port, "127.0.0.1")) {
      assertThat(fresh.key).isEqualTo("full");
    }
  }

  private static void takesThoseWhoComeBack(TestServer server, String listener, int port, int most)
      throws Exception {
    List<Returning> first = served(port, most);
    assertNoRoom(port);
    for (Returning each : first) {
      each.resets();
    }
    server.await("all are away", s -> s.total("away") == most && s.listener(listener).open() == 0);
    List<Returning> second = served(port, most); // in the room that those have left
    assertNoRoom(port);
    for (Returning each : first) {
      each.returnsToItsSession();
    }
    assertNoRoom(port);
    Status status = server.await("all are back", s -> s.total("away") == 0);
    assertThat(status.listener(listener).open()).isEqualTo(2L * most);
    assertThat(status.listener(listener).limited()).isEqualTo(most + 3);
    assertThat(status.listener(listener).denied()).isZero();
    assertThat(status.total("admitted")).isEqualTo(most);
    Status counted = server.await("it is reported", s -> s.total("resumed") == most);
    assertThat(counted.total("lost")).isEqualTo(most);
    close(first);
    close(second);
    server.await("all have left", s -> s.listener(listener).open() == 0);
  }

  @Test
  void aFullServerTakesThoseWhoComeBackAndNobodyElse() throws Exception {
    TestServer server = SERVERS.running(); // it may have other ports from here on
    takesThoseWhoComeBack(server, "full", full, FULL);
  }

  @Test
  void soDoesOneWithALimitPerPeerAndBansNobodyForIt() throws Exception {
    TestServer server = SERVERS.running();
    takesThoseWhoComeBack(server, "pairs", pairs, 2);
  }

  @Test
  void keysThatLeadNowhereAreCounted() throws Exception {
    TestServer server = SERVERS.running();
    Returning client = served(stormy, 1).getFirst();
    SessionKey genuine = SessionKey.parse(client.key).orElseThrow();
    String forged = new SessionKey(genuine.high() ^ 1, genuine.low()).toString();
    try (Returning thief = new Returning(stormy, "127.0.0.1")) {
      thief.resets();
      assertThat(thief.says("again " + forged + " 0")).isEqualTo("nowhere");
    }
    long killed = client.counts();
    Procs.signal("KILL", killed);
    server.await("its death is known", s -> s.workers().stream().noneMatch(w -> w.pid() == killed));
    assertThat(client.returns()).as("its session is gone").isEqualTo("nowhere");
    server.await("it is counted", s -> s.total("forged") == 1 && s.total("nowhere") == 1);
    client.close();
  }

  /** More than may be on their way at a time: the others wait in the kernel. */
  @Test
  void aStormOfReturnsIsServedToTheLast() throws Exception {
    TestServer server = SERVERS.running();
    List<Returning> all = new ArrayList<>();
    for (int i = 0; i < STORM; i++) {
      Returning client = new Returning(stormy, "127.1.%d.%d".formatted(i / 250, 1 + i % 250));
      var _ = client.counts();
      all.add(client);
    }
    for (Returning each : all) {
      each.resets();
    }
    server.await("all are away", s -> s.total("away") == STORM);
    CountDownLatch start = new CountDownLatch(1);
    try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> returns = new ArrayList<>();
      for (Returning client : all) {
        returns.add(
            each.submit(() -> {
              start.await();
              client.returnsToItsSession();
              return client;
            }));
      }
      start.countDown();
      for (Future<?> done : returns) {
        done.get();
      }
    }
    Status status = server.await("all are back", s -> s.total("resumed") == STORM);
    assertThat(status.total("away")).isZero();
    assertThat(status.total("found")).isPositive().isEqualTo(status.total("sought"));
    assertThat(status.total("later")).isZero();
    assertThat(status.total("refused")).isZero();
    close(all);
  }
}
