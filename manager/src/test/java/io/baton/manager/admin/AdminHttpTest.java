package io.baton.manager.admin;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.config.Settings;
import io.baton.manager.fleet.LivingWorker;
import io.baton.manager.history.LoadHistory;
import io.baton.manager.history.ServerEvents;
import io.baton.pipe.SessionRef;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.event.Level;
import org.slf4j.helpers.NOPLogger;

class AdminHttpTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private final HttpClient client = HttpClient.newHttpClient();

  private static final SessionSource NO_SESSIONS =
      _ -> {
        throw new AssertionError("not to be asked");
      };

  @AfterEach
  void closeClient() {
    client.shutdownNow();
    client.close(); // with its descriptors, which others in this JVM count
  }

  private HttpResponse<String> ask(int port, String method, String path)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private final LoadHistory history = new LoadHistory(() -> NOW, 0);
  private final ServerEvents events = new ServerEvents(() -> NOW);

  private AdminHttp http(int port, Callable<Status> status, SessionSource sessions)
      throws IOException {
    Settings.Admin admin = new Settings.Admin("127.0.0.1", port, List.of("status.example.com"));
    return new AdminHttp(admin, status, sessions, history, events);
  }

  /** Sends these bytes and returns what comes up to the end of the connection. */
  private static String raw(int port, String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String get(int port, String path, String host) throws IOException {
    return raw(
        port, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n".formatted(path, host));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Test
  void aManagerThatDoesNotAnswerIsUnhealthy() throws Exception {
    int port = freePort();
    Callable<Status> silent =
        () -> {
          throw new TimeoutException();
        };
    try (AdminHttp _ = http(port, silent, NO_SESSIONS)) {
      assertThat(ask(port, "GET", "/healthz").statusCode()).isEqualTo(503);
    }
  }

  @Test
  void onlyReadingIsAllowedAndOnlyOfWhatIsThere() throws Exception {
    int port = freePort();
    Callable<Status> unused =
        () -> {
          throw new AssertionError("not to be asked");
        };
    try (AdminHttp _ = http(port, unused, NO_SESSIONS)) {
      HttpResponse<String> post = ask(port, "POST", "/status");
      assertThat(post.statusCode()).isEqualTo(405);
      assertThat(post.headers().firstValue("Allow")).contains("GET, HEAD");
      assertThat(ask(port, "GET", "/status/more").statusCode()).isEqualTo(404);
      assertThat(ask(port, "GET", "/none").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void aPortInUseIsNamed() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      assertThatThrownBy(() ->
              http(
                  taken.getLocalPort(),
                  () -> {
                    throw new AssertionError("not to be asked");
                  },
                  NO_SESSIONS))
          .hasMessage(
              "the admin server cannot listen on 127.0.0.1:%d: Address already in use",
              taken.getLocalPort());
    }
  }

  private static final Callable<Status> SILENT =
      () -> {
        throw new TimeoutException();
      };

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "127.0.0.1:9901, true",
    "127.0.0.1, true",
    "10.1.2.3:9901, true",
    "[::1]:9901, true",
    "[2001:db8::1], true",
    "localhost:9901, true",
    "LOCALHOST, true",
    "status.example.com, true",
    "Status.Example.com:80, true",
    "evil.org, false",
    "evil.org:9901, false",
    "localhost.evil.org:9901, false",
    "127.0.0.1.evil.org, false",
    "'[evil.org]:9901', false",
    "'::1', false",
  })
  void onlyANameOfOursIsAnswered(String host, boolean answered) throws Exception {
    int port = freePort();
    try (AdminHttp _ = http(port, SILENT, NO_SESSIONS)) {
      // The manager, which does not answer, is asked only if the name is ours.
      assertThat(get(port, "/status", host)).startsWith("HTTP/1.1 " + (answered ? 503 : 421));
      assertThat(get(port, "/healthz", host)).startsWith("HTTP/1.1 503");
    }
  }

  @Test
  void whoSaysNoNameIsNoBrowser() throws Exception {
    int port = freePort();
    try (AdminHttp _ = http(port, SILENT, NO_SESSIONS)) {
      assertThat(raw(port, "GET /status HTTP/1.0\r\n\r\n")).contains(" 503 ");
    }
  }

  @Test
  void browsersAreToldWhatThePageMayDo() throws Exception {
    int port = freePort();
    try (AdminHttp _ = http(port, SILENT, NO_SESSIONS)) {
      HttpHeaders headers = ask(port, "GET", "/").headers();
      assertThat(headers.firstValue("X-Content-Type-Options")).contains("nosniff");
      assertThat(headers.firstValue("Referrer-Policy")).contains("no-referrer");
      assertThat(headers.firstValue("Cross-Origin-Resource-Policy")).contains("same-origin");
      assertThat(headers.firstValue("Content-Security-Policy").orElse(""))
          .contains("default-src 'none'", "frame-ancestors 'none'", "script-src 'sha256-");
    }
  }

  @Test
  void halfRequestsHoldUpNobodyAndEnd() throws Exception {
    int port = freePort();
    List<Socket> slow = new ArrayList<>();
    try (AdminHttp _ = http(port, SILENT, NO_SESSIONS)) {
      for (int i = 0; i < 100; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        slow.add(socket);
        socket.getOutputStream().write("GET /status HTTP/1.1\r\nHo".getBytes(US_ASCII));
      }
      assertThat(get(port, "/healthz", "localhost")).startsWith("HTTP/1.1 503");
      for (Socket socket : slow) {
        assertThat(socket.getInputStream().read()).as("the server ends it").isNegative();
      }
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }

  @Test
  void healthIsAnsweredHoweverManyAreSlowAndAgain() throws Exception {
    int port = freePort();
    List<Socket> slow = new ArrayList<>();
    try (AdminHttp _ = http(port, SILENT, NO_SESSIONS)) {
      for (int i = 0; i < 2 * AdminConnections.MAX; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        slow.add(socket);
        socket.getOutputStream().write("GET /status HTTP/1.1\r\nHo".getBytes(US_ASCII));
        if (i > AdminConnections.MAX && i % 32 == 0) {
          assertThat(get(port, "/healthz", "localhost")).startsWith("HTTP/1.1 503");
        }
      }
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }

  @Test
  void oneSessionIsShownToWhoNamesIt() throws Exception {
    int port = freePort();
    LivingWorker silent = new LivingWorker(7, 1, 99, 3);
    SessionSource sessions =
        key ->
            switch ((int) ((SessionRef.ByKey) key).key().low()) {
              case 1 -> Sessions.found(((SessionRef.ByKey) key).key());
              case 2 -> new SessionAnswer.Unknown(key);
              case 3 -> new SessionAnswer.Unanswered(key, List.of(silent), 2_000);
              default -> throw new TimeoutException();
            };
    try (AdminHttp _ = http(port, SILENT, sessions)) {
      HttpResponse<String> found = ask(port, "GET", "/sessions/" + id(1));
      assertThat(found.statusCode()).isEqualTo(200);
      assertThat(found.headers().firstValue("Content-Type")).contains("application/json");
      assertThat(found.body()).contains("\"id\" : \"" + id(1) + "\"");
      HttpResponse<String> unknown = ask(port, "GET", "/sessions/" + id(2));
      assertThat(unknown.statusCode()).isEqualTo(404);
      assertThat(unknown.body()).isEqualTo("no worker has a session " + id(2) + "\n");
      HttpResponse<String> unanswered = ask(port, "GET", "/sessions/" + id(3));
      assertThat(unanswered.statusCode()).isEqualTo(503);
      assertThat(unanswered.body())
          .isEqualTo(
              "no worker that answers has a session "
                  + id(3)
                  + "; not answered within 2 s: worker 1 (pid 99, generation 3)\n");
      assertThat(ask(port, "GET", "/sessions/" + id(4)).statusCode()).isEqualTo(503);
      assertThat(ask(port, "GET", "/sessions/x4711").statusCode()).isEqualTo(400);
      assertThat(get(port, "/sessions/" + id(1), "evil.org")).startsWith("HTTP/1.1 421");
    }
  }

  @Test
  void theLoadOfTheLastMinutesIsJsonWhetherTheManagerAnswersOrNot() throws Exception {
    int port = freePort();
    history.tick(5_000, () -> new LoadHistory.Reading(7, 1_234, 0, OptionalLong.of(1_500_000)));
    history.tick(10_000, () -> new LoadHistory.Reading(8, 1_234, 2, OptionalLong.empty()));
    try (AdminHttp _ = http(port, SILENT, NO_SESSIONS)) {
      HttpResponse<String> answer = ask(port, "GET", "/history");
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
      assertThat(answer.body())
          .isEqualTo(
              """
              {"intervalSeconds":5,"maxSamples":180,"samples":[\
              {"at":"2026-03-01T12:00:00Z","connections":7,"messagesPerSecond":246.8,\
              "latencyP99Millis":1.5,"errors":0},\
              {"at":"2026-03-01T12:00:00Z","connections":8,"messagesPerSecond":0.0,\
              "latencyP99Millis":null,"errors":2}]}
              """);
      assertThat(get(port, "/history", "evil.org")).startsWith("HTTP/1.1 421");
    }
  }

  @Test
  void eventsAreJsonWithoutIdsOfSessions() throws Exception {
    int port = freePort();
    try (AdminHttp _ = http(port, SILENT, NO_SESSIONS)) {
      assertThat(ask(port, "GET", "/events").body()).isEqualTo("{\"events\":[]}\n");
      events.report(NOPLogger.NOP_LOGGER, Level.INFO, "worker 0 is ready");
      events.report(NOPLogger.NOP_LOGGER, Level.ERROR, "\"<b>\" ended session " + id(7));
      HttpResponse<String> answer = ask(port, "GET", "/events");
      assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
      assertThat(answer.body())
          .isEqualTo(
              """
              {"events":[\
              {"at":"2026-03-01T12:00:00Z","level":"info","text":"worker 0 is ready"},\
              {"at":"2026-03-01T12:00:00Z","level":"error",\
              "text":"\\"<b>\\" ended session (id)"}]}
              """);
      assertThat(get(port, "/events", "evil.org")).startsWith("HTTP/1.1 421");
    }
  }

  @Test
  void thePageAsksForNothingThatIsNotThereAndSetsNoMarkup() throws Exception {
    String page;
    try (InputStream in =
        Objects.requireNonNull(AdminHttp.class.getResourceAsStream("status.html"))) {
      page = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    assertThat(page).doesNotContain("innerHTML", "insertAdjacentHTML", "src=", "<link", "@import");
    List<String> asked =
        Pattern.compile("(?:json\\('|href=\")([^'\"]+)")
            .matcher(page)
            .results()
            .map(found -> found.group(1))
            .distinct()
            .toList();
    assertThat(asked).containsExactlyInAnyOrder("status", "history", "events", "metrics");
    int port = freePort();
    try (AdminHttp _ = http(port, SILENT, NO_SESSIONS)) {
      for (String each : asked) {
        assertThat(ask(port, "GET", "/" + each).statusCode()).as(each).isIn(200, 503);
      }
    }
  }

  private static String id(int low) {
    return "%032x".formatted(low);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /healthz\r\n\r\n",
        "GET /healthz HTTP/2.0\r\n\r\n",
        "GET /health z HTTP/1.1\r\n\r\n",
        "GET /% HTTP/1.1\r\n\r\n",
        "\r\n\r\n",
        "get / HTTP/1.1\r\n\r\n"
      })
  void whatIsNoRequestIsRefused(String request) throws Exception {
    int port = freePort();
    try (AdminHttp _ = http(port, SILENT, NO_SESSIONS)) {
      assertThat(raw(port, request)).startsWith("HTTP/1.1 400 Bad Request\r\n");
    }
  }

  @Test
  void aHeadThatIsTooLongIsRefused() throws Exception {
    int port = freePort();
    try (AdminHttp _ = http(port, SILENT, NO_SESSIONS)) {
      assertThat(raw(port, "GET / HTTP/1.1\r\nX: " + "x".repeat(9_000)))
          .startsWith("HTTP/1.1 400 ");
    }
  }

  @Test
  void connectionsWithoutARequestAreBoundedAndEnd() throws Exception {
    int port = freePort();
    List<Socket> idle = new ArrayList<>();
    try (AdminHttp _ = http(port, SILENT, NO_SESSIONS)) {
      for (int i = 0; i < 300; i++) {
        idle.add(new Socket(InetAddress.getLoopbackAddress(), port));
      }
      for (Socket socket : idle) {
        assertThat(socket.getInputStream().read()).as("the server ends it").isNegative();
      }
      assertThat(get(port, "/healthz", "localhost")).startsWith("HTTP/1.1 503");
    } finally {
      for (Socket socket : idle) {
        socket.close();
      }
    }
  }
}
