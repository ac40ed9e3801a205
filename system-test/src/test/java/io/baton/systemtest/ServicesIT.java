package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.Nightly;
import io.baton.testing.server.Ports;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Workers that ask each other, by {@link AskingModule}. */
class ServicesIT {
  private static final int WORKERS = 3;
  private static final int RELOADS = Nightly.of(30, 2);
  private static final int LONG_MS = 60_000;

  @RegisterExtension final Servers servers = Servers.perTest();

  private TestServer server;
  private URI uri;

  /** Who was asked, and who had the answer; or in place of the latter, the outcome. */
  private record Answer(long asker, String outcome) {
    long holder() {
      return Long.parseLong(outcome);
    }

    boolean isAnswer() {
      return Character.isDigit(outcome.charAt(0));
    }
  }

  @BeforeEach
  void start() throws Exception {
    server = servers.create().configure("workers", WORKERS);
    int port = Ports.free(1).getFirst();
    ModuleJar.install(server, AskingModule.class, Map.of());
    server
        .configure(
            "listeners.asks",
            "{ endpoint = \"tcp://127.0.0.1:%d\", codec = http, service = ask }".formatted(port))
        .configure("fleet.hang-timeout", "off")
        .configure("fleet.backoff", "{ initial = 10ms, max = 10ms }");
    uri = URI.create("http://127.0.0.1:%d/".formatted(port));
    server.start();
    server.awaitAllReady();
  }

  private HttpRequest request(String query) {
    return HttpRequest.newBuilder(uri.resolve("?" + query)).build();
  }

  private static Answer answer(String body) {
    String[] words = body.split(" ", -1);
    return new Answer(Long.parseLong(words[0]), words[1]);
  }

  private Answer ask(HttpClient client, String query) throws Exception {
    return answer(client.send(request(query), BodyHandlers.ofString()).body());
  }

  /** Asks over a connection of its own, so that any worker may be the one that asks. */
  private Answer ask(String query) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return ask(client, query);
    }
  }

  private CompletableFuture<Answer> askLater(HttpClient client, String query) {
    return client
        .sendAsync(request(query), BodyHandlers.ofString())
        .thenApply(r -> answer(r.body()));
  }

  /** A client whose connection is with another worker than this one. */
  private HttpClient awayFrom(long worker) throws Exception {
    while (true) {
      HttpClient client = HttpClient.newHttpClient();
      if (ask(client, "").asker() != worker) {
        return client;
      }
      client.close();
    }
  }

  /** Waits until all workers know each other's offers. */
  private void awaitOffers() {
    Wait.until(
        "all workers answer, whoever asks",
        () -> {
          Map<Long, Set<Long>> holders = new HashMap<>();
          for (int i = 0; i < 30; i++) {
            Answer answer = ask("key=" + i);
            if (answer.isAnswer()) {
              holders.computeIfAbsent(answer.asker(), _ -> new HashSet<>()).add(answer.holder());
            }
          }
          return holders;
        },
        holders ->
            holders.size() == WORKERS
                && holders.values().stream().allMatch(each -> each.size() == WORKERS));
  }

  @Test
  void aKeyIsHeldByOneWorkerWhoeverAsks() throws Exception {
    awaitOffers();
    Map<Integer, Long> holders = new HashMap<>();
    Set<Long> askers = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      int key = i % 10;
      Answer answer = ask("key=" + key);
      askers.add(answer.asker());
      assertThat(answer.holder()).isEqualTo(holders.computeIfAbsent(key, _ -> answer.holder()));
    }
    assertThat(askers).hasSize(WORKERS);
    assertThat(new HashSet<>(holders.values())).hasSizeGreaterThan(1);
    assertThat(server.http("/metrics").body())
        .containsPattern("baton_asks_total\\{outcome=\"answered\",slot=\"\\d\"} [1-9]")
        .doesNotContainPattern("baton_asks_total\\{outcome=\"[^a]\\w*\",[^}]*} [1-9]")
        .containsPattern("baton_ask_seconds_count\\{slot=\"\\d\"} [1-9]");
  }

  @Test
  void everyQuestionIsAnsweredWhileAllWorkersAreReplaced() throws Exception {
    awaitOffers();
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger asked = new AtomicInteger();
    List<CompletableFuture<List<String>>> failures = new ArrayList<>();
    for (String query : List.of("key=1&", "key=2&", "", "")) { // with a key, and without
      failures.add(
          CompletableFuture.supplyAsync(
              () -> askUntil(over, asked, query), task -> Thread.ofPlatform().start(task)));
    }
    for (int i = 0; i < RELOADS; i++) {
      int before = asked.get();
      assertThat(server.ask("reload").exit()).isZero();
      Wait.until("questions were asked", asked::get, n -> n > before + failures.size());
    }
    over.set(true);
    for (CompletableFuture<List<String>> each : failures) {
      assertThat(each.get()).as("of %d asked", asked.get()).isEmpty();
    }
    assertThat(server.status().total("workerDeaths")).isZero();
  }

  /** What was no answer. */
  private List<String> askUntil(AtomicBoolean over, AtomicInteger asked, String key) {
    List<String> failures = new ArrayList<>();
    try (HttpClient client = HttpClient.newHttpClient()) {
      while (!over.get()) {
        Answer answer = ask(client, key + "ms=" + asked.incrementAndGet() % 20);
        if (!answer.isAnswer()) {
          failures.add(answer.outcome());
        }
      }
    } catch (Exception e) {
      failures.add(e.toString());
    }
    return failures;
  }

  @Test
  void whoAsksAWorkerThatIsKilledIsToldAndTheKeyGoesToAnother() throws Exception {
    awaitOffers();
    long holder = ask("key=k").holder();
    try (HttpClient client = awayFrom(holder);
        HttpClient next = awayFrom(holder)) {
      CompletableFuture<Answer> asked = askLater(client, "key=k&ms=" + LONG_MS + "&timeout=120000");
      Wait.until(
          "the question is with its holder",
          () -> server.http("/metrics").body(),
          metrics ->
              metrics
                  .lines()
                  .anyMatch(line -> line.matches("baton_answers_under_way\\{.*} 1(\\.0)?")));
      Procs.signal("KILL", holder);
      assertThat(asked.get().outcome()).isEqualTo("GONE");
      Answer answer = ask(next, "key=k");
      assertThat(answer.isAnswer()).as("%s", answer).isTrue();
      assertThat(answer.holder()).isNotEqualTo(holder);
    }
  }

  @Test
  void aStoppedWorkerDelaysOnlyWhatItIsAsked() throws Exception {
    awaitOffers();
    long holder = ask("key=k").holder();
    int other = 0;
    while (ask("key=" + other).holder() == holder) {
      other++;
    }
    try (HttpClient client = awayFrom(holder)) {
      Procs.stop(holder);
      try {
        assertThat(ask(client, "key=k&timeout=300").outcome()).isEqualTo("TIMEOUT");
        assertThat(ask(client, "key=" + other).isAnswer()).isTrue();
      } finally {
        Procs.signal("CONT", holder);
      }
      assertThat(ask(client, "key=k").holder()).isEqualTo(holder);
    }
  }
}
