package io.baton.systemtest;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * WebSocket clients, the JDK's, in rooms of ten: what each says, numbered, has to reach all in its
 * room once. Who is there is asked all the time, and has to be all of them, each once. A client is
 * answered when its own messages come back.
 */
final class RoomCrowd extends Crowd<RoomCrowd.Guest> {
  private static final int AT_ONCE = 2;
  private static final int UNANSWERED = 4;
  private static final int ROOM = 10;
  private static final String PROBE = "?";

  /** One of them. */
  final class Guest extends Crowd.Member implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    /** Numbers of the messages that it got of each in the room. */
    private final List<BitSet> heard = new ArrayList<>();

    /** Those in the room of whom it has heard anything. */
    private final BitSet known = new BitSet();

    private @Nullable WebSocket socket;
    private int turns;
    private CompletableFuture<WebSocket> sending = new CompletableFuture<>();

    private Guest(int number) {
      super(number);
      for (int i = 0; i < ROOM; i++) {
        heard.add(new BitSet());
      }
    }

    private synchronized void hear(String text) {
      String[] lines = text.split("\n", -1);
      if (lines[0].matches("(here|some) .*")) {
        hearList(lines);
      } else {
        hearMessage(lines[1]);
      }
    }

    /** Who is in the room: all of it, each once, whoever just moves. */
    private void hearList(String[] lines) {
      List<String> names = List.of(lines).subList(1, lines.length);
      List<String> all =
          IntStream.range(number / ROOM * ROOM, (number / ROOM + 1) * ROOM)
              .mapToObj(Integer::toString)
              .sorted()
              .toList();
      boolean isWhole = lines[0].startsWith("here");
      if (isWhole ? !all.equals(names) : !all.containsAll(names)) {
        gotWrong(this, "was told that these are there: " + names);
      }
      if (isWhole) {
        lists.incrementAndGet();
      }
    }

    private void hearMessage(String message) {
      if (message.isEmpty()) {
        return; // somebody has come
      }
      String[] parts = message.split("/", 2);
      if (parts.length != 2) {
        gotWrong(this, "got " + message);
        return;
      }
      int other = Integer.parseInt(parts[0]);
      if (other / ROOM != number / ROOM) {
        gotWrong(this, "got what is said in another room: " + message);
        return;
      }
      known.set(other % ROOM);
      if (parts[1].equals(PROBE)) {
        return;
      }
      int n = Integer.parseInt(parts[1]);
      BitSet its = heard.get(other % ROOM);
      if (its.get(n)) {
        gotWrong(this, "got twice " + message);
      }
      its.set(n);
      if (other == number) {
        answered.incrementAndGet();
      }
    }

    private synchronized boolean knowsAll() {
      return known.cardinality() == ROOM;
    }

    /** Whether it has got so many messages of each in the room, from the first on. */
    private synchronized boolean hasAll(List<Guest> all) {
      int first = number / ROOM * ROOM;
      for (int i = 0; i < ROOM; i++) {
        if (heard.get(i).cardinality() != all.get(first + i).said.get()) {
          return false;
        }
      }
      return true;
    }

    private void say(String message) {
      sending = requireNonNull(socket).sendText(number + "/" + message, true);
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        hear(text.toString());
        text.setLength(0);
      }
      from.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      ended(this, "close " + code + " " + reason);
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      ended(this, "error " + error);
    }
  }

  private final AtomicLong lists = new AtomicLong();
  private final HttpClient http = HttpClient.newHttpClient();

  /**
   * Connects them, and waits until each has heard of each in its room.
   *
   * @param room to which {@code ?room=ROOM&name=NUMBER} is added
   * @param clients a multiple of ten
   */
  RoomCrowd(URI room, int clients) {
    super(AT_ONCE);
    List<Guest> all = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      Guest guest = new Guest(i);
      URI its = URI.create(room + "?room=" + i / ROOM + "&name=" + i);
      guest.socket = http.newWebSocketBuilder().buildAsync(its, guest).join();
      all.add(guest);
    }
    Wait.until(
        "each knows all in its room",
        () -> {
          for (Guest guest : all) {
            guest.say(PROBE);
            guest.sending.join();
          }
          return all;
        },
        those -> those.stream().allMatch(Guest::knowsAll));
    begin(all);
  }

  @Override
  void listen() {} // each hears for itself

  /** Returns how often a guest was told who is there. */
  long lists() {
    return lists.get();
  }

  @Override
  void speak(Guest guest) {
    if (guest.sending.isCompletedExceptionally()) {
      ended(guest, "cannot send");
    } else if (guest.sending.isDone() && guest.turns++ % ROOM == 0) {
      guest.sending = requireNonNull(guest.socket).sendText("", true); // asks who is there
    } else if (guest.sending.isDone() && guest.said.get() - guest.answered.get() < UNANSWERED) {
      guest.say(Long.toString(guest.said.getAndIncrement()));
    }
  }

  /** Waits until all have got all that was said; nothing more is. */
  void finishAll() {
    finish();
    Wait.until(
        "everybody has got all that was said in its room",
        () -> {
          assertNothingWrong();
          return members().stream().filter(each -> !each.hasAll(members())).toList();
        },
        List::isEmpty);
    assertThat(answered()).isPositive();
  }

  @Override
  void leave(Guest guest) {
    requireNonNull(guest.socket).abort();
  }

  @Override
  public void close() throws IOException {
    super.close();
    http.shutdownNow();
    http.close();
  }
}
