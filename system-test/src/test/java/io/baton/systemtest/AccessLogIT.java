package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.baton.testing.server.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The access logs of a server's listeners. */
class AccessLogIT {
  @RegisterExtension static final Servers SERVERS = Servers.perClass();

  private static TestServer server;
  private static int port;
  private static int rotated;

  @BeforeAll
  static void start() throws Exception {
    List<Integer> ports = Ports.free(2);
    port = ports.getFirst();
    server =
        SERVERS
            .create()
            .configure(
                "listeners.logged",
                """
                { endpoint = "tcp://127.0.0.1:%d", codec = http, header-timeout = 200ms
                  access-log = json, routes {
                    "/hello" = hello
                    "/echo" = { codec = websocket, service = echo-websocket } } }\
                """
                    .formatted(port))
            .configure(
                "listeners.rotated",
                """
                { endpoint = "tcp://127.0.0.1:%d", codec = http, service = hello
                  access-log = combined }\
                """
                    .formatted(ports.get(1)))
            .configure("listeners.echo.access-log", "combined")
            .start();
    rotated = ports.get(1);
  }

  private static Path file(String listener) {
    return server.logDir.resolve("access-" + listener + ".log");
  }

  /** Waits for the lines in a listener's log that contain a text. */
  private static List<String> await(String listener, String text, int count) {
    return Wait.until(
        count + " lines with " + text + " are in the log of " + listener,
        () -> Files.readAllLines(file(listener)).stream().filter(l -> l.contains(text)).toList(),
        lines -> lines.size() == count);
  }

  private static Map<String, @Nullable Object> json(String agentOrText) throws IOException {
    return Json.object(await("logged", agentOrText, 1).getFirst());
  }

  private static Client.Answer ask(String request) throws IOException {
    try (Client client = Client.tcp(port)) {
      client.send(request);
      return client.answer();
    }
  }

  @Test
  void aRequestWithCurlHasALine() throws Exception {
    Shell.need("aRequestWithCurlHasALine", "curl");
    String url = "http://127.0.0.1:" + port + "/hello?secret=1";
    assertThat(
            Shell.run(
                    Map.of(),
                    List.of(
                        "curl",
                        "-q",
                        "-sS",
                        "--noproxy",
                        "*",
                        "-A",
                        "agent \"1\"",
                        "-e",
                        "from",
                        url))
                .out())
        .isEqualTo("Hello, World!");
    assertThat(json("agent \\\"1\\\""))
        .containsEntry("type", "request")
        .containsEntry("listener", "logged")
        .containsEntry("remote", "127.0.0.1")
        .containsEntry("method", "GET")
        .containsEntry("target", "/hello?secret=1")
        .containsEntry("protocol", "HTTP/1.1")
        .containsEntry("host", "127.0.0.1:" + port)
        .containsEntry("route", "/hello")
        .containsEntry("status", 200)
        .containsEntry("bytes", 13)
        .containsEntry("referer", "from")
        .containsKeys("time", "worker", "session", "duration")
        .doesNotContainKeys("user", "end");
    assertThat(Files.getPosixFilePermissions(file("logged")))
        .isEqualTo(Files.getPosixFilePermissions(server.logDir.resolve("worker-0.log")));
  }

  @Test
  void requestsThatAreRefusedHaveALine() throws Exception {
    String head = " HTTP/1.1\r\nHost: h\r\nUser-Agent: refused\r\n";
    assertThat(ask("GET /nowhere" + head + "\r\n").code()).isEqualTo(404);
    assertThat(ask("POST /hello" + head + "Content-Length: 999999999\r\n\r\n").code())
        .isEqualTo(413);
    List<Map<String, @Nullable Object>> lines = new ArrayList<>();
    for (String line : await("logged", "\"refused\"", 2)) {
      lines.add(Json.object(line));
    }
    assertThat(lines)
        .extracting(line -> line.get("method"), line -> line.get("target"), l -> l.get("status"))
        .containsExactlyInAnyOrder(tuple("GET", "/nowhere", 404), tuple("POST", "/hello", 413));
  }

