package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.credentials.TestFiles;
import io.baton.testing.Nightly;
import io.baton.testing.server.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Two servers that share topics through a NATS server, whatever that does. */
class NatsIT {
  private static final int GUESTS = 4;
  private static final int OUTAGES = Nightly.of(25, 2);

  /** What each of the two who speak says between two events. */
  private static final int SAID = 100;

  private static final long PACE_NS = 5_000_000;

  /** Of the heap in use of a worker, meanwhile. */
  private static final long MOST_GROWTH = 1024 * 1024;

  private static final long MOST_HELD = 4 * 1024 * 1024;

  @RegisterExtension final Servers servers = Servers.perTest();

  @TempDir private Path directory;
  private HttpClient http = HttpClient.newHttpClient();
  private final List<RoomGuest> guests = new ArrayList<>();

  @BeforeEach
  void openClient() {
    http = HttpClient.newHttpClient();
  }

  @AfterEach
  void closeClients() {
    guests.forEach(RoomGuest::close);
    http.shutdownNow();
    http.close();
  }

  /**
   * One of the two machines, and those in the room that are its clients; the first of them speaks.
   */
  private record Machine(TestServer server, List<RoomGuest> guests) {
    RoomGuest speaker() {
      return guests.getFirst();
    }
  }

  private Machine machine(String name, NatsServer nats, Path secret) throws Exception {
    TestServer server = servers.create();
    ModuleJar.install(server, RoomModule.class, Map.of());
    int port = Ports.free(1).getFirst();
    server
        .configure("name", name)
        .configure("cluster.broker", "\"" + nats.url() + "\"")
        .configure("cluster.secret", "[\"" + secret + "\"]")
        .configure(
            "listeners.rooms",
            "{ endpoint = \"tcp://127.0.0.1:%d\", codec = http, routes { \"/room\" = { codec = websocket, service = room } } }"
                .formatted(port));
    server.start();
    List<RoomGuest> its = new ArrayList<>();
    for (int i = 0; i < GUESTS; i++) {
      URI room = URI.create("ws://127.0.0.1:%d/room".formatted(port));
      RoomGuest guest = new RoomGuest(http, room, name + i);
      its.add(guest);
      guests.add(guest);
    }
    return new Machine(server, its);
  }

