package io.baton.systemtest;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * WebSocket clients, the JDK's, that send numbered messages to an echo: each has to come back once,
 * whole and in its order. What is said and answered is counted in messages.
 */
final class Talkers extends Crowd<Talkers.Talker> {
  private static final int AT_ONCE = 8;
  private static final int LONGER_AT_ONCE = 2;
  private static final int UNANSWERED = 4;

  /** A prime, so that messages of all lengths come. */
  private static final int STEP = 7_919;

  /** Of the longest message, where they are long; 28 characters do not divide a step. */
  private static final String TEXT = "0123456789abcdefghijklmnopq ".repeat(150);

  /** One of them. */
  final class Talker extends Crowd.Member implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();
    private @Nullable WebSocket socket;
    private CompletableFuture<WebSocket> sending = new CompletableFuture<>();

    private Talker(int number) {
      super(number);
    }

    private String message(long n) {
      String head = number + "/" + n;
      return longer
          ? head + "/" + TEXT.substring((int) ((number + n) * STEP % TEXT.length()))
          : head;
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        String expected = message(answered.get());
        if (text.toString().equals(expected)) {
          answered.incrementAndGet();
        } else {
          gotWrong(this, "got " + text + " and not " + expected);
        }
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

  private final HttpClient http;
  private final boolean longer;

  Talkers(URI echo, int clients) {
    this(echo, clients, HttpClient.newHttpClient(), false);
  }

  /** Those whose connections are encrypted; their messages have up to 4,200 characters. */
  static Talkers encrypted(URI echo, int clients, SSLContext context) {
    return new Talkers(echo, clients, HttpClient.newBuilder().sslContext(context).build(), true);
  }

  private Talkers(URI echo, int clients, HttpClient http, boolean longer) {
    super(longer ? LONGER_AT_ONCE : AT_ONCE);
    this.http = http;
    this.longer = longer;
    List<Talker> all = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      Talker talker = new Talker(i);
      talker.socket = http.newWebSocketBuilder().buildAsync(echo, talker).join();
      talker.sending.complete(talker.socket);
      all.add(talker);
    }
    begin(all);
  }

  @Override
  void listen() {} // each hears for itself

  @Override
  void speak(Talker talker) {
    if (talker.sending.isCompletedExceptionally()) {
      ended(talker, "cannot send");
    } else if (talker.sending.isDone() && talker.said.get() - talker.answered.get() < UNANSWERED) {
      String message = talker.message(talker.said.getAndIncrement());
      talker.sending = requireNonNull(talker.socket).sendText(message, true);
    }
  }

  @Override
  void leave(Talker talker) {
    requireNonNull(talker.socket).abort();
  }

  @Override
  public void close() throws IOException {
    super.close();
    http.shutdownNow();
    http.close();
  }
}
