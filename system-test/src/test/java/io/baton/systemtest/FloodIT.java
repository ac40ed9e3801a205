package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.systemtest.Flood.Attack;
import io.baton.testing.Nightly;
import io.baton.testing.server.Ports;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Attacks on the memory of two workers that have little: many connections, each of which holds as
 * much as one may. Meanwhile 64 others stream to an echo, and small requests are answered, on new
 * connections and on one that is kept. No worker dies, nobody loses a byte, and direct memory stays
 * within its bound.
 */
class FloodIT {
  private static final int BYSTANDERS = 64;

  /** How long an attack goes on once it has done all it can. */
  private static final long SECONDS = Nightly.of(60, 1);

  @RegisterExtension static final Servers SERVERS = Servers.perClass();
  private static TestServer server;
  private static Site site;
  private static int frames;
  private static int lines;
  private static int calm;
  private static Streams bystanders;
  private Visitors visitors;

  @BeforeAll
  static void start() throws Exception {
    server = SERVERS.create();
    site = Site.of(server);
    List<Integer> ports = Ports.free(2);
    frames = ports.get(0);
    lines = ports.get(1);
    calm = server.listen("calm", "echo");
    server
        .configure(
            "listeners.frames",
            "{ endpoint = \"tcp://127.0.0.1:%d\", codec = frame, service = echo }"
                .formatted(frames))
        .configure(
            "listeners.lines",
            "{ endpoint = \"tcp://127.0.0.1:%d\", codec = line, service = echo-line }"
                .formatted(lines))
        .configure(
            "worker.java-options",
            "[\"-Xmx48m\", \"-XX:+UseSerialGC\", \"-XX:TieredStopAtLevel=1\","
                + " \"-XX:+ExitOnOutOfMemoryError\"]")
        .start();
    bystanders = new Streams(calm, BYSTANDERS);
  }

  @AfterAll
  static void leave() throws IOException {
    bystanders.close();
  }

  @BeforeEach
  void begin() {
    visitors = new Visitors(2, server::visitWeb);
  }

  /** Whatever the attackers did, nobody else noticed. */
  @AfterEach
  void othersAreUnharmed() throws Exception {
    visitors.awaitMore(20);
    visitors.close();
    assertThat(visitors.failures()).isEmpty();
    bystanders.awaitAnswers();
    bystanders.assertUnharmed();
    assertThat(server.status().total("workerDeaths")).isZero();
    server.await("all memory is free again", s -> held(s) < 1024 * 1024 * 2);
  }

  private static int port(Attack attack) {
    return switch (attack) {
      case HALF_BODY, HALF_CHUNK, HALF_HEAD -> server.web;
      case HALF_MESSAGE -> site.port();
      case HALF_FRAME, FRAMES_UNREAD -> frames;
      case HALF_LINE -> lines;
      case ECHO_UNREAD -> server.echo;
    };
  }

  /** Until the server has done something about it, and then for a while. */
  private void endure(List<Flood> floods) throws Exception {
    long before = done(server.status());
    server.await("the server defends itself", s -> done(s) > before);
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    try (Client keepAlive = server.web()) {
      do {
        visitors.awaitMore(50);
        assertThat(keepAlive.get("/hello").code()).isEqualTo(200);
        assertWithinBounds(server.status());
      } while (System.nanoTime() < until);
    }
    for (Flood flood : floods) {
      flood.close();
    }
  }

  private static long done(Status status) {
    return status.total("heldBack") + status.total("refusedForMemory") + status.total("evicted");
  }

  private static long held(Status status) {
    return workers(status, "heldBytes").stream().mapToLong(n -> n).sum();
  }

  private static List<Long> workers(Status status, String field) {
    List<Long> values = new ArrayList<>();
    for (Map<String, @Nullable Object> worker : Status.objects(status.json(), "workers")) {
      values.add(((Number) Objects.requireNonNull(worker.get(field))).longValue());
    }
    return values;
  }

  private static void assertWithinBounds(Status status) {
    assertThat(status.total("workerDeaths")).isZero();
    List<Long> budgets = workers(status, "memoryBudgetBytes");
    List<Long> limits = workers(status, "directLimitBytes");
    assertThat(workers(status, "heldBytes"))
        .as("memory held")
        .allSatisfy(held -> assertThat(held).isLessThanOrEqualTo(budgets.getFirst()));
    assertThat(workers(status, "directBytes"))
        .as("direct memory")
        .allSatisfy(used -> assertThat(used).isLessThan(limits.getFirst()));
  }

  @ParameterizedTest
  @CsvSource({
    "HALF_BODY, 540",
    "HALF_FRAME, 560",
    "HALF_MESSAGE, 400",
    "ECHO_UNREAD, 2000",
    "FRAMES_UNREAD, 1000",
  })
  void anAttackOnMemoryHarmsNobodyElse(Attack attack, int clients) throws Exception {
    endure(List.of(new Flood(attack, port(attack), clients, false)));
  }

  @Test
  void attacksOfAllKindsTogetherHarmNobodyElse() throws Exception {
    List<Flood> floods = new ArrayList<>();
    for (Attack attack : Attack.values()) {
      floods.add(new Flood(attack, port(attack), 100, false));
      floods.add(new Flood(attack, port(attack), 100, true));
    }
    endure(floods);
  }
}
