package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.server.Ports;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * The room of {@link RoomModule} on two servers of a cluster, and its guests, who are clients of
 * the one or the other. One guest of each server speaks.
 */
final class SharedRoom implements AutoCloseable {
  private static final int GUESTS = 4;

  /** What each of the two who speak says between two events. */
  static final int SAID = 100;

  private static final long PACE_NS = 5_000_000;

  /** One of the two servers, and its clients; the first of them speaks. */
  record Machine(TestServer server, List<RoomGuest> guests) {
    RoomGuest speaker() {
      return guests.getFirst();
    }
  }

  /**
   * What the guests were told of their losses.
   *
   * @param none guests that have got everything
   * @param exact those that were told the number of what they have not got
   * @param unsure those that were told that something is missing, and not how much
   */
  record Told(int none, int exact, int unsure) {
    static final Told NOTHING = new Told(0, 0, 0);

    Told plus(Told other) {
      return new Told(none + other.none, exact + other.exact, unsure + other.unsure);
    }

    private static Told of(RoomGuest guest) {
      if (guest.isUnsure()) {
        return new Told(0, 0, 1);
      }
      return guest.missed() == 0 ? new Told(1, 0, 0) : new Told(0, 1, 0);
    }
  }

  private final HttpClient http = HttpClient.newHttpClient();
  private final List<RoomGuest> guests = new ArrayList<>();
  final Machine a;
  final Machine b;

  /** Starts two servers that are configured to be of one cluster, and fills the room. */
  SharedRoom(TestServer first, TestServer second) throws Exception {
    a = machine("a", first);
    b = machine("b", second);
  }

  private Machine machine(String name, TestServer server) throws Exception {
    ModuleJar.install(server, RoomModule.class, Map.of());
    int port = Ports.free(1).getFirst();
    server
        .configure("name", name)
        .configure(
            "listeners.rooms",
            "{ endpoint = \"tcp://127.0.0.1:%d\", codec = http, routes { \"/room\" = { codec = websocket, service = room } } }"
                .formatted(port))
        .start();
    List<RoomGuest> its = new ArrayList<>();
    for (int i = 0; i < GUESTS; i++) {
      URI room = URI.create("ws://127.0.0.1:%d/room".formatted(port));
      RoomGuest guest = new RoomGuest(http, room, name + i);
      its.add(guest);
      guests.add(guest);
    }
    return new Machine(server, its);
  }

  List<Machine> machines() {
    return List.of(a, b);
  }

  List<RoomGuest> guests() {
    return List.copyOf(guests);
  }

  void speak() {
    for (int i = 0; i < SAID; i++) {
      a.speaker().say();
      b.speaker().say();
      LockSupport.parkNanos(PACE_NS);
    }
  }

  /** Waits until all have got what was said on their own machine, of which nothing may be lost. */
  void awaitLocal() {
    Wait.until(
        "everybody has got what was said on the own machine",
        () -> guests.stream().filter(each -> lacks(each, own(each)) != 0).toList(),
        List::isEmpty);
  }

  /**
   * Speaks until everybody hears what both say from now on, so that all before it has come or was
   * lost, and waits until everybody knows what was lost. Then counting begins anew.
   *
   * @return what the guests were told since the last time
   */
  Told settle() {
    int ofA = a.speaker().said();
    int ofB = b.speaker().said();
    Wait.until(
        "everybody hears both",
        () -> {
          a.speaker().say();
          b.speaker().say();
          return guests.stream()
              .filter(
                  each -> each.last(a.speaker().name) < ofA || each.last(b.speaker().name) < ofB)
              .toList();
        },
        List::isEmpty);
    Wait.until(
        "everybody has got, or was told to have missed, all that was said",
        () -> guests.stream().filter(each -> !knowsItsLosses(each)).toList(),
        List::isEmpty);
    Told told = guests.stream().map(Told::of).reduce(Told.NOTHING, Told::plus);
    guests.forEach(RoomGuest::beginAnew);
    return told;
  }

  /** Whoever is unsure may lack more than the number it was told, and never less. */
  private boolean knowsItsLosses(RoomGuest guest) {
    long lacks = lacks(guest, other(guest));
    assertThat(guest.missed()).as("what %s lacks at least", guest).isLessThanOrEqualTo(lacks);
    return lacks(guest, own(guest)) == 0 && (guest.isUnsure() || guest.missed() == lacks);
  }

  private Machine own(RoomGuest guest) {
    return a.guests.contains(guest) ? a : b;
  }

  private Machine other(RoomGuest guest) {
    return own(guest).equals(a) ? b : a;
  }

  private static long lacks(RoomGuest guest, Machine of) {
    guest.assertNothingWrong();
    return guest.lacks(of.speaker().name, of.speaker().said());
  }

  @Override
  public void close() {
    guests.forEach(RoomGuest::close);
    http.shutdownNow();
    http.close();
  }
}
