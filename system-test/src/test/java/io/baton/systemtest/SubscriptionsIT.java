package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.Nightly;
import io.baton.testing.server.Ports;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Sessions of two workers with as many subscriptions as they may have: a million in each worker
 * under {@code nightly}.
 */
class SubscriptionsIT {
  private static final int WORKERS = 2;

  /** Of a session, one of which is that of all sessions. */
  private static final int TOPICS = Nightly.of(1_000, 500);

  private static final int SESSIONS = WORKERS * Nightly.of(1_000, 20);

  /** Each session has half of its topics in common with the one before. */
  private static final int APART = TOPICS / 2;

  private static final int DISTINCT = (SESSIONS - 1) * APART + TOPICS - 1;
  private static final int PUBLISHED = Nightly.of(10_000, 500);
  private static final int HEAP_MIB = Nightly.of(1_024, 128);

  /** Topics may hold a quarter of what may be booked. */
  private static final int BUDGET_MIB = 2 * HEAP_MIB;

  private static final Pattern TOPICS_KNOWN =
      Pattern.compile("baton_topics\\{slot=\"\\d\"} (\\d+)");

  @RegisterExtension final Servers servers = Servers.perTest();

  private TestServer server(int port) throws Exception {
    TestServer server = servers.create();
    ModuleJar.install(server, SubscriptionsModule.class, Map.of());
    return server
        .configure("workers", WORKERS)
        .configure("listener-defaults.placement", "round-robin")
        .configure("worker.memory-budget", BUDGET_MIB + "m")
        .configure(
            "worker.java-options",
            "[\"-Xmx%dm\", \"-XX:+UseSerialGC\", \"-XX:+UseCompactObjectHeaders\", \"-XX:TieredStopAtLevel=1\", \"-XX:+ExitOnOutOfMemoryError\"]"
                .formatted(HEAP_MIB))
        .configure(
            "listeners.subscriptions",
            "{ endpoint = \"tcp://127.0.0.1:%d\", codec = line, service = subscriptions }"
                .formatted(port))
        .start();
  }

  /** Connects as many to each worker, whichever takes them first. */
  private static List<Client> subscribers(int port) throws IOException {
    List<Client> sessions = new ArrayList<>();
    Map<String, Integer> byWorker = new HashMap<>();
    while (sessions.size() < SESSIONS) {
      Client session = Client.tcp(port);
      String worker = session.readText("00000000\n");
      if (byWorker.merge(worker, 1, Integer::sum) > SESSIONS / WORKERS) {
        session.close();
        continue;
      }
      session.send("subscribe %d %d\n".formatted(sessions.size() * APART, TOPICS - 1));
      assertThat(session.readText("subscribed\n")).isEqualTo("subscribed\n");
      sessions.add(session);
    }
    return sessions;
  }

  /** Returns how many topics each worker knows that anybody wants. */
  private static List<Long> topicsKnown(TestServer server) throws IOException {
    Matcher each = TOPICS_KNOWN.matcher(server.http("/metrics").body());
    return each.results().map(found -> Long.valueOf(found.group(1))).toList();
  }

  private static List<Long> held(Status status) {
    return status.workers().stream().map(Status.Worker::heldBytes).toList();
  }

  @Test
  void eachPublicationReachesExactlyItsSubscribersAndTheirMemoryIsGivenBack() throws Exception {
    int port = Ports.free(1).getFirst();
    TestServer server = server(port);
    List<Client> sessions = subscribers(port);
    Wait.until(
        "both workers know all topics",
        () -> topicsKnown(server),
        known -> known.equals(List.of(DISTINCT + 1L, DISTINCT + 1L)));
    long each = (long) SESSIONS / WORKERS * TOPICS;
    Status full =
        server.await(
            "all subscriptions are booked",
            status -> held(status).stream().allMatch(held -> held >= 300 * each));
    assertThat(held(full)).allMatch(held -> held < 450 * each);

    int[] expected = publish(sessions);
    for (int i = 0; i < SESSIONS; i++) {
      Client session = sessions.get(i);
      session.send("count\n");
      String count = expected[i] + "\n";
      assertThat(session.readText(count)).as("session %d", i).isEqualTo(count);
      session.close();
    }
    server.await(
        "their memory is given back",
        status -> held(status).stream().allMatch(held -> held < 2 * 1024 * 1024));
    assertThat(server.status().total("workerDeaths")).isZero();
  }

  /**
   * Has sessions of both workers publish to random topics, and at last to that of all.
   *
   * @return how many have come to each session
   */
  private static int[] publish(List<Client> sessions) throws IOException {
    Random random = new Random(1);
    int[] expected = new int[SESSIONS];
    for (int i = 0; i < PUBLISHED; i++) {
      int topic = random.nextInt(DISTINCT);
      say(sessions.get(publisher(topic, i)), topic);
      for (int session : new int[] {topic / APART - 1, topic / APART}) {
        if (has(session, topic)) {
          hear(sessions.get(session), Integer.toString(topic));
          expected[session]++;
        }
      }
    }
    Client first = sessions.getFirst();
    first.send("publish all\n");
    assertThat(first.readText("published\n")).isEqualTo("published\n");
    for (int session = 0; session < SESSIONS; session++) {
      hear(sessions.get(session), SubscriptionsModule.ALL);
      expected[session]++;
    }
    return expected;
  }

  /** Returns a session that does not have the topic, of one worker after the other. */
  private static int publisher(int topic, int i) {
    return (topic / APART + 2 + i % WORKERS) % SESSIONS;
  }

  private static boolean has(int session, int topic) {
    int from = topic - session * APART;
    return session >= 0 && session < SESSIONS && from >= 0 && from < TOPICS - 1;
  }

  private static void say(Client session, int topic) throws IOException {
    session.send("publish %d\n".formatted(topic));
    assertThat(session.readText("published\n")).isEqualTo("published\n");
  }

  private static void hear(Client session, String topic) throws IOException {
    String text = "got " + topic + "\n";
    assertThat(session.readText(text)).isEqualTo(text);
  }
}
