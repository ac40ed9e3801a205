package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A client in the room of {@link RoomModule}, whose messages are {@code NAME/NUMBER}. It knows of
 * each name what it has got, and how much it was told to have missed since it was there.
 */
final class RoomGuest implements WebSocket.Listener, AutoCloseable {
  private static final Pattern MESSAGE = Pattern.compile("(\\w+)/(\\d+)");
  private static final Pattern MISSED = Pattern.compile("\\(missed (-?\\d+)\\)");
  private static final String NOT_ALL = "(not everybody hears this)";

  /** What it has got of one name. */
  private static final class Heard {
    private final int first;
    private final BitSet numbers = new BitSet();
    private int last;

    private Heard(int first) {
      this.first = first;
    }
  }

  final String name;
  private final WebSocket socket;
  private final StringBuilder text = new StringBuilder();
  private final Map<String, Heard> heard = new ConcurrentHashMap<>();
  private int said;
  private long missed;
  private boolean unknown;
  private int notAll;
  private @Nullable String wrong;

  RoomGuest(HttpClient http, URI room, String name) {
    this.name = name;
    socket = http.newWebSocketBuilder().buildAsync(room, this).join();
  }

  /** Says the next number. */
  synchronized void say() {
    socket.sendText(name + "/" + said++, true).join();
  }

  synchronized int said() {
    return said;
  }

  /** How often it was told that not everybody heard what it said. */
  synchronized int notAll() {
    return notAll;
  }

  synchronized boolean hears(String other) {
    return heard.containsKey(other);
  }

  /** The last number that it has got of a name, or -1. */
  synchronized int last(String other) {
    Heard its = heard.get(other);
    return its == null ? -1 : its.last;
  }

  /** What it has missed up to now does not count. */
  synchronized void beginAnew() {
    missed = 0;
    unknown = false;
    heard.replaceAll((_, its) -> new Heard(its.last + 1));
  }

  @Override
  public synchronized @Nullable CompletionStage<?> onText(
      WebSocket from, CharSequence data, boolean last) {
    text.append(data);
    if (last) {
      hear(text.toString());
      text.setLength(0);
    }
    from.request(1);
    return null;
  }

  private void hear(String what) {
    Matcher message = MESSAGE.matcher(what);
    Matcher loss = MISSED.matcher(what);
    if (message.matches()) {
      int n = Integer.parseInt(message.group(2));
      Heard its = heard.computeIfAbsent(message.group(1), _ -> new Heard(n));
      if (n >= its.first && (its.numbers.get(n) || n < its.last)) {
        wrong = "%s got %s after number %d".formatted(name, what, its.last);
      }
      its.numbers.set(n);
      its.last = n;
    } else if (loss.matches()) {
      long count = Long.parseLong(loss.group(1));
      unknown |= count < 0;
      missed += Math.max(0, count);
    } else if (what.equals(NOT_ALL)) {
      notAll++;
    } else {
      wrong = name + " got " + what;
    }
  }

  @Override
  public synchronized @Nullable CompletionStage<?> onClose(
      WebSocket from, int code, String reason) {
    wrong = "%s is closed: %d %s".formatted(name, code, reason);
    return null;
  }

  @Override
  public synchronized void onError(WebSocket from, Throwable error) {
    wrong = name + ": " + error;
  }

  synchronized void assertNothingWrong() {
    assertThat(wrong).isNull();
  }

  /** How many numbers of a name it has not got, of those that were said since it was there. */
  synchronized long lacks(String other, int said) {
    Heard its = heard.get(other);
    return its == null ? said : Math.max(0, said - its.first) - its.numbers.cardinality();
  }

  synchronized long missed() {
    return missed;
  }

  /** Whether it was told that it has missed some, and not how many. */
  synchronized boolean isUnsure() {
    return unknown;
  }

  @Override
  public synchronized String toString() {
    return "%s: missed %d%s".formatted(name, missed, unknown ? " and some more" : "");
  }

  @Override
  public void close() {
    socket.abort();
  }
}
