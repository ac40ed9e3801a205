package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A request that is never answered ends, by the server's clock or with its client. */
class UnansweredIT {
  private static int timed;
  private static int patient;

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        server.configure("workers", 1).launchReal(0);
        timed = server.listen("timed", "silent");
        patient = server.listen("patient", "silent");
        server
            .configure("listeners.timed.codec", "http")
            .configure("listeners.timed.response-timeout", "1s")
            .configure("listeners.patient.codec", "http")
            .configure(
                "listeners.near",
                "{ endpoint = \"unix:near.sock\", codec = http, service = silent }");
        ModuleJar.install(server, SilentModule.class, Map.of());
      });

  @Test
  void itIsAnsweredWith504AndCountedAndLogged() throws Exception {
    TestServer server = SERVERS.running();
    try (Client client = Client.tcp(timed)) {
      Client.Answer answer = client.get("/never?secret");
      assertThat(answer.code()).isEqualTo(504);
      assertThat(answer.closes()).isTrue();
      assertThat(client.isEnded()).isTrue();
    }
    server.await("it is counted", s -> s.total("unanswered") == 1);
    assertThat(server.awaitWorkerLog(0, " ms after GET /never its service has not answered;"))
        .containsPattern("listener timed: session \\d+ of tcp:127.0.0.1:\\d+ is closed:")
        .doesNotContain("secret");
  }

  @Test
  void itDoesNotHoldUpAReloadForLonger() throws Exception {
    TestServer server = SERVERS.running();
    try (Client client = Client.tcp(timed)) {
      client.sendGet("/never");
      server.await("the request", s -> s.worker(0).connections() == 1);
      assertThat(server.script("reload").exit()).isZero();
      assertThat(client.answer().code()).isEqualTo(504);
      server.await("only the new worker", s -> s.isSettled() && s.workers().size() == 1);
    }
  }

  /** How a client leaves. */
  enum Leaving {
    CLOSED {
      @Override
      void leave(Client client) throws Exception {
        client.close();
      }
    },
    RESET {
      @Override
      void leave(Client client) throws Exception {
        client.reset();
      }
    };

    abstract void leave(Client client) throws Exception;
  }

  @ParameterizedTest
  @EnumSource(Leaving.class)
  void aClientThatLeavesWhileItWaitsIsNoticed(Leaving how) throws Exception {
    var _ = SERVERS.running();
    assertNoticed(Client.tcp(patient), how);
  }

  @ParameterizedTest
  @EnumSource(Leaving.class)
  void soIsOneThatHasAskedForMore(Leaving how) throws Exception {
    var _ = SERVERS.running();
    Client client = Client.tcp(patient);
    client.sendGet("/never");
    client.sendGet("/more");
    assertNoticed(client, how);
  }

  @Test
  void soIsALocalOne() throws Exception {
    Path socket = SERVERS.running().runDir.resolve("near.sock");
    assertNoticed(Client.unix(socket), Leaving.CLOSED);
  }

  private static void assertNoticed(Client client, Leaving how) throws Exception {
    TestServer server = SERVERS.running();
    int before = left();
    client.sendGet("/never");
    server.await("both requests", s -> s.total("messagesIn") == 2); // this, and that of left()
    how.leave(client);
    server.await("it is noticed", s -> s.worker(0).connections() == 0);
    assertThat(left()).isEqualTo(before + 1);
    assertThat(server.status().total("unanswered")).isZero();
  }

  private static int left() throws Exception {
    try (Client client = Client.tcp(patient)) {
      client.send("GET " + SilentModule.LEFT + " HTTP/1.0\r\n\r\n");
      return Integer.parseInt(client.answer().body().strip());
    }
  }

  @Test
  void aClientThatEndsItsSideAndWaitsIsAnswered() throws Exception {
    var _ = SERVERS.running();
    try (Client client = Client.tcp(patient)) {
      client.sendGet(SilentModule.LATE);
      client.shutdownOutput();
      assertThat(client.readAll())
          .startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
          .endsWith("\r\n\r\nOK\n");
    }
  }
}
