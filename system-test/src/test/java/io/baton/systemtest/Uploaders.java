package io.baton.systemtest;

import io.baton.testing.Seeds;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * HTTPS clients, the JDK's, that send one body after the other to the service {@code upload}, which
 * has to answer how long it was and its SHA-256. Each keeps one connection. What is said and
 * answered is counted in requests.
 */
final class Uploaders extends Crowd<Uploaders.Uploader> {
  private static final int AT_ONCE = 1;
  private static final int MAX_BODY = 8_000;

  /** One of them, with a pool of connections of its own, in which there is one. */
  static final class Uploader extends Crowd.Member {
    private final HttpClient http;

    private Uploader(int number, HttpClient http) {
      super(number);
      this.http = http;
    }
  }

  private final URI to;
  private final Random random = new Random(Seeds.one(Uploaders.class));
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

  Uploaders(URI to, int clients, SSLContext context) {
    super(AT_ONCE);
    this.to = to;
    List<Uploader> all = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      HttpClient http =
          HttpClient.newBuilder()
              .sslContext(context)
              .version(HttpClient.Version.HTTP_1_1)
              .executor(executor)
              .build();
      all.add(new Uploader(i, http));
    }
    begin(all);
  }

  @Override
  void listen() {} // each hears for itself

  @Override
  void speak(Uploader uploader) {
    if (!uploader.isOver()) {
      return; // its last one is not answered yet
    }
    byte[] body = new byte[random.nextInt(MAX_BODY)];
    random.nextBytes(body);
    uploader.said.incrementAndGet();
    var _ =
        uploader
            .http
            .sendAsync(
                HttpRequest.newBuilder(to).POST(BodyPublishers.ofByteArray(body)).build(),
                BodyHandlers.ofString())
            .whenComplete((answer, failure) -> hear(uploader, body, answer, failure));
  }

  private void hear(
      Uploader uploader,
      byte[] body,
      @Nullable HttpResponse<String> answer,
      @Nullable Throwable failure) {
    if (answer == null) {
      ended(uploader, String.valueOf(failure));
    } else if (answer.statusCode() != 200 || !answer.body().equals(expected(body))) {
      gotWrong(uploader, answer + " " + answer.body() + " and not " + expected(body));
    } else {
      uploader.answered.incrementAndGet();
    }
  }

  private static String expected(byte[] body) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(body);
      return "%d bytes, SHA-256 %s%n".formatted(body.length, HexFormat.of().formatHex(hash));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has it", e);
    }
  }

  @Override
  void leave(Uploader uploader) {
    uploader.http.shutdownNow();
    uploader.http.close();
  }

  @Override
  public void close() throws IOException {
    super.close();
    executor.close();
  }
}