  private Path secret(String text) throws IOException {
    Path file = directory.resolve("secret");
    Files.writeString(file, text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  /** Those who speak do so until everybody hears both. */
  private static void awaitTogether(Machine a, Machine b) {
    Wait.until(
        "everybody hears both",
        () -> {
          a.speaker().say();
          b.speaker().say();
          return all(a, b).stream()
              .allMatch(each -> each.hears(a.speaker().name) && each.hears(b.speaker().name));
        });
    awaitAll(a, b);
    all(a, b).forEach(RoomGuest::beginAnew);
  }

  private static List<RoomGuest> all(Machine a, Machine b) {
    List<RoomGuest> all = new ArrayList<>(a.guests);
    all.addAll(b.guests);
    return all;
  }

  private static void speak(Machine a, Machine b) {
    for (int i = 0; i < SAID; i++) {
      a.speaker().say();
      b.speaker().say();
      LockSupport.parkNanos(PACE_NS);
    }
  }

  /** What a guest of one machine has not got of the other's speaker it was told to have missed. */
  private static boolean isSettled(RoomGuest guest, Machine own, Machine other) {
    guest.assertNothingWrong();
    long lacks = guest.lacks(other.speaker().name, other.speaker().said());
    return guest.lacks(own.speaker().name, own.speaker().said()) == 0
        && (guest.isUnsure() || guest.missed() == lacks);
  }

  private static void awaitAll(Machine a, Machine b) {
    Wait.until(
        "everybody has got, or was told to have missed, all that was said",
        () ->
            a.guests.stream().filter(each -> !isSettled(each, a, b)).count()
                + b.guests.stream().filter(each -> !isSettled(each, b, a)).count(),
        left -> left == 0);
  }

  /** The broker dies and comes back, and then stands still for a while. */
  private static void outage(NatsServer nats, Machine a, Machine b) throws Exception {
    nats.kill();
    speak(a, b);
    nats.start();
    speak(a, b);
    nats.stop();
    speak(a, b);
    nats.resume();
    speak(a, b);
  }

  /** What the workers of both have in use, each. */
  private static List<Long> heapsInUse(Machine... machines) throws Exception {
    List<Long> bytes = new ArrayList<>();
    for (Machine each : machines) {
      for (long pid : each.server.status().pids()) {
        bytes.add(Procs.heapInUse(pid));
      }
    }
    return bytes;
  }

  @Test
  void aRoomOfTwoMachinesSurvivesItsBrokerAndEachLossIsTold() throws Exception {
    try (NatsServer nats = new NatsServer(directory.resolve("nats.log"))) {
      Path secret = secret("a secret of 16 bytes and more\n");
      Machine a = machine("a", nats, secret);
      Machine b = machine("b", nats, secret);
      awaitTogether(a, b);
      speak(a, b);
      awaitAll(a, b);
      assertThat(all(a, b)).allMatch(each -> each.missed() == 0 && !each.isUnsure());
      outage(nats, a, b); // what is made once for good is made now
      awaitAll(a, b);
      List<Long> before = heapsInUse(a, b);
      for (int i = 0; i < OUTAGES; i++) {
        outage(nats, a, b);
      }
      awaitAll(a, b);
      System.out.println("NatsIT: " + all(a, b));
      List<Long> after = heapsInUse(a, b);
      System.out.println("NatsIT: heaps " + before + ", at the end " + after);
      for (int i = 0; i < before.size(); i++) {
        assertThat(after.get(i)).isLessThan(before.get(i) + MOST_GROWTH);
      }
      assertThat(all(a, b)).anyMatch(each -> each.missed() > 0 || each.isUnsure());
      assertThat(a.speaker().notAll()).as("publications that were refused").isPositive();
      for (Machine each : List.of(a, b)) {
        Status status = each.server.status();
        assertThat(status.total("workerDeaths")).isZero();
        assertThat(status.workers()).allMatch(worker -> worker.heldBytes() < MOST_HELD);
      }
    }
  }

  @Test
  void sessionsThatMoveMissNothingOfTheOtherMachine() throws Exception {
    try (NatsServer nats = new NatsServer(directory.resolve("nats.log"))) {
      Path secret = secret("a secret of 16 bytes and more\n");
      Machine a = machine("a", nats, secret);
      Machine b = machine("b", nats, secret);
      awaitTogether(a, b);
      Thread speaking =
          Thread.ofVirtual()
              .start(() -> {
                for (int i = 0; i < 2 * Moves.RELOADS; i++) {
                  speak(a, b);
                }
              });
      for (int i = 0; i < Moves.RELOADS; i++) {
        Moved moved = Moved.by(b.server, "reload");
        assertThat(moved.closed()).isZero();
      }
      speaking.join();
      awaitAll(a, b);
      assertThat(all(a, b)).allMatch(each -> each.missed() == 0 && !each.isUnsure());
    }
  }

  /** How much is moved. */
  private static final class Moves {
    static final int RELOADS = Nightly.of(20, 2);
  }

  @Test
  void whoHasNotTheSecretIsNotHeard() throws Exception {
    try (NatsServer nats = new NatsServer(directory.resolve("nats.log"))) {
      Machine a = machine("a", nats, secret("a secret of 16 bytes and more\n"));
      Machine b = machine("b", nats, secret("another secret that is as long\n"));
      nats.publish("baton.t.rooms.room.one", "nonsense");
      a.speaker().say();
      Wait.until(
          "it is dropped, and so is what the other machine says",
          () -> {
            b.speaker().say();
            return a.server
                .http("/metrics")
                .body()
                .lines()
                .anyMatch(line ->
                    line.matches("baton_broker_dropped_total\\{reason=\"forged\",.*} [1-9].*"));
          });
      assertThat(a.guests).noneMatch(each -> each.hears(b.speaker().name));
      assertThat(a.server.http("/metrics").body())
          .containsPattern("baton_broker_up\\{slot=\"0\"} 1");
    }
  }

  /** A NATS server that has this certificate, wants one of its clients, and their password. */
  private NatsServer encrypted(String certificate) throws IOException {
    return new NatsServer(
        directory.resolve("nats.log"),
        "--tls",
        "--tlscert=" + TestFiles.put(certificate + ".pem", directory),
        "--tlskey=" + TestFiles.put(certificate + ".key", directory),
        "--tlsverify",
        "--tlscacert=" + TestFiles.put("authority.pem", directory),
        "--user=baton",
        "--pass=a password");
  }

  private TestServer encryptedServer(NatsServer nats) throws Exception {
    TestServer server = servers.create();
    ModuleJar.install(server, RoomModule.class, Map.of());
    return server
        .configure("cluster.broker", "\"" + nats.encryptedUrl() + "\"")
        .configure("cluster.credentials", "\"" + secret("baton:a password\n") + "\"")
        .configure(
            "cluster.tls",
            "{ ca = \"%s\", chain = \"%s\", key = \"%s\" }"
                .formatted(
                    TestFiles.put("authority.pem", directory),
                    TestFiles.put("client.pem", directory),
                    TestFiles.put("client.key", directory)))
        .start();
  }

  @Test
  void anEncryptedBrokerIsTrustedIfItsCertificateIsForItsHost() throws Exception {
    try (NatsServer nats = encrypted("ec")) {
      TestServer server = encryptedServer(nats);
      Wait.until(
          "it is connected",
          () -> server.http("/metrics").body(),
          metrics -> metrics.contains("baton_broker_up{slot=\"0\"} 1"));
      assertThat(server.http("/status").body()).doesNotContain("a password");
    }
  }

  @Test
  void anEncryptedBrokerWithTheCertificateOfAnotherHostIsNotTrusted() throws Exception {
    try (NatsServer nats = encrypted("rsa")) {
      TestServer server = encryptedServer(nats);
      Path log = server.logDir.resolve("worker-0.log");
      Wait.until(
          "it says why",
          () -> Files.readString(log),
          text -> text.contains("No subject alternative names matching IP address 127.0.0.1"));
      assertThat(Files.readString(log)).doesNotContain("connected to the broker", "a password");
    }
  }
}
