package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** New code comes with a reload, to everybody at once, and never without one. */
class NewCodeIT {
  @RegisterExtension final Servers servers = Servers.perTest();

  private static void put(Path jar, String answer) throws IOException {
    ModuleJar.write(jar, MovingModule.class, Map.of(MovingModule.ANSWER, answer));
  }

  private static void assertAnswered(List<Client> clients, String answer) throws IOException {
    for (Client client : clients) {
      client.send("?");
      assertThat(client.readText("new")).isEqualTo(answer);
    }
  }

  @Test
  void aJarThatIsReplacedReachesNoWorkerBeforeTheReload() throws Exception {
    TestServer server = servers.create().configure("listener-defaults.placement", "round-robin");
    int port = server.listen("answer", "answer");
    Path jar = ModuleJar.install(server, MovingModule.class, Map.of(MovingModule.ANSWER, "old"));
    server.start();
    try (Client first = Client.tcp(port);
        Client second = Client.tcp(port)) {
      assertAnswered(List.of(first, second), "old");

      put(jar, "new"); // in place: the same file
      assertAnswered(List.of(first, second), "old");
      Status before =
          server.await(
              "both are counted",
              s -> s.workers().stream().mapToInt(Status.Worker::connections).sum() == 2);
      Procs.signal("KILL", before.worker(0).pid());
      server.await("its death", s -> s.total("workerDeaths") == 1);
      server.awaitAllReady();
      // Half of them are the worker's that was started with the new jar in the modules' directory.
      try (Client third = Client.tcp(port);
          Client fourth = Client.tcp(port)) {
        assertAnswered(List.of(third, fourth), "old");

        Moved moved = Moved.by(server, "reload");
        // On a busy machine both may have been the other worker's.
        assertThat(moved.migrated()).isEqualTo(4 - before.worker(0).connections());
        assertThat(moved.closed()).isZero();
        assertAnswered(List.of(third, fourth), "new");
      }
    }
    try (Client last = Client.tcp(port)) {
      assertAnswered(List.of(last), "new");
    }
  }

  @Test
  void codeThatCannotReadWhatWasSavedLeavesItsSessionsWhereTheyAre() throws Exception {
    int clients = 20;
    TestServer server =
        servers.create().configure("workers", 1).configure("fleet.drain-timeout", "5s");
    int port = server.listen("picky", "picky");
    ModuleJar.install(server, MovingModule.class, Map.of());
    server.start();
    try (Streams picky = new Streams(port, clients);
        Streams others = new Streams(server.echo, clients)) {
      picky.awaitAnswers();
      server.configure("modules.moving.resumed", MovingModule.Mood.THROWS);
      server.configure("fleet.canary", 0);
      var reload = server.begin("reload");
      server.await("they are back", s -> s.total("returned") >= clients);
      assertThat(server.status().generation()).isEqualTo(2);
      picky.awaitAnswers();
      picky.assertUnharmed();

      assertThat(reload.get().exit()).isEqualTo(4);
      Moved moved = Moved.parse(reload.get().out());
      assertThat(moved.migrated()).isEqualTo(clients);
      assertThat(moved.closed()).isEqualTo(clients);
      Wait.until("they are closed", () -> picky.gone().size() == clients);
      picky.assertNothingWrong();
      others.awaitAnswers();
      others.assertUnharmed();
    }
  }

  @Test
  void sessionsWithMuchToSaveMoveToo() throws Exception {
    TestServer server = servers.create().configure("workers", 1);
    int port = server.listen("burden", "burden");
    ModuleJar.install(server, MovingModule.class, Map.of());
    server.start();
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      clients.add(Client.tcp(port));
    }
    for (int round = 1; round <= 3; round++) {
      for (Client client : clients) {
        client.send("?");
        assertThat(client.readText("000000")).isEqualTo("%06d".formatted(round));
      }
      Moved moved = Moved.by(server, "reload");
      assertThat(moved.migrated()).isEqualTo(clients.size());
      assertThat(moved.closed()).isZero();
    }
    for (Client client : clients) {
      client.close();
    }
  }
}
