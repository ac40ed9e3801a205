package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.Nightly;
import io.baton.testing.server.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Clients of two servers that ask and reach each other through a NATS server. */
class ClusterIT {
  private static final int KEYS = 12;
  private static final int RELOADS = Nightly.of(10, 1);
  private static final int ANSWER_S = 30;

  @RegisterExtension final Servers servers = Servers.perTest();

  @TempDir private Path directory;
  private HttpClient http = HttpClient.newHttpClient();
  private final List<Guest> guests = new ArrayList<>();

  @BeforeEach
  void openClient() {
    http = HttpClient.newHttpClient();
  }

  @AfterEach
  void closeClients() {
    guests.forEach(each -> each.socket.abort());
    http.shutdownNow();
    http.close();
  }

  /** A client of {@link PeopleModule}. */
  private final class Guest implements WebSocket.Listener {
    private final BlockingQueue<String> got = new LinkedBlockingQueue<>();
    private final StringBuilder text = new StringBuilder();
    private final WebSocket socket;

    Guest(int port, String name) {
      URI people = URI.create("ws://127.0.0.1:%d/people?%s".formatted(port, name));
      socket = http.newWebSocketBuilder().buildAsync(people, this).join();
      guests.add(this);
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        got.add(text.toString());
        text.setLength(0);
      }
      from.request(1);
      return null;
    }

    /** Returns what comes next. */
    String next() throws InterruptedException {
      String next = got.poll(ANSWER_S, TimeUnit.SECONDS);
      assertThat(next).as("a message within %d s", ANSWER_S).isNotNull();
      return String.valueOf(next);
    }

    /** Returns the answer to what is said, without its first word. */
    String ask(String words) throws InterruptedException {
      socket.sendText(words, true).join();
      String answer = next();
      assertThat(answer).startsWith(words.split(" ", 2)[0] + " ");
      return answer.substring(answer.indexOf(' ') + 1);
    }

    /** Returns who holds each of some keys. */
    List<String> holders() {
      return IntStream.range(0, KEYS)
          .mapToObj(key -> {
            try {
              return ask("ask key" + key);
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          })
          .toList();
    }
  }

  private record Machine(TestServer server, int port) {}

  private Machine machine(String name, NatsServer nats) throws Exception {
    TestServer server = servers.create();
    ModuleJar.install(server, PeopleModule.class, Map.of());
    int port = Ports.free(1).getFirst();
    server
        .configure("name", name)
        .configure("workers", 2)
        .configure("cluster.broker", "\"" + nats.url() + "\"")
        .configure(
            "listeners.people",
            "{ endpoint = \"tcp://127.0.0.1:%d\", codec = http, authenticator = name, routes { \"/people\" = { codec = websocket, service = people } } }"
                .formatted(port));
    server.start();
    server.awaitAllReady();
    return new Machine(server, port);
  }

  @Test
  void clientsOfTwoMachinesReachEachOtherAndKeysStayWhereTheyAreWhileEitherReloads()
      throws Exception {
    try (NatsServer nats = new NatsServer(directory.resolve("nats.log"))) {
      Machine a = machine("a", nats);
      Machine b = machine("b", nats);
      Guest anna = new Guest(a.port, "anna");
      Guest ben = new Guest(b.port, "ben");
      Guest bens = new Guest(a.port, "ben");
      Wait.until("all are listed", () -> anna.ask("who"), who -> who.equals("anna,ben,ben"));
      assertThat(ben.ask("who")).isEqualTo("anna,ben,ben");

      String itsId = ben.ask("id");
      assertThat(itsId).isNotEqualTo(anna.ask("id"));
      assertThat(anna.ask("to %s hello".formatted(itsId))).isEqualTo("true");
      assertThat(ben.next()).isEqualTo("got hello");
      assertThat(anna.ask("user ben all of you")).isEqualTo("true");
      assertThat(ben.next()).isEqualTo("got all of you");
      assertThat(bens.next()).isEqualTo("got all of you");

      List<String> holders =
          Wait.until(
              "keys have holders on both machines",
              anna::holders,
              its -> its.stream().map(ClusterIT::machineOf).distinct().count() == 2);
      Wait.until("both see the same", ben::holders, holders::equals);
      for (int i = 0; i < RELOADS; i++) {
        for (Machine each : List.of(a, b)) {
          CompletableFuture<Moved> reload =
              CompletableFuture.supplyAsync(() -> reload(each.server));
          while (!reload.isDone()) {
            assertThat(anna.holders()).isEqualTo(holders);
            assertThat(ben.holders()).isEqualTo(holders);
          }
          assertThat(reload.join().closed()).isZero();
          assertThat(anna.ask("who")).isEqualTo("anna,ben,ben");
        }
      }
      assertThat(ben.ask("id")).isEqualTo(itsId);
      assertThat(anna.ask("to %s again".formatted(itsId))).isEqualTo("true");
      assertThat(ben.next()).isEqualTo("got again");
    }
  }

  private static Moved reload(TestServer server) {
    try {
      return Moved.by(server, "reload");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String machineOf(String holder) {
    return holder.substring(0, holder.indexOf('/'));
  }

  @Test
  void withoutABrokerEachMachineAnswersWhatItHoldsAndSaysThatOthersAreMissing() throws Exception {
    try (NatsServer nats = new NatsServer(directory.resolve("nats.log"))) {
      Machine a = machine("a", nats);
      Machine b = machine("b", nats);
      Guest anna = new Guest(a.port, "anna");
      Guest ben = new Guest(b.port, "ben");
      List<String> holders =
          Wait.until(
              "keys have holders on both machines",
              anna::holders,
              its -> its.stream().map(ClusterIT::machineOf).distinct().count() == 2);
      String own = machineOf(anna.ask("any"));
      String itsId = ben.ask("id");
      nats.kill();
      List<String> without =
          holders.stream().map(each -> machineOf(each).equals(own) ? each : "GONE").toList();
      Wait.until("the connection is lost", anna::holders, without::equals);
      assertThat(machineOf(anna.ask("any"))).isEqualTo(own);
      assertThat(anna.ask("who")).isEqualTo("anna and others");
      assertThat(anna.ask("to %s hello".formatted(itsId))).isEqualTo("false");
      nats.start();
      Wait.until("keys are where they were", anna::holders, holders::equals);
      Wait.until("all are listed", () -> anna.ask("who"), who -> who.equals("anna,ben"));
      assertThat(ben.got).isEmpty();
    }
  }
}
