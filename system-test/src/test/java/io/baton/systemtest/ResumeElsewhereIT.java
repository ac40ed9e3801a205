package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.link.core.LinkCode;
import io.baton.testing.Nightly;
import io.baton.testing.server.Command;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two servers of a cluster: clients of one come back to the other, and go on with their sessions.
 */
@SuppressWarnings("NullAway.Init")
class ResumeElsewhereIT {
  private static final int SESSIONS = Nightly.of(500, 20);

  private static final int AT_A_TIME = 16;

  private static final int NOT_FOUND = 404;
  private static final int SERVICE_UNAVAILABLE = 503;

  @RegisterExtension final Servers servers = Servers.perTest();

  @TempDir private Path directory;
  private HttpClient http;

  @BeforeEach
  void openClient() {
    http = HttpClient.newHttpClient();
  }

  @AfterEach
  void closeClient() {
    http.shutdownNow();
    http.close();
  }

  /** One of the two servers. */
  private record Machine(TestServer server, Site site, int link) {
    long metric(String name) throws Exception {
      return server
          .http("/metrics")
          .body()
          .lines()
          .filter(line -> line.startsWith(name + "{"))
          .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .sum();
    }
  }

  private Machine machine(String name, NatsServer nats) throws Exception {
    TestServer server = servers.create();
    Site site = Site.of(server);
    ModuleJar.install(server, LinkModule.class, Map.of(), LinkWords.class);
    int link = LinkTalk.listen(server, "link", "service = numbers");
    server
        .configure("name", name)
        .configure("workers", 2)
        .configure("cluster.broker", "\"" + nats.url() + "\"")
        .configure("cluster.secret", "[\"" + secret() + "\"]")
        .start();
    return new Machine(server, site, link);
  }

