package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.LineDecoder;
import io.baton.codec.TableCodec;
import io.baton.testing.Nightly;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Sessions of several connections, which are accepted by one worker after the other. */
class CompanionsIT {
  private static final int WORKERS = 3;
  private static final int TABLES = Nightly.of(200, 20);
  private static final int ROUNDS = Nightly.of(20, 3);
  private static final int MAX_CONNECTIONS = 15;

  private static int port;

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        ModuleJar.install(server, TableModule.class, Map.of(), TableCodec.class, LineDecoder.class);
        port = server.listen("tables", "waiter");
        server
            .configure("workers", WORKERS)
            .configure("listeners.tables.codec", "table")
            .configure("listeners.tables.placement", "round-robin");
      });

  /** One connection. */
  private static final class Seat implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader from;

    Seat() throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      from =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
    }

    void says(String line) throws IOException {
      socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    /** The next line that does not just repeat which seat this is, as each worker says. */
    String hears() throws IOException {
      String line = String.valueOf(from.readLine());
      return line.startsWith("seat ") ? hears() : line;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  /** A session with its connections. */
  private static final class Table implements AutoCloseable {
    private final List<Seat> seats = new ArrayList<>();
    private final String number;
    private int count;

    Table() throws IOException {
      Seat first = new Seat();
      seats.add(first);
      first.says("new");
      number = first.hears();
    }

    void join() throws IOException {
      Seat next = new Seat();
      next.says("join " + number);
      assertThat(next.from.readLine()).isEqualTo("seat " + seats.size());
      seats.add(next);
    }

    /** Each seat says something, and all of them hear from one worker, whose pid is returned. */
    long counts() throws IOException {
      Set<String> pids = new HashSet<>();
      for (Seat each : seats) {
        each.says("x");
        String[] words = each.hears().split(" ", -1);
        assertThat(words[0]).isEqualTo(String.valueOf(++count));
        pids.add(words[1]);
      }
      assertThat(pids).hasSize(1);
      return Long.parseLong(pids.iterator().next());
    }

    @Override
    public void close() throws IOException {
      seats.getFirst().says("end");
      for (Seat each : seats) {
        assertThat(each.hears()).isEqualTo("bye SERVICE");
        assertThat(each.hears()).isEqualTo("null");
        each.close();
      }
    }
  }

  @Test
  void allConnectionsOfASessionAreInOneWorkerAndMoveTogether() throws Exception {
    TestServer server = SERVERS.running();
    List<Table> tables = new ArrayList<>();
    int connections = 0;
    for (int i = 0; i < TABLES; i++) {
      Table table = new Table();
      tables.add(table);
      while (table.seats.size() < 1 + i % MAX_CONNECTIONS) {
        table.join();
      }
      connections += table.seats.size();
    }
    for (int i = 0; i < ROUNDS; i++) {
      Set<Long> workers = new HashSet<>();
      for (Table each : tables) {
        workers.add(each.counts());
      }
      assertThat(workers).hasSizeGreaterThan(1);
      Moved moved = Moved.by(server, i % 2 == 0 ? "reload" : "recycle");
      assertThat(moved.migrated()).isEqualTo(connections);
      assertThat(moved.closed()).isZero();
    }
    Status status = server.status();
    assertThat(status.total("found")).isPositive().isEqualTo(status.total("sought"));
    assertThat(status.total("errors")).isZero();
    for (Table each : tables) {
      var _ = each.counts();
      each.close();
    }
    var _ = server.awaitQuiet();
  }
}
