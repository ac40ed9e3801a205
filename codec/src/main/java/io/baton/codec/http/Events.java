package io.baton.codec.http;

import io.baton.service.Session;
import io.netty.handler.codec.http.HttpObject;
import java.time.Duration;

/**
 * A stream of server-sent events (WHATWG HTML, 9.2), for a browser's {@code EventSource}.
 *
 * <p>Every 15 seconds a comment goes out, so that proxies do not take the connection for dead and a
 * client that has vanished is noticed. When the worker is about to end, the stream ends in order,
 * behind what {@link #onDraining} sends; an {@code EventSource} then asks again, after the time
 * that {@link #retry} has set, a second without it, and says what it had last: {@link
 * #lastEventId}.
 *
 * <p><b>Threading.</b> As {@link HttpStream}.
 */
public final class Events {
  /** Time between two comments. */
  static final Duration HEARTBEAT = Duration.ofSeconds(15);

  private static final Duration RETRY = Duration.ofSeconds(1);

  private final Session<HttpObject> session;
  private final HttpStream stream;
  private final String lastEventId;

  Events(Session<HttpObject> session, HttpStream stream, String lastEventId) {
    this.session = session;
    this.stream = stream.onDraining(stream::end);
    this.lastEventId = lastEventId;
    var _ = retry(RETRY);
    beatLater();
  }

  /** Returns the id of the last event that the client has seen, on an earlier connection; or "". */
  public String lastEventId() {
    return lastEventId;
  }

  /** Sends an event without a name, which is a {@code message} to the client. */
  public boolean send(String data) {
    return send("", "", data);
  }

  /**
   * Sends an event.
   *
   * @param id what the client says when it asks again; one line, empty for none
   * @param event the name, one line; empty for none
   * @param data the text, of as many lines as it has
   * @return false if the stream has ended, and this is not sent
   * @throws IllegalArgumentException if the id or name has more than one line
   */
  public boolean send(String id, String event, String data) {
    StringBuilder text = new StringBuilder(data.length() + 32);
    field(text, "id", id);
    field(text, "event", event);
    // A client takes each of these for the end of a line.
    for (String line : data.split("\r\n|\n|\r", -1)) {
      text.append("data: ").append(line).append('\n');
    }
    return stream.send(text.append('\n').toString());
  }

  private static void field(StringBuilder text, String name, String value) {
    if (value.indexOf('\n') >= 0 || value.indexOf('\r') >= 0 || value.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("the " + name + " of an event is one line");
    }
    if (!value.isEmpty()) {
      text.append(name).append(": ").append(value).append('\n');
    }
  }

  /** Sets the time after which the client asks again when it has lost the stream. */
  public boolean retry(Duration time) {
    return stream.send("retry: " + time.toMillis() + "\n\n");
  }

  /** Sets what runs before the stream ends because its worker is about to: a last event. */
  public Events onDraining(Runnable last) {
    var _ =
        stream.onDraining(() -> {
          last.run();
          stream.end();
        });
    return this;
  }

  /** Sets what runs once, when the stream ends; as {@link HttpStream#onEnd}. */
  public Events onEnd(Runnable task) {
    var _ = stream.onEnd(task);
    return this;
  }

  /** Returns false while more waits for the client than it should, as {@link Session#writable}. */
  public boolean writable() {
    return stream.writable();
  }

  public boolean isEnded() {
    return stream.isEnded();
  }

  /** Ends the stream, in order and once. An {@code EventSource} asks again, until it gets a 204. */
  public void end() {
    stream.end();
  }

  private void beatLater() {
    var _ = session.after(HEARTBEAT, this::beat);
  }

  private void beat() {
    if (!stream.isEnded()) {
      if (stream.writable()) {
        var _ = stream.send(":\n\n");
      }
      beatLater();
    }
  }
}