  private Path secret() throws IOException {
    Path file = directory.resolve("secret");
    Files.writeString(file, "a secret of 16 bytes and more\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  /** Waits until a client is told to come back at another machine. */
  private static void awaitsRedirection(CountingClient client) throws Exception {
    String heard = client.dialogue().heard();
    while (!heard.startsWith("close ")) {
      heard = client.dialogue().heard();
    }
    assertThat(heard).isEqualTo("close 1012 ");
  }

  /** What a client does. */
  private interface Action {
    void of(CountingClient client) throws Exception;
  }

  /** Has some clients at a time do something: one by one, the last would be late. */
  private static void together(List<CountingClient> clients, Action action) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME)) {
      List<Future<?>> all = new ArrayList<>();
      for (CountingClient each : clients) {
        all.add(
            threads.submit(() -> {
              action.of(each);
              return null;
            }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    }
  }

  private CountingClient client(Machine of) throws Exception {
    return new CountingClient(http, of.site);
  }

  private Dialogue offer(Machine to, String session) {
    return CountingClient.offer(http, to.site, session);
  }

  @Test
  void aWebSocketGoesOnAtTheMachineToWhichItsClientComesBack() throws Exception {
    try (NatsServer nats = new NatsServer(directory.resolve("nats.log"))) {
      Machine a = machine("a", nats);
      Machine b = machine("b", nats);
      onlyWithItsToken(a, b);
      thereAndBack(a, b);
      onceItCanBeSaid(nats, a, b);
    }
  }

  private void onlyWithItsToken(Machine a, Machine b) throws Exception {
    try (CountingClient client = client(a)) {
      String key = client.ticket().substring(0, client.ticket().indexOf('.'));
      assertThatThrownBy(() -> offer(b, key + "." + key))
          .satisfies(refused -> assertThat(CountingClient.status(refused)).isEqualTo(NOT_FOUND));
      client.adds();
      client.dialogue().close();
      assertThatThrownBy(() -> offer(b, key + "." + key))
          .satisfies(refused -> assertThat(CountingClient.status(refused)).isEqualTo(NOT_FOUND));
      client.returns(a.site);
    }
    assertThat(b.metric("baton_sessions_taken_total")).isZero();
  }

  private void thereAndBack(Machine a, Machine b) throws Exception {
    try (CountingClient client = client(a)) {
      client.adds();
      long before = client.pid();
      client.dialogue().close();
      client.returns(b.site); // away
      assertThat(client.pid()).isNotEqualTo(before);
      assertThat(client.count()).isEqualTo(2);
      client.returns(a.site); // with a connection that seems to be there
      client.dialogue().close();
      client.returns(a.site);
      assertThat(client.count()).isEqualTo(4);
    }
    Wait.until(
        "both have counted it",
        () ->
            b.metric("baton_sessions_taken_total") == 1
                && b.metric("baton_sessions_given_total") == 1
                && a.metric("baton_sessions_taken_total") == 1);
  }

  private void onceItCanBeSaid(NatsServer nats, Machine a, Machine b) throws Exception {
    try (CountingClient client = client(a)) {
      client.dialogue().close();
      nats.kill();
      Wait.until(
          "it cannot be said whether there is such a session",
          () -> {
            try {
              offer(b, client.ticket()).close();
              return false;
            } catch (CompletionException e) {
              return CountingClient.status(e) == SERVICE_UNAVAILABLE;
            }
          });
      nats.start();
      client.returns(b.site);
    }
  }

  @Test
  void whoKnowsALinkSessionsKeyAndNotItsSecretDoesItNoHarm() throws Exception {
    try (NatsServer nats = new NatsServer(directory.resolve("nats.log"))) {
      Machine a = machine("a", nats);
      Machine b = machine("b", nats);
      LinkWire owner = new LinkWire(a.link, false).opens("numbers");
      owner.close();
      a.server.await("it waits for its client", status -> status.total("away") == 1);
      byte[] thief = LinkWire.hello("numbers", owner.id(), 1, 0);
      try (LinkWire wire = new LinkWire(b.link, false)) {
        LinkWire.Frame refused =
            wire.proves(thief, wire.challenged(thief), new byte[owner.secret().length]);
        assertThat(refused.type()).isEqualTo(LinkWire.REFUSED);
        assertThat(LinkCode.of(refused.code())).isEqualTo(LinkCode.FORBIDDEN);
      }
      Wait.until("it has come along", () -> b.metric("baton_sessions_taken_total") == 1);
      byte[] client = LinkWire.hello("numbers", owner.id(), 2, 0);
      try (LinkWire wire = new LinkWire(b.link, false)) {
        assertThat(wire.proves(client, wire.challenged(client), owner.secret()).type())
            .isEqualTo(LinkWire.WELCOME);
        wire.leaves().hears(LinkWire.GOODBYE);
      }
    }
  }

  @Test
  void allSessionsOfAMachineThatIsReplacedGoOnAtTheOther() throws Exception {
    try (NatsServer nats = new NatsServer(directory.resolve("nats.log"))) {
      Machine a = machine("a", nats);
      Machine b = machine("b", nats);
      List<CountingClient> clients = new ArrayList<>();
      for (int i = 0; i < SESSIONS; i++) {
        clients.add(client(a));
      }
      clients.getFirst().dialogue().close(); // away already
      Dialogue other = Dialogue.with(http, a.site.webSocket("/echo"));
      String both =
          "tcp://127.0.0.1:%d/numbers, tcp://127.0.0.1:%d/numbers".formatted(a.link, b.link);
      LinkSeries series = new LinkSeries(both, new Random(1), 4_096);
      FutureTask<Command.Result> stop = new FutureTask<>(() -> a.server.ask("stop", "--drain"));
      Thread.ofVirtual().start(stop);
      FutureTask<Void> exchange =
          new FutureTask<>(() -> {
            series.exchange(() -> !stop.isDone());
            return null;
          });
      Thread.ofVirtual().start(exchange);
      together(
          clients.subList(1, SESSIONS),
          each -> {
            awaitsRedirection(each);
            each.returns(b.site);
          });
      clients
          .getFirst()
          .returns(b.site); // last: it could be back before its machine begins to drain
      assertThat(clients).allMatch(each -> each.count() == 1);
      Command.Result result = stop.get();
      assertThat(result.exit()).as("%s", result).isZero();
      assertThat(result.out())
          .contains(
              "sessions: %d taken by other machines, 1 ended, 0 lost".formatted(SESSIONS + 1));
      assertThat(other.heard()).isEqualTo("close 1012 ");
      exchange.get();
      series.assertComplete();
      series.close();
      for (CountingClient each : clients) {
        each.adds();
        each.close();
      }
    }
  }

  @Test
  void sessionsOfAWorkerThatDiesWhileItsMachineDrainsAreLost() throws Exception {
    try (NatsServer nats = new NatsServer(directory.resolve("nats.log"))) {
      Machine a = machine("a", nats);
      Machine b = machine("b", nats);
      List<CountingClient> clients = new ArrayList<>();
      for (int i = 0; i < SESSIONS; i++) {
        clients.add(client(a));
      }
      long victim = clients.getFirst().pid();
      FutureTask<Command.Result> stop = new FutureTask<>(() -> a.server.script("stop", "--drain"));
      Thread.ofVirtual().start(stop);
      for (CountingClient each : clients) {
        awaitsRedirection(each);
      }
      Procs.signal("KILL", victim);
      a.server.awaitLog("was killed by SIGKILL while the server was stopping");
      List<CountingClient> rest = clients.stream().filter(each -> each.pid() != victim).toList();
      int lost = SESSIONS - rest.size();
      together(
          rest,
          each -> {
            each.returns(b.site); // which changes its process
            each.close();
          });
      Command.Result result = stop.get();
      assertThat(result.exit()).as("%s", result).isZero();
      assertThat(result.out())
          .contains(
              "sessions: %d taken by other machines, 0 ended, %d lost, %d of them with workers that failed: the log says why\n"
                  .formatted(rest.size(), lost, lost));
    }
  }

  @Test
  void aServerWithoutOtherMachinesSaysThatItDoesNotDrain() throws Exception {
    TestServer server = servers.create();
    server.start();
    Command.Result both = server.script("stop", "--drain", "--now");
    assertThat(both.exit()).isEqualTo(2);
    assertThat(both.err()).contains("--now and --drain exclude each other");
    Command.Result stop = server.script("stop", "--drain", "--json");
    assertThat(stop.exit()).as("%s", stop).isZero();
    String why = "baton.cluster.broker is not set, so this server knows no other machine";
    assertThat(stop.out())
        .contains("\"drained\" : false", "\"reason\" : \"%s\"".formatted(why))
        .contains(
            "no session went on at another machine: %s; all ended as by bin/stop without --drain"
                .formatted(why))
        .endsWith("\n}\n");
    server.awaitLog("--drain stops like bin/stop without it: sessions end here, because");
  }
}
