package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.server.Ports;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Streams of events while their worker is about to end. */
class DrainingIT {
  private static final int STREAMS = 20;
  private static final String END = "event: moving\ndata: \n\n\r\n0\r\n\r\n";

  private static int port;

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        port = Ports.free(1).getFirst();
        server
            .configure("fleet.drain-timeout", "1h") // whoever waits for that waits too long
            .configure(
                "listeners.ticks",
                ("{ endpoint = \"tcp://127.0.0.1:%d\", codec = http,"
                        + " routes { \"/ticks\" = ticks, \"/hello\" = hello } }")
                    .formatted(port));
      });

  private static List<Client> streams() throws Exception {
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < STREAMS; i++) {
      Client client = Client.tcp(port);
      client.sendGet("/ticks");
      readTo(client, "data: 1 from worker");
      clients.add(client);
    }
    return clients;
  }

  private static void readTo(Client client, String end) throws Exception {
    StringBuilder all = new StringBuilder();
    while (!all.toString().endsWith(end)) {
      assertThat(all.length()).as("without its end: %s", all).isLessThan(100_000);
      all.append(new String(client.read(1), java.nio.charset.StandardCharsets.ISO_8859_1));
    }
  }

  @Test
  void aReloadEndsThemInOrderAndMovesTheirConnections() throws Exception {
    TestServer server = SERVERS.running();
    List<Client> clients = streams();
    for (int times = 0; times < 2; times++) {
      Moved moved = Moved.by(server, "reload");
      assertThat(moved.migrated()).isEqualTo(STREAMS);
      assertThat(moved.closed()).isZero();
      assertThat(moved.finished()).isZero();
      for (Client client : clients) {
        readTo(client, END);
        assertThat(client.get("/hello").body()).isEqualTo("Hello, World!");
        client.sendGet("/ticks");
        readTo(client, "data: 1 from worker");
      }
    }
    for (Client client : clients) {
      client.close();
    }
    assertThat(server.status().total("errors")).isZero();
  }

  @Test
  void aStopEndsThemInOrderAndDoesNotWait() throws Exception {
    TestServer server = SERVERS.running();
    List<Client> clients = streams();
    server.stop();
    for (Client client : clients) {
      readTo(client, END);
      assertThat(client.isEnded()).isTrue();
      client.close();
    }
    assertThat(server.processes()).isEmpty();
  }
}
