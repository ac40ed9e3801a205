package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Clients beyond a limit are turned away, and room that is made is used again. */
class LimitsIT {
  /** Round-robin, so that it is known how many clients each worker has; a listener per limit. */
  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        server.configure("listener-defaults.placement", "round-robin");
        three = server.listen("three", "echo");
        server.configure("listeners.three.max-connections", 3);
        two = server.listen("two", "echo");
        server.configure("listeners.two.max-connections", 2);
        pairs = server.listen("pairs", "echo");
        server.configure("listeners.pairs.max-connections-per-peer", 2);
        four = server.listen("four", "echo");
        server.configure("listeners.four.max-connections", 4);
        server.configure("listeners.four.max-connections-per-peer", 4);
        server.configure("listeners.local.max-connections-per-peer", 1);
        server.configure("listeners.web.max-connections", 1);
      });

  private static int three;
  private static int two;
  private static int pairs;
  private static int four;

  /** So many clients on one of these listeners, connected one after the other, each answered. */
  private static List<Client> guests(int port, int n) throws IOException {
    List<Client> guests = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      Client guest = Client.tcp(port);
      assertThat(guest.echo("here")).isEqualTo("here");
      guests.add(guest);
    }
    return guests;
  }

  /** Connects until it is served: the manager hears of who has left a little later. */
  private static Client served(String who, Callable<Client> connect) {
    List<Client> served = new ArrayList<>();
    Wait.until(
        who + " is served",
        () -> {
          Client client = connect.call();
          try {
            assertThat(client.echo("hello")).isEqualTo("hello");
            served.add(client);
            return true;
          } catch (IOException _) {
            client.close();
            return false; // turned away
          }
        });
    return served.getFirst();
  }

  private static void assertTurnedAway(Client client) throws IOException {
    try (client) {
      assertThat(client.isEnded()).as("closed without a byte").isTrue();
    }
  }

  @Test
  void aListenerThatIsFullTurnsTheNextAwayUntilOneLeaves() throws Exception {
    TestServer server = SERVERS.running();
    List<Client> guests = guests(three, 3);
    assertTurnedAway(Client.tcp(three));
    Status full = server.status();
    assertThat(full.listener("three").limited()).isEqualTo(1);
    assertThat(full.listener("three").open()).isEqualTo(3);
    assertThat(full.listener("three").refused()).isZero();
    assertThat(full.total("limited")).isEqualTo(1);
    server.visitWeb(); // the others are not concerned
    try (Client local = server.local()) {
      assertThat(local.echo("hello")).isEqualTo("hello");
    }

    guests.removeFirst().close();
    guests.add(served("the next", () -> Client.tcp(three)));
    for (Client guest : guests) {
      assertThat(guest.echo("still here")).isEqualTo("still here");
      guest.close();
    }

    server.await("all have left", s -> s.listeners().stream().allMatch(l -> l.open() == 0));
    server.await(
        "every client is accounted for",
        s ->
            s.total("closed") == s.total("taken")
                && s.total("accepted") == s.total("taken") + s.total("limited"));
    server.awaitLog("listener three is full: baton.listeners.three.max-connections = 3 are open");
    assertThat(server.log()).doesNotContain("listener web is full");
  }

  @Test
  void aCrowdOnALimitedListenerIsCountedToTheLast() throws Exception {
    TestServer server = SERVERS.running();
    int crowd = 300;
    for (int i = 0; i < crowd; i++) {
      Client.tcp(two).close();
    }
    Status status =
        server.await(
            "all came and went",
            s -> s.listener("two").accepted() == crowd && s.listener("two").open() == 0);
    Status over =
        server.await(
            "all are reported closed",
            s ->
                s.total("closed") == s.total("taken")
                    && s.total("taken") + s.total("limited") == crowd);
    assertThat(over.total("refused")).isZero();
    assertThat(status.total("workerDeaths")).isZero();
    guests(two, 1).getFirst().close();
  }

  @Test
  void allListenersTogetherHaveALimit() throws Exception {
    TestServer server =
        SERVERS.create().configure("workers", 1).configure("max-connections", 3).start();
    List<Client> guests = server.guests(2);
    Client local = server.local();
    assertThat(local.echo("hello")).isEqualTo("hello");
    assertTurnedAway(server.echo());
    assertTurnedAway(server.local());
    Status full = server.status();
    assertThat(full.listener("echo").limited()).isEqualTo(1);
    assertThat(full.listener("local").limited()).isEqualTo(1);
    assertThat(full.total("limited")).isEqualTo(2);

    local.close();
    guests.add(served("one of another listener", server::echo));
    server.awaitLog(
        "listener echo is full: baton.max-connections = 3 are open on all listeners",
        "listener local is full: baton.max-connections = 3 are open on all listeners");
    for (Client guest : guests) {
      guest.close();
    }
  }

  @Test
  void oneAddressHasALimitAndAnotherItsOwn() throws Exception {
    TestServer server = SERVERS.running();
    Callable<Client> other = () -> Client.tcp(pairs, "127.0.0.2");
    List<Client> guests = guests(pairs, 2);
    assertTurnedAway(Client.tcp(pairs));
    guests.add(served("another address", other));
    guests.add(served("another address", other));
    assertTurnedAway(other.call());
    assertThat(server.status().listener("pairs").open()).isEqualTo(4);

    guests.removeLast().close();
    guests.add(served("the other address", other));
    assertTurnedAway(Client.tcp(pairs));
    server.awaitLog("max-connections-per-peer = 2 are open from 127.0.0.");
    for (Client guest : guests) {
      assertThat(guest.echo("still here")).isEqualTo("still here");
      guest.close();
    }
    server.await("all have left", s -> s.listener("pairs").open() == 0);
  }

  @Test
  void oneUserHasALimitOnAUnixSocket() throws Exception {
    TestServer server = SERVERS.running();
    try (Client guest = server.local()) {
      assertThat(guest.echo("hello")).isEqualTo("hello");
      assertTurnedAway(server.local());
    }
    served("the next", server::local).close();
  }

  @Test
  void whatAKilledWorkerHeldIsFreeAtOnce() throws Exception {
    TestServer server = SERVERS.running();
    List<Client> guests = guests(four, 4);
    assertTurnedAway(Client.tcp(four));
    Status full = server.await("2 and 2", s -> s.worker(0).connections() == 2);
    Procs.signal("KILL", full.worker(0).pid());
    server.await("its death is seen", s -> s.total("workerDeaths") == 1);
    assertThat(server.status().listener("four").open()).isEqualTo(2);
    guests.add(served("one in its place", () -> Client.tcp(four)));
    guests.add(served("another", () -> Client.tcp(four)));
    assertTurnedAway(Client.tcp(four));
    server.awaitAllReady();
    for (Client guest : guests) {
      guest.close();
    }
    server.await("all have left", s -> s.listener("four").open() == 0);
  }

  @Test
  void anHttpClientBeyondALimitIsToldSo() throws Exception {
    TestServer server = SERVERS.running();
    try (Client guest = server.web()) {
      assertThat(guest.get("/hello").code()).isEqualTo(200);
      try (Client asking = server.web()) {
        asking.sendGet("/hello");
        Client.Answer answer = asking.answer();
        assertThat(answer.head()).startsWith("HTTP/1.1 503 ");
        assertThat(answer.closes()).isTrue();
        assertThat(asking.isEnded()).isTrue();
      }
      try (Client silent = server.web()) {
        assertThat(silent.answer().head()).startsWith("HTTP/1.1 503 ");
      }
      assertThat(guest.get("/hello").code()).isEqualTo(200);
    }
    assertThat(server.status().listener("web").limited()).isEqualTo(2);
  }
}
