package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.net.http.WebSocketHandshakeException;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * One client of the examples' counter, on one connection after the other, and the numbers that it
 * has seen.
 */
final class CountingClient implements AutoCloseable {
  private static final int SERVICE_UNAVAILABLE = 503;

  private final HttpClient http;
  private Dialogue dialogue;
  private String ticket;
  private long last;
  private long count;
  private long pid;

  CountingClient(HttpClient http, Site at) throws Exception {
    this.http = http;
    dialogue = Dialogue.with(http, at.webSocket("/counter/socket"), "baton.resume");
    ticket = welcome(false);
    message();
  }

  Dialogue dialogue() {
    return dialogue;
  }

  /** Returns what names its session and shows that this is its client's: KEY.TOKEN. */
  String ticket() {
    return ticket;
  }

  /** Returns the number of the last message. */
  long last() {
    return last;
  }

  /** Returns what its service has counted. */
  long count() {
    return count;
  }

  /** Returns the process that has its session. */
  long pid() {
    return pid;
  }

  private String welcome(boolean resumed) throws Exception {
    Map<String, @Nullable Object> welcome = Json.object(dialogue.heardText());
    assertThat(welcome).containsEntry("resumed", resumed).containsEntry("awaits", 60);
    return Objects.requireNonNull((String) welcome.get("baton.resume"));
  }

  /** Hears the next message, whose number follows. */
  private void message() throws Exception {
    Map<String, @Nullable Object> next = Json.object(dialogue.heardText());
    assertThat(number(next, "number")).isEqualTo(last + 1);
    last++;
    count = number(next, "count");
    pid = number(next, "pid");
  }

  private static long number(Map<String, @Nullable Object> of, String name) {
    return ((Number) Objects.requireNonNull(of.get(name))).longValue();
  }

  void adds() throws Exception {
    long before = count;
    dialogue.say("add");
    while (count == before) {
      message();
    }
    assertThat(count).isEqualTo(before + 1);
  }

  /** Comes back over another connection; tries again for as long as the server asks for it. */
  void returns(Site to) throws Exception {
    Dialogue former = dialogue;
    while (dialogue.equals(former)) {
      try {
        dialogue = offer(http, to, ticket + "." + last);
      } catch (CompletionException e) {
        assertThat(status(e)).isEqualTo(SERVICE_UNAVAILABLE);
      }
    }
    ticket = welcome(true);
    former.close();
    adds();
  }

  /** Asks for a session: KEY.TOKEN, or KEY.TOKEN.LAST. */
  static Dialogue offer(HttpClient http, Site to, String session) {
    return Dialogue.with(
        http, to.webSocket("/counter/socket"), "baton.resume", "baton.resume." + session);
  }

  /** Returns the status with which a handshake was refused. */
  static int status(Throwable failure) {
    assertThat(failure).hasCauseInstanceOf(WebSocketHandshakeException.class);
    Throwable cause = Objects.requireNonNull(failure.getCause());
    return ((WebSocketHandshakeException) cause).getResponse().statusCode();
  }

  /** Ends the session, which would wait for it else. */
  @Override
  public void close() {
    dialogue.leave();
  }
}
