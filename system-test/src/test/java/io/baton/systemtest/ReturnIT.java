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
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Clients that lose their connection and find their session again, in whichever worker it is. */
class ReturnIT {
  private static final int WORKERS = 4;

  /** One more than a multiple of the workers: the next connection is another worker's. */
  private static final int CLIENTS = Nightly.of(201, 25);

  private static final int RETURNS = Nightly.of(50, 5);

  private static final int RELOADS = Nightly.of(20, 2);

  private static int tickets;
  private static int proxied;

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
        server.configure("workers", WORKERS).configure("fleet.handoff-timeout", "1s");
        tickets = Tickets.listen(server, "tickets");
        proxied = Tickets.listen(server, "proxied");
        server.configure("listeners.proxied.proxy-protocol.from", "[\"127.0.0.1\"]");
      });

  /** One client, on one connection after the other. */
  private static final class Returning implements AutoCloseable {
    private final int port;
    private final String key;

    /** What its connections begin with. */
    private String preface;

    private Socket socket;
    private BufferedReader from;
    private long pid;
    private int count;

    Returning() throws IOException {
      this(tickets, "");
    }

    Returning(int port, String preface) throws IOException {
      this.port = port;
      this.preface = preface;
      connect();
      key = hears("new");
      counts();
    }

    private void connect() throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.getOutputStream().write(preface.getBytes(StandardCharsets.US_ASCII));
      from =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
    }

    private String hears(String line) throws IOException {
      says(line);
      return String.valueOf(from.readLine());
    }

    private void says(String line) throws IOException {
      socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    /** Says something and is told how often it has. */
    void counts() throws IOException {
      counted(hears("x"));
    }

    private void counted(String answer) {
      String[] words = answer.split(" ", -1);
      assertThat(words[0]).as(answer).isEqualTo(String.valueOf(++count));
      pid = Long.parseLong(words[1]);
    }

    /** Loses its connection, by a FIN or a reset. */
    void loses(boolean reset) throws IOException {
      if (reset) {
        socket.setSoLinger(true, 0);
      }
      socket.close();
    }

    /** Comes back over another connection, and is told what became of its session. */
    String returns() throws IOException {
      connect();
      return hears("again " + key + " " + count + "\nx");
    }

    /** As {@link #returns}, as often as the server asks it to try again. */
    String returnsLater() throws IOException {
      String answer = returns();
      while (answer.equals("later")) {
        answer = returns();
      }
      return answer;
    }

    void returnsToItsSession() throws IOException {
      long before = pid;
      counted(returns());
      assertThat(pid).isEqualTo(before);
    }

    /** Leaves for good. */
    @Override
    public void close() throws IOException {
      says("bye");
      socket.close();
    }
  }

  private static List<Returning> clients(int number) throws IOException {
    List<Returning> all = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      all.add(new Returning());
    }
    return all;
  }

  private static void close(List<Returning> all) throws IOException {
    for (Returning each : all) {
      each.close();
    }
  }

  @Test
  void everyClientFindsItsSessionHoweverOften() throws Exception {
    TestServer server = SERVERS.running();
    List<Returning> all = clients(CLIENTS);
    Set<Long> workers = new HashSet<>();
    for (int i = 0; i < RETURNS; i++) {
      for (Returning each : all) {
        // Every third is only thought to have lost it: the former connection is still there.
        if ((i + all.indexOf(each)) % 3 != 0) {
          each.loses(i % 2 == 0);
        }
        each.returnsToItsSession();
        workers.add(each.pid);
      }
    }
    assertThat(workers).hasSize(WORKERS);
    Status status = server.status();
    assertThat(status.total("found")).isPositive().isEqualTo(status.total("sought"));
    assertThat(status.total("errors")).isZero();
    close(all);
  }

  @Test
  void everyClientFindsItsSessionThroughReloads() throws Exception {
    TestServer server = SERVERS.running();
    List<Returning> all = clients(CLIENTS);
    for (int i = 0; i < RELOADS; i++) {
      for (Returning each : all) {
        if ((i + all.indexOf(each)) % 3 != 0) {
          each.loses(i % 2 == 0);
        }
      }
      Moved moved = Moved.by(server, "reload");
      assertThat(moved.migrated()).isEqualTo(CLIENTS);
      assertThat(moved.closed()).isZero();
      for (Returning each : all) {
        each.counted(each.returns());
      }
    }
    assertThat(server.status().total("errors")).isZero();
    close(all);
  }

  @Test
  void everyClientFindsItsSessionWhileReloadsGoOn() throws Exception {
    TestServer server = SERVERS.running();
    List<Returning> all = clients(CLIENTS);
    FutureTask<@Nullable Void> returns = new FutureTask<>(() -> loseAndReturn(all), null);
    Thread.ofPlatform().name("returns").start(returns);
    int reloads = 0;
    while (reloads < 2 || !returns.isDone()) {
      assertThat(Moved.by(server, "reload").closed()).isZero();
      reloads++;
    }
    returns.get();
    assertThat(server.status().total("errors")).isZero();
    close(all);
  }

  private static void loseAndReturn(List<Returning> all) {
    try {
      for (int i = 0; i < RETURNS; i++) {
        for (Returning each : all) {
          if ((i + all.indexOf(each)) % 3 != 0) {
            each.loses(i % 2 == 0);
          }
          each.counted(each.returnsLater());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whoComesThroughAProxyDoesToo() throws Exception {
    var _ = SERVERS.running();
    try (Returning client = new Returning(proxied, header(1))) {
      for (int i = 2; i <= 2 * WORKERS; i++) {
        client.loses(false);
        client.preface = header(i);
        client.returnsToItsSession();
        assertThat(client.hears("who"))
            .startsWith("tcp:192.0.2." + i + ":4711 through tcp:127.0.0.1:");
      }
    }
  }

  private static String header(int host) {
    return "PROXY TCP4 192.0.2.%d 127.0.0.1 4711 80\r\n".formatted(host);
  }

  @Test
  void whoseWorkerWasKilledIsToldAtOnceAndNobodyElseNoticesAnything() throws Exception {
    TestServer server = SERVERS.running();
    List<Returning> all = clients(2 * WORKERS);
    long killed = server.status().worker(0).pid();
    Procs.signal("KILL", killed);
    server.await("its death is known", s -> s.workers().stream().noneMatch(w -> w.pid() == killed));
    for (Returning each : all) {
      if (each.pid == killed) {
        assertThat(each.returns()).isEqualTo("nowhere");
      } else {
        each.counts();
        each.loses(true);
        each.returnsToItsSession();
      }
    }
    close(all);
  }

  @Test
  void whoseWorkerDoesNotAnswerIsToldToTryLater() throws Exception {
    TestServer server = SERVERS.running();
    List<Returning> all = clients(WORKERS);
    long stopped = server.status().worker(0).pid();
    Returning its = all.stream().filter(each -> each.pid == stopped).findFirst().orElseThrow();
    its.loses(false);
    Procs.stop(stopped);
    try {
      String answer = "";
      while (!answer.equals("later")) { // the first may be placed on the worker that is stopped
        answer = its.returns();
      }
    } finally {
      Procs.signal("CONT", stopped);
    }
    server.await("it is heard again", s -> s.workers().stream().allMatch(Status.Worker::isReady));
    its.returnsToItsSession();
    close(all);
  }

  @Test
  void aKeyThatTheServerHasNotMadeIsNotSearchedFor() throws Exception {
    TestServer server = SERVERS.running();
    try (Returning client = new Returning()) {
      SessionKey genuine = SessionKey.parse(client.key).orElseThrow();
      try (Client other = Client.tcp(tickets)) {
        other.send("again " + new SessionKey(genuine.high() ^ 1, genuine.low()) + " 0\n");
        assertThat(other.readAll()).isEqualTo("nowhere\n");
      }
      client.counts();
    }
    assertThat(server.status().total("sought")).isZero();
  }
}
