package io.baton.systemtest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's WebSocket client. What the server says is read in its order with {@link #heard}, each
 * as a word and its content: {@code text}, {@code binary} (one character a byte), {@code pong},
 * {@code close} with code and reason, {@code error}.
 */
final class Dialogue implements WebSocket.Listener, AutoCloseable {
  private static final int PATIENCE_SECONDS = 60;

  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private final StringBuilder text = new StringBuilder();
  private final StringBuilder binary = new StringBuilder();
  private @Nullable WebSocket socket;

  private Dialogue() {}

  /** Connects, with the subprotocols it wants, the preferred first. */
  static Dialogue with(HttpClient http, URI uri, String... subprotocols) {
    Dialogue dialogue = new Dialogue();
    WebSocket.Builder builder = http.newWebSocketBuilder();
    if (subprotocols.length > 0) {
      String[] others = Arrays.copyOfRange(subprotocols, 1, subprotocols.length);
      builder.subprotocols(subprotocols[0], others);
    }
    dialogue.socket = builder.buildAsync(uri, dialogue).join();
    return dialogue;
  }

  /** Connects as a browser does for a page that wants to go on with a session. */
  static Dialogue ofPage(HttpClient http, URI page, URI uri, String session) {
    Dialogue dialogue = new Dialogue();
    dialogue.socket =
        http.newWebSocketBuilder()
            .header("Origin", "http://" + page.getAuthority())
            .subprotocols("baton.resume", "baton.resume." + session)
            .buildAsync(uri, dialogue)
            .join();
    return dialogue;
  }

  /** Connects, with these header fields in the handshake. */
  static Dialogue with(HttpClient http, URI uri, Map<String, String> headers) {
    Dialogue dialogue = new Dialogue();
    WebSocket.Builder builder = http.newWebSocketBuilder();
    headers.forEach(builder::header);
    dialogue.socket = builder.buildAsync(uri, dialogue).join();
    return dialogue;
  }

  WebSocket socket() {
    return requireNonNull(socket);
  }

  /** Sends a text and waits until it is out. */
  Dialogue say(String message) {
    var _ = socket().sendText(message, true).join();
    return this;
  }

  /** Waits for the next that the server says. */
  String heard() throws InterruptedException {
    String next = heard.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("the server said nothing for " + PATIENCE_SECONDS + " s");
    }
    return next;
  }

  /** Waits for the next, which is a text. */
  String heardText() throws InterruptedException {
    String next = heard();
    if (!next.startsWith("text ")) {
      throw new AssertionError("not a text: " + next);
    }
    return next.substring(5);
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    return part(from, "text ", text.append(data), last);
  }

  @Override
  public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
    return part(from, "binary ", binary.append(ISO_8859_1.decode(data)), last);
  }

  private @Nullable CompletionStage<?> part(
      WebSocket from, String kind, StringBuilder all, boolean last) {
    if (last) {
      heard.add(kind + all);
      all.setLength(0);
    }
    from.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onPong(WebSocket from, ByteBuffer message) {
    heard.add("pong " + UTF_8.decode(message));
    from.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    heard.add("close " + code + " " + reason);
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable error) {
    heard.add("error " + error);
  }

  /** Says that it leaves for good, and ends the connection. */
  void leave() {
    var _ = socket().sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    Wait.until("the server's answer", () -> socket().isInputClosed());
    close();
  }

  /** Ends the connection, in whatever state it is. */
  @Override
  public void close() {
    socket().abort();
  }
}
