package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.server.Ports;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Listeners that a reload adds, removes, changes and leaves alone. */
class ListenersReloadIT {
  /** With one worker, so that nobody else could serve the clients of one that is replaced. */
  @RegisterExtension
  static final Servers SERVERS = Servers.shared(server -> server.configure("workers", 1));

  private static boolean isRefused(int port) throws IOException {
    try (Client _ = Client.tcp(port)) {
      return false;
    } catch (ConnectException _) {
      return true;
    }
  }

  private static void assertEchoes(int port) throws IOException {
    try (Client client = Client.tcp(port)) {
      assertThat(client.echo("ping")).isEqualTo("ping");
    }
  }

  @Test
  void oneThatIsAddedServesFromThenOn() throws Exception {
    TestServer server = SERVERS.running();
    int port = server.listen("another", "echo");
    assertThat(isRefused(port)).isTrue();
    assertThat(Moved.by(server, "reload").closed()).isZero();
    assertEchoes(port);
    server.await("its count", s -> s.listener("another").accepted() == 1);
    server.visitEcho();
  }

  @Test
  void oneThatIsRemovedFinishesWhatItHasAndSaysGoodbye() throws Exception {
    TestServer server =
        SERVERS.create().configure("workers", 1).configure("fleet.drain-timeout", "4s");
    String without = Files.readString(server.conf);
    Site site = Site.of(server);
    server.start();
    try (HttpClient http = HttpClient.newHttpClient();
        Dialogue client = Dialogue.with(http, site.webSocket("/echo"));
        Streams others = new Streams(server.echo, 20)) {
      assertThat(client.say("one").heard()).isEqualTo("text one");
      Files.writeString(server.conf, without);
      var reload = server.begin("reload");
      Wait.until("it is closed to new clients", () -> isRefused(site.port()));
      assertThat(client.say("two").heard()).isEqualTo("text two");

      assertThat(client.heard()).startsWith("close 1012");
      Moved moved = Moved.of(reload.get());
      assertThat(moved.closed()).isEqualTo(1);
      assertThat(moved.migrated()).isEqualTo(20);
      others.awaitAnswers();
      others.assertUnharmed();
    }
  }

  @Test
  void oneWhoseAddressChangesKeepsItsConnections() throws Exception {
    TestServer server = SERVERS.running();
    int next = Ports.free(1).getFirst();
    try (Streams clients = new Streams(server.echo, 20)) {
      server.configure("listeners.echo.endpoint", "\"tcp://127.0.0.1:" + next + "\"");
      Moved moved = Moved.by(server, "reload");
      assertThat(moved.migrated()).isEqualTo(20);
      assertThat(moved.closed()).isZero();
      assertThat(isRefused(server.echo)).isTrue();
      assertEchoes(next);
      clients.awaitAnswers();
      clients.assertUnharmed();
    }
  }

  @Test
  void twoMayChangePlaces() throws Exception {
    TestServer server = SERVERS.running();
    String endpoint = "\"tcp://127.0.0.1:%d\"";
    try (Client before = server.echo()) {
      assertThat(before.echo("echo")).isEqualTo("echo");
      server.configure("listeners.echo.endpoint", endpoint.formatted(server.web));
      server.configure("listeners.web.endpoint", endpoint.formatted(server.echo));
      assertThat(Moved.by(server, "reload").closed()).isZero();
      assertThat(before.echo("still echo")).isEqualTo("still echo");
      assertEchoes(server.web);
      try (Client web = Client.tcp(server.echo)) {
        assertThat(web.get("/hello").code()).isEqualTo(200);
      }
    }
  }

  @Test
  void clientsWhoComeMeanwhileAreServed() throws Exception {
    TestServer server = SERVERS.running();
    Visitors echo = new Visitors(2, server::visitEcho);
    Visitors web = new Visitors(2, server::visitWeb);
    Visitors local =
        new Visitors(
            1,
            () -> {
              try (Client client = server.local()) {
                assertThat(client.echo("ping")).isEqualTo("ping");
              }
            });
    try (echo;
        web;
        local) {
      for (int i = 0; i < 4; i++) {
        assertThat(Moved.by(server, "reload").closed()).isZero();
        echo.awaitMore(10);
        web.awaitMore(10);
        local.awaitMore(10);
      }
    }
    assertThat(echo.failures()).isEmpty();
    assertThat(web.failures()).isEmpty();
    assertThat(local.failures()).isEmpty();
  }

  @Test
  void clientsWhoWaitInTheKernelAreServedByTheNewWorkers() throws Exception {
    TestServer server =
        SERVERS
            .create()
            .configure("workers", 1)
            .configure("fleet.max-unacked", 2)
            .configure("fleet.hang-timeout", "off")
            .configure("fleet.drain-timeout", "2s")
            .start();
    List<Long> stopped = server.status().pids();
    for (long pid : stopped) {
      Procs.stop(pid);
    }
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Client client = server.echo();
      client.send("hello");
      clients.add(client);
    }
    server.await("no room", s -> s.listener("echo").state().equals("waiting"));
    assertThat(server.status().listener("echo").accepted()).isLessThan(100);

    Moved moved = Moved.by(server, "reload");
    assertThat(moved.closed()).isZero();
    for (Client client : clients) {
      assertThat(client.readText("hello")).isEqualTo("hello");
      client.close();
    }
    assertThat(server.status().pids()).doesNotContainAnyElementsOf(stopped);
    assertThat(server.status().total("refused")).isZero();
  }
}
