package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.service.Module;
import io.baton.testing.Nightly;
import io.baton.testing.server.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A worker that is stopped while others go on to publish what its sessions have subscribed to. */
class StoppedNeighbourIT {
  private static final int WORKERS = 3;
  private static final int HEAP_MIB = 64;

  /** What may be booked in a worker: half of its heap. */
  private static final long BUDGET = HEAP_MIB * 1024L * 1024 / 2;

  /** Publications that wait for links may take an eighth of it, besides one for each link. */
  private static final long MOST_WAITING = BUDGET / 8 + 2L * RoomModule.HEAVY_BYTES;

  /** In each of them two speakers say 1.2 MiB each: more than the heap of a worker, in all. */
  private static final int ROUNDS = Nightly.of(2_000, 30);

  private static final int SAID = 20;

  /**
   * Of the heap in use of a worker, while all that may wait for a stopped one does: that, and what
   * other sessions have on their way just then.
   */
  private static final long MOST_GROWTH = MOST_WAITING + 2L * 1024 * 1024;

  /** In each of them the sessions of two workers want all topics, and then none. */
  private static final int STORMS = Nightly.of(1_000, 20);

  /** A session has one more, that of all. */
  private static final int TOPICS = 999;

  @RegisterExtension final Servers servers = Servers.perTest();

  private final HttpClient http = HttpClient.newHttpClient();
  private final List<RoomGuest> guests = new ArrayList<>();

  @AfterEach
  void closeClients() {
    guests.forEach(RoomGuest::close);
    http.shutdownNow();
    http.close();
  }

  /**
   * @param route what its listener serves
   */
  private TestServer server(Class<? extends Module> module, int port, String route)
      throws Exception {
    TestServer server = servers.create();
    ModuleJar.install(server, module, Map.of());
    return server
        .configure("workers", WORKERS)
        .configure("listener-defaults.placement", "round-robin")
        .configure("fleet.hang-timeout", "off")
        .configure(
            "worker.java-options",
            "[\"-Xmx%dm\", \"-XX:+UseSerialGC\", \"-XX:TieredStopAtLevel=1\", \"-XX:+ExitOnOutOfMemoryError\"]"
                .formatted(HEAP_MIB))
        .configure(
            "listeners.topics", "{ endpoint = \"tcp://127.0.0.1:%d\", %s }".formatted(port, route))
        .start();
  }

  /** Connects two guests to each worker, and returns those of one after those of the other. */
  private List<List<RoomGuest>> guests(TestServer server, URI room) throws IOException {
    List<List<RoomGuest>> bySlot = new ArrayList<>();
    for (int slot = 0; slot < WORKERS; slot++) {
      bySlot.add(new ArrayList<>());
    }
    for (int i = 0; i < 2 * WORKERS; i++) {
      Status before = server.status();
      RoomGuest guest = new RoomGuest(http, room, "guest" + i);
      guests.add(guest);
      Status after =
          server.await("it is taken", now -> now.total("taken") == before.total("taken") + 1);
      for (int slot = 0; slot < WORKERS; slot++) {
        if (after.worker(slot).taken() > before.worker(slot).taken()) {
          bySlot.get(slot).add(guest);
        }
      }
    }
    assertThat(bySlot).allMatch(its -> its.size() == 2);
    return bySlot;
  }

  /** Waits until these have got all that the speakers have said since they heard them first. */
  private static void awaitAll(List<RoomGuest> listeners, List<RoomGuest> speakers) {
    Wait.until(
        "everybody has got all that was said",
        () -> {
          listeners.forEach(RoomGuest::assertNothingWrong);
          return listeners.stream()
              .filter(each -> speakers.stream().anyMatch(its -> lack(each, its) > 0))
              .toList();
        },
        List::isEmpty);
  }

  private static long lack(RoomGuest of, RoomGuest speaker) {
    return of.lacks(speaker.name, speaker.said());
  }

  private static void awaitAcquainted(List<RoomGuest> all, List<RoomGuest> speakers) {
    Wait.until(
        "everybody hears those who speak",
        () -> {
          speakers.forEach(RoomGuest::say);
          return all.stream()
              .allMatch(each -> speakers.stream().allMatch(its -> each.hears(its.name)));
        });
    awaitAll(all, speakers);
  }

  private static void assertWithinBounds(Status status) {
    assertThat(status.total("workerDeaths")).isZero();
    for (int slot = 1; slot < WORKERS; slot++) {
      Status.Worker its = status.worker(slot);
      assertThat(its.mesh().waitingBytes()).as("for links").isLessThan(MOST_WAITING);
      assertThat(its.heldBytes()).as("in all").isLessThan(BUDGET / 2);
    }
  }

  /** What the workers that are not stopped have in use. */
  private static List<Long> heapsOfOthers(TestServer server) throws Exception {
    List<Long> bytes = new ArrayList<>();
    for (Long pid : server.status().pids().subList(1, WORKERS)) {
      bytes.add(Procs.heapInUse(pid));
    }
    return bytes;
  }

  private static void assertGrownLittle(List<Long> before, List<Long> after) {
    System.out.println("StoppedNeighbourIT: heaps " + before + ", meanwhile " + after);
    for (int i = 0; i < before.size(); i++) {
      assertThat(after.get(i)).isLessThan(before.get(i) + MOST_GROWTH);
    }
  }

