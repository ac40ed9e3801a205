package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.server.Ports;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Routes with a lane and timeouts of their own, on connections that ask at several of them. */
class RouteOptionsIT {
  private static int port;

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        port = Ports.free(1).getFirst();
        ModuleJar.install(server, LanesModule.class, Map.of());
        server
            .configure("workers", 1)
            .configure(
                "listeners.routed",
                """
                { endpoint = "tcp://127.0.0.1:%d", codec = http, max-pending = 64m
                  read-timeout = 1h, write-timeout = 1h, routes {
                    "/usual" = where
                    "/ring" = { codec = http, service = where, lane = ring }
                    "/virtual" = { codec = http, service = where, lane = virtual }
                    "/usual-socket" = { codec = websocket, service = where-socket }
                    "/socket" = { codec = websocket, service = where-socket, lane = virtual }
                    "/brief" = { codec = websocket, service = where-socket, idle-timeout = 500ms }
                    "/prompt" = { codec = http, service = where, lane = virtual
                                  read-timeout = 500ms, write-timeout = 500ms } } }\
                """
                    .formatted(port));
      });

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void eachRequestRunsInTheLaneOfItsRouteBeforeAndAfterAMove(boolean pipelined) throws Exception {
    TestServer server = SERVERS.running();
    String[] paths = {"/usual", "/virtual", "/ring", "/virtual", "/virtual", "/usual", "/usual"};
    try (Client client = Client.tcp(port)) {
      for (int move = 0; move < 2; move++) {
        if (pipelined) {
          for (String path : paths) {
            client.sendGet(path);
          }
        }
        for (String path : paths) {
          Client.Answer answer = pipelined ? client.answer() : client.get(path);
          assertThat(answer.body())
              .as(path)
              .isEqualTo(path.equals("/virtual") ? LanesModule.VIRTUAL : LanesModule.PLATFORM);
        }
        assertThat(server.script("reload").exit()).isZero();
      }
      assertThat(client.get("/virtual").body()).isEqualTo(LanesModule.VIRTUAL);
    }
    assertThat(server.status().total("errors")).isZero();
  }

  @Test
  void aBodyThatDoesNotGoOnEndsAfterTheTimeOfItsRoute() throws Exception {
    var _ = SERVERS.running();
    try (Client client = Client.tcp(port)) {
      assertThat(client.get("/usual").code()).isEqualTo(200);
      client.send("POST /prompt HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n12345");
      Client.Answer answer = client.answer();
      assertThat(answer.code()).isEqualTo(408);
      assertThat(answer.closes()).isTrue();
    }
  }

  @Test
  void aClientThatDoesNotTakeItsAnswerIsClosedAfterTheTimeOfItsRoute() throws Exception {
    TestServer server = SERVERS.running();
    try (Client client = Client.tcp(port)) {
      assertThat(client.get("/usual").code()).isEqualTo(200);
      client.sendGet("/prompt?bytes=" + 16 * 1024 * 1024);
      server.await("it is closed", s -> s.worker(0).connections() == 0);
    }
  }

  /** What a WebSocket gets, and last how it is closed. */
  private static final class Heard implements WebSocket.Listener {
    private final BlockingQueue<String> all = new LinkedBlockingQueue<>();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      all.add(data.toString());
      from.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      all.add("closed");
      return null;
    }

    String next() throws InterruptedException {
      return Objects.requireNonNullElse(all.poll(60, TimeUnit.SECONDS), "nothing");
    }
  }

  @Test
  void aWebSocketHasTheLaneAndTheIdleTimeoutOfItsRoute() throws Exception {
    TestServer server = SERVERS.running();
    Map<String, String> kinds =
        Map.of(
            "/usual-socket", LanesModule.PLATFORM,
            "/socket", LanesModule.VIRTUAL,
            "/brief", LanesModule.PLATFORM);
    try (HttpClient http = HttpClient.newHttpClient()) {
      for (Map.Entry<String, String> each : kinds.entrySet()) {
        Heard heard = new Heard();
        URI uri = URI.create("ws://127.0.0.1:" + port + each.getKey());
        WebSocket socket = http.newWebSocketBuilder().buildAsync(uri, heard).join();
        socket.sendText("where", true).join();
        assertThat(heard.next()).as(each.getKey()).isEqualTo(each.getValue());
        if (each.getKey().equals("/brief")) {
          assertThat(heard.next()).isEqualTo("closed");
        } else {
          assertThat(server.script("reload").exit()).isZero();
          socket.sendText("where", true).join();
          assertThat(heard.next()).as(each.getKey()).isEqualTo(each.getValue());
          socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
        }
      }
    }
    assertThat(server.status().total("errors")).isZero();
  }
}
