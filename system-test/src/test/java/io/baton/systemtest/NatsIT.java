package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.credentials.TestFiles;
import io.baton.systemtest.SharedRoom.Machine;
import io.baton.systemtest.SharedRoom.Told;
import io.baton.testing.Nightly;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Two servers that share topics through a NATS server, whatever that does. */
class NatsIT {
  private static final int OUTAGES = Nightly.of(25, 2);
  private static final int RELOADS = Nightly.of(20, 2);

  /** Of the heap in use of a worker, meanwhile. */
  private static final long MOST_GROWTH = 1024 * 1024;

  private static final long MOST_HELD = 4 * 1024 * 1024;

  private static final String SECRET = "a secret of 16 bytes and more\n";
  private static final String LOST = "the connection to the broker is lost";

  @RegisterExtension final Servers servers = Servers.perTest();

  @TempDir private Path directory;

  private NatsServer nats() throws IOException {
    return new NatsServer(directory.resolve("nats.log"));
  }

  private SharedRoom room(NatsServer nats, String secretOfA, String secretOfB) throws Exception {
    return new SharedRoom(server(nats, "a", secretOfA), server(nats, "b", secretOfB));
  }

  private TestServer server(NatsServer nats, String name, String secret) throws Exception {
    Path file = TestFiles.write(secret, directory.resolve("secret-of-" + name));
    return servers
        .create()
        .configure("cluster.broker", "\"" + nats.url() + "\"")
        .configure("cluster.secret", "[\"" + file + "\"]");
  }

  private static Told gotAll(SharedRoom room) {
    return new Told(room.guests().size(), 0, 0);
  }

  /**
   * The broker dies and comes back, and then stands still for a moment, in which nothing is lost.
   *
   * @return what the guests were told of what was lost by its death
   */
  private static Told outage(NatsServer nats, SharedRoom room) throws Exception {
    nats.kill();
    room.speak();
    nats.start();
    room.speak();
    Told told = room.settle();
    nats.stop();
    room.speak();
    nats.resume();
    room.speak();
    assertThat(room.settle().exact()).as("guests that missed something").isZero();
    return told;
  }

  /** What the workers of both have in use, each. */
  private static List<Long> heapsInUse(SharedRoom room) throws Exception {
    List<Long> bytes = new ArrayList<>();
    for (Machine each : room.machines()) {
      for (long pid : each.server().status().pids()) {
        bytes.add(Procs.heapInUse(pid));
      }
    }
    return bytes;
  }

  @Test
  void aRoomOfTwoMachinesSurvivesItsBrokerAndEachLossIsTold() throws Exception {
    try (NatsServer nats = nats();
        SharedRoom room = room(nats, SECRET, SECRET)) {
      room.settle();
      room.speak();
      assertThat(room.settle()).isEqualTo(gotAll(room));
      Told told = outage(nats, room); // what is made once for good is made now
      List<Long> before = heapsInUse(room);
      for (int i = 0; i < OUTAGES; i++) {
        told = told.plus(outage(nats, room));
      }
      List<Long> after = heapsInUse(room);
      System.out.printf("NatsIT: %s, heaps %s, at the end %s%n", told, before, after);
      assertThat(told.none()).as("guests for whom the broker died without a loss").isZero();
      // Unsure is who knows a worker that needed more than five seconds to connect again.
      assertThat(told.exact()).as("told the number, %s", told).isGreaterThan(told.unsure());
      for (int i = 0; i < before.size(); i++) {
        assertThat(after.get(i)).isLessThan(before.get(i) + MOST_GROWTH);
      }
      for (Machine each : room.machines()) {
        assertThat(each.speaker().notAll()).as("publications that were refused").isPositive();
        Status status = each.server().status();
        assertThat(status.total("workerDeaths")).isZero();
        assertThat(status.workers()).allMatch(worker -> worker.heldBytes() < MOST_HELD);
      }
    }
  }

  /**
   * The client library asks for a sign of life every five seconds, and gives up after the third.
   */
  @Tag(Nightly.ONLY)
  @Test
  void aBrokerThatStandsStillForLongIsGivenUpAndWhatIsLostIsTold() throws Exception {
    try (NatsServer nats = nats();
        SharedRoom room = room(nats, SECRET, SECRET)) {
      room.settle();
      nats.stop();
      room.speak();
      room.awaitLocal();
      for (Machine each : room.machines()) {
        assertThat(each.speaker().notAll()).as("refused at first").isZero();
        for (int slot = 0; slot < 2; slot++) {
          each.server().awaitWorkerLog(slot, LOST);
        }
      }
      room.speak();
      room.awaitLocal();
      for (Machine each : room.machines()) {
        assertThat(each.speaker().notAll()).as("refused then").isPositive();
      }
      nats.resume();
      Told told = room.settle();
      System.out.println("NatsIT: after a broker that stood still, " + told);
      assertThat(told.none()).as("guests that missed nothing").isZero();
      room.speak();
      assertThat(room.settle().exact()).as("guests that still miss something").isZero();
    }
  }

  @Test
  void sessionsThatMoveMissNothingOfTheOtherMachine() throws Exception {
    try (NatsServer nats = nats();
        SharedRoom room = room(nats, SECRET, SECRET)) {
      room.settle();
      Thread speaking =
          Thread.ofVirtual()
              .start(() -> {
                for (int i = 0; i < 2 * RELOADS; i++) {
                  room.speak();
                }
              });
      for (int i = 0; i < RELOADS; i++) {
        Moved moved = Moved.by(room.b.server(), "reload");
        assertThat(moved.closed()).isZero();
      }
      speaking.join();
      assertThat(room.settle()).isEqualTo(gotAll(room));
    }
  }

  @Test
  void whoHasNotTheSecretIsNotHeard() throws Exception {
    try (NatsServer nats = nats();
        SharedRoom room = room(nats, SECRET, "another secret that is as long\n")) {
      nats.publish("baton.t.rooms.room.one", "nonsense");
      TestServer a = room.a.server();
      room.a.speaker().say();
      Wait.until(
          "it is dropped, and so is what the other machine says",
          () -> {
            room.b.speaker().say();
            return a.http("/metrics")
                .body()
                .lines()
                .anyMatch(line ->
                    line.matches("baton_broker_dropped_total\\{reason=\"forged\",.*} [1-9].*"));
          });
      assertThat(room.a.guests()).noneMatch(each -> each.hears(room.b.speaker().name));
      assertThat(a.http("/metrics").body()).containsPattern("baton_broker_up\\{slot=\"0\"} 1");
    }
  }
}