  @Test
  void othersDoNotGrowAndItsSessionsAreToldExactlyWhatTheyHaveMissed() throws Exception {
    int port = Ports.free(1).getFirst();
    TestServer server =
        server(
            RoomModule.class,
            port,
            "codec = http, routes { \"/room\" = { codec = websocket, service = heavy-room } }");
    List<List<RoomGuest>> bySlot =
        guests(server, URI.create("ws://127.0.0.1:%d/room".formatted(port)));
    List<RoomGuest> stopped = bySlot.get(0);
    List<RoomGuest> others = new ArrayList<>(bySlot.get(1));
    others.addAll(bySlot.get(2));
    List<RoomGuest> speakers = List.of(bySlot.get(1).getFirst(), bySlot.get(2).getFirst());
    awaitAcquainted(guests, speakers);
    assertThat(guests).allMatch(each -> each.missed() == 0);

    List<Long> before = heapsOfOthers(server);
    long pid = server.status().worker(0).pid();
    Procs.stop(pid);
    try {
      for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < SAID; i++) {
          speakers.forEach(RoomGuest::say);
        }
        awaitAll(others, speakers);
        assertWithinBounds(server.status());
      }
      assertThat(speakers).as("told that not all hear them").allMatch(its -> its.notAll() > SAID);
      assertWithinBounds(
          server.await(
              "both links to it are full",
              status ->
                  status.worker(1).mesh().waitingBytes() > BUDGET / 32
                      && status.worker(2).mesh().waitingBytes() > BUDGET / 32));
      assertGrownLittle(before, heapsOfOthers(server));
    } finally {
      Procs.signal("CONT", pid);
    }

    Wait.until(
        "its sessions are told what they have missed",
        () -> stopped.stream().filter(each -> each.missed() < lacks(each, speakers)).toList(),
        List::isEmpty);
    Status status =
        server.await(
            "nothing waits",
            now -> now.workers().stream().allMatch(each -> each.mesh().waitingBytes() == 0));
    assertThat(status.worker(0).pid()).isEqualTo(pid);
    assertThat(status.total("workerDeaths")).isZero();
    // From now on it misses nothing.
    speakers.forEach(RoomGuest::say);
    Wait.until(
        "what was received and missed is what was published",
        () -> stopped,
        all -> all.stream().allMatch(each -> each.missed() == lacks(each, speakers)));
    assertThat(stopped).allMatch(each -> each.missed() > 0 && !each.isUnsure());
    assertThat(others).allMatch(each -> each.missed() == 0);
    awaitAll(others, speakers);
  }

  private static long lacks(RoomGuest of, List<RoomGuest> speakers) {
    of.assertNothingWrong();
    return speakers.stream().mapToLong(its -> lack(of, its)).sum();
  }

  /** Returns a session of each worker, by its slot. */
  private static List<Client> sessions(TestServer server, int port) throws Exception {
    List<Long> pids = server.status().pids();
    Map<Long, Client> byWorker = new HashMap<>();
    while (byWorker.size() < WORKERS) {
      Client session = Client.tcp(port);
      Long pid = Long.valueOf(session.readText("00000000\n").strip());
      if (byWorker.putIfAbsent(pid, session) != null) {
        session.close();
      }
    }
    return pids.stream().map(byWorker::get).toList();
  }

  private static void says(Client session, String command, String answer) throws IOException {
    session.send(command + "\n");
    hears(session, answer);
  }

  private static void hears(Client session, String text) throws IOException {
    assertThat(session.readText(text + "\n")).isEqualTo(text + "\n");
  }

  @Test
  void aStormOfSubscriptionsStaysWithinBoundsAndLeavesNoneTooManyOrTooFew() throws Exception {
    int port = Ports.free(1).getFirst();
    TestServer server =
        server(SubscriptionsModule.class, port, "codec = line, service = subscriptions");
    List<Client> sessions = sessions(server, port);
    for (Client each : sessions) {
      says(each, "subscribe 0 0", "subscribed"); // that of all
    }
    List<Client> others = sessions.subList(1, WORKERS);
    List<Long> before = heapsOfOthers(server);
    long pid = server.status().worker(0).pid();
    Procs.stop(pid);
    try {
      for (int i = 0; i < STORMS; i++) {
        for (Client each : others) {
          says(each, "subscribe 0 " + TOPICS, "subscribed");
          says(each, "unsubscribe 0 " + TOPICS, "unsubscribed");
        }
        assertWithinBounds(server.status());
      }
      server.await(
          "both links to it are full",
          status ->
              status.worker(1).mesh().waitingBytes() > 0
                  && status.worker(2).mesh().waitingBytes() > 0);
      assertGrownLittle(before, heapsOfOthers(server));
      says(sessions.get(1), "subscribe 0 300", "subscribed");
      says(sessions.get(2), "subscribe 200 400", "subscribed");
    } finally {
      Procs.signal("CONT", pid);
    }

    Status status =
        server.await(
            "nothing waits",
            now -> now.workers().stream().allMatch(each -> each.mesh().waitingBytes() == 0));
    assertThat(status.worker(0).pid()).isEqualTo(pid);
    assertThat(status.workers()).allMatch(each -> each.mesh().links() == WORKERS - 1);
    for (Client each : others) { // what they have wanted before has arrived, too
      publishToAll(each, sessions);
    }
    for (int topic = 0; topic < TOPICS; topic++) {
      says(sessions.get(0), "publish " + topic, "published");
    }
    for (int topic = 0; topic < 300; topic++) {
      hears(sessions.get(1), "got " + topic);
    }
    for (int topic = 200; topic < 600; topic++) {
      hears(sessions.get(2), "got " + topic);
    }
    publishToAll(sessions.get(0), sessions); // and nothing else came before
    for (Client each : sessions) {
      each.close();
    }
  }

  private static void publishToAll(Client from, List<Client> sessions) throws IOException {
    says(from, "publish " + SubscriptionsModule.ALL, "published");
    for (Client each : sessions) {
      hears(each, "got " + SubscriptionsModule.ALL);
    }
  }
}