  @Test
  void aRequestThatNeverComesWholeHasALine() throws Exception {
    assertThat(ask("GET /hello HTTP/1.1\r\nHo").code()).isEqualTo(408);
    assertThat(json("\"status\":408")).doesNotContainKeys("method", "target");
  }

  /** The client's end of a WebSocket, which keeps what it is sent. */
  private static final class Listener implements WebSocket.Listener {
    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      received.add(data.toString());
      from.request(1);
      return null;
    }
  }

  @Test
  void aWebSocketThatMovesHasOneLineAtItsEnd() throws Exception {
    Listener listener = new Listener();
    try (HttpClient http = HttpClient.newHttpClient()) {
      WebSocket socket =
          http.newWebSocketBuilder()
              .buildAsync(URI.create("ws://127.0.0.1:" + port + "/echo"), listener)
              .join();
      assertThat(echo(socket, listener, "one")).isEqualTo("one");
      Moved moved = Moved.by(server, "reload");
      assertThat(moved.migrated()).isGreaterThanOrEqualTo(1);
      assertThat(echo(socket, listener, "three")).isEqualTo("three");
      assertThat(Files.readString(file("logged"))).doesNotContain("\"type\":\"session\"");
      socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
      assertThat(json("\"type\":\"session\""))
          .containsEntry("route", "/echo")
          .containsEntry("messagesIn", 2)
          .containsEntry("bytesIn", 8)
          .containsEntry("messagesOut", 2)
          .containsEntry("bytesOut", 8)
          .containsEntry("moves", 1)
          .containsEntry("end", "client");
      assertThat(json("\"status\":101")).containsEntry("target", "/echo");
    }
  }

  private static @Nullable String echo(WebSocket socket, Listener listener, String text)
      throws InterruptedException {
    socket.sendText(text, true).join();
    return listener.received.poll(1, TimeUnit.MINUTES);
  }

  @Test
  void aSessionOfAnotherProtocolHasALineAtItsEnd() throws Exception {
    try (Client client = server.echo()) {
      assertThat(client.echo("12345")).isEqualTo("12345");
    }
    assertThat(await("echo", "in=1/5 out=1/5", 1).getFirst())
        .matches(
            "127\\.0\\.0\\.1 - - \\[[^]]+] \"SESSION -\" 000 5 \"-\" \"-\" end=client"
                + " listener=echo session=\\d+ duration=\\d+\\.\\d{3} in=1/5 out=1/5 moves=0");
  }

  @Test
  void noLineIsLostWhileFilesAreRotated() throws Exception {
    int rotations = 3;
    int requests = 100;
    int asked = 0;
    for (int rotation = 1; rotation <= rotations; rotation++) {
      asked += visit(requests);
      Files.move(file("rotated"), Path.of(file("rotated") + "." + rotation));
      asked += visit(requests);
      Procs.signal("USR1", server.status().pid());
      asked += visit(requests);
      Wait.until("the file is opened anew", () -> Files.exists(file("rotated")));
    }
    int all = asked;
    Map<Path, Long> lines =
        Wait.until(
            all + " lines are in all files together",
            AccessLogIT::rotatedLines,
            found -> found.values().stream().mapToLong(Long::longValue).sum() >= all);
    assertThat(lines.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(all);
    assertThat(lines).hasSize(rotations + 1);
    assertThat(server.status().total("accessLogDropped")).isZero();
  }

  private static int visit(int requests) throws IOException {
    for (int i = 0; i < requests; i += 10) {
      try (Client client = Client.tcp(rotated)) {
        for (int k = 0; k < 10; k++) {
          assertThat(client.get("/hello").body()).isEqualTo("Hello, World!");
        }
      }
    }
    return requests;
  }

  private static Map<Path, Long> rotatedLines() throws IOException {
    Map<Path, Long> lines = new LinkedHashMap<>();
    try (Stream<Path> files = Files.list(server.logDir)) {
      for (Path each : files.filter(f -> f.toString().contains("access-rotated")).toList()) {
        lines.put(each, Files.readAllLines(each).stream().filter(l -> l.endsWith("\"")).count());
      }
    }
    return lines;
  }
}
