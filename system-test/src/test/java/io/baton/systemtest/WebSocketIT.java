package io.baton.systemtest;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** WebSockets with a client that nobody here wrote: the JDK's. */
class WebSocketIT {
  private static final int MAX_MESSAGE = 1 << 20;
  private static final int CLIENTS = 200;
  private static final int MESSAGES = 20;

  @RegisterExtension static final Servers SERVERS = Servers.perClass();
  private static TestServer server;
  private static Site site;
  private static HttpClient http;

  @BeforeAll
  static void start() throws Exception {
    server = SERVERS.create();
    site = Site.of(server);
    server.start();
    http = HttpClient.newHttpClient();
  }

  @AfterAll
  static void closeClient() {
    http.close();
  }

  private static Dialogue echo(String... subprotocols) {
    return Dialogue.with(http, site.webSocket("/echo"), subprotocols);
  }

  @Test
  void textAndBytesComeBackAsTheyWere() throws Exception {
    try (Dialogue client = echo()) {
      assertThat(client.say("Grüße, 世界 🌍").heard()).isEqualTo("text Grüße, 世界 🌍");
      assertThat(client.say("").heard()).isEqualTo("text ");
      var _ = client.socket().sendBinary(ByteBuffer.wrap(new byte[] {0, 1, -1}), true).join();
      assertThat(client.heard()).isEqualTo("binary \0\u0001\u00ff");
    }
  }

  @Test
  void theStatusHasAWebSocketUnderItsRouteForAsLongAsItIsOpen() throws Exception {
    try (Dialogue pulse = Dialogue.with(http, site.webSocket("/pulse"))) {
      assertThat(pulse.heardText()).isNotEmpty();
      server.await("it is counted", s -> s.sessions("site", "/pulse") == 1);
      assertThat(server.http("/metrics").body())
          .contains("baton_service_sessions{listener=\"site\",service=\"/pulse\"} 1.0\n");
      assertThat(server.script("status").out()).containsPattern("site +1 +0 +.* /pulse\n");
    }
    server.await("it is gone", s -> s.sessions("site", "/pulse") == 0);
  }

  @Test
  void fragmentsAreOneMessageWhateverComesBetweenThem() throws Exception {
    try (Dialogue client = echo()) {
      var _ = client.socket().sendText("one, ", false).join();
      var _ = client.socket().sendText("two, ", false).join();
      var _ = client.socket().sendPing(ByteBuffer.wrap(new byte[] {'p'})).join();
      var _ = client.socket().sendText("three", true).join();
      assertThat(List.of(client.heard(), client.heard()))
          .containsExactly("pong p", "text one, two, three");
    }
  }

  @Test
  void pingsAreAnsweredWithWhatTheyBrought() throws Exception {
    try (Dialogue client = echo()) {
      ByteBuffer longest = ByteBuffer.wrap("x".repeat(125).getBytes(StandardCharsets.US_ASCII));
      var _ = client.socket().sendPing(longest).join();
      assertThat(client.heard()).isEqualTo("pong " + "x".repeat(125));
      var _ = client.socket().sendPong(ByteBuffer.allocate(0)).join();
      assertThat(client.say("an unasked pong is nothing").heard()).startsWith("text an unasked");
    }
  }

  @Test
  void aCloseIsAnsweredWithItsCode() throws Exception {
    try (Dialogue client = echo()) {
      client.say("last");
      var _ = client.socket().sendClose(WebSocket.NORMAL_CLOSURE, "bye").join();
      assertThat(client.heard()).isEqualTo("text last");
      assertThat(client.heard()).startsWith("close 1000");
    }
  }

  @Test
  void aMessageAsLongAsAllowedComesBack() throws Exception {
    String longest = "0123456789abcdef".repeat(MAX_MESSAGE / 16);
    try (Dialogue client = echo()) {
      assertThat(client.say(longest).heardText().equals(longest)).as("the same").isTrue();
    }
  }

  @Test
  void aMessageThatIsTooLongIsRefusedAndNobodyElseNotices() throws Exception {
    try (Dialogue other = echo();
        Dialogue client = echo()) {
      var sent = client.socket().sendText("x".repeat(MAX_MESSAGE + 1), true);
      assertThat(client.heard()).startsWith("close 1009");
      var _ = sent.handle((_, _) -> true).join(); // it may have failed: nobody reads it
      assertThat(other.say("still here").heard()).isEqualTo("text still here");
    }
  }

  @Test
  void aMessageIsTooLongInFragmentsToo() throws Exception {
    String half = "x".repeat(MAX_MESSAGE / 2 + 1);
    try (Dialogue client = echo()) {
      var _ = client.socket().sendText(half, false).join();
      var sent = client.socket().sendText(half, true);
      assertThat(client.heard()).startsWith("close 1009");
      var _ = sent.handle((_, _) -> true).join();
    }
  }

  @Test
  void aSubprotocolIsAgreedOn() throws Exception {
    try (Dialogue client = echo("superchat", "echo");
        Dialogue plain = echo()) {
      assertThat(client.socket().getSubprotocol()).isEqualTo("echo");
      assertThat(plain.socket().getSubprotocol()).isEmpty();
      assertThat(client.say("agreed").heard()).isEqualTo("text agreed");
    }
  }

  @Test
  void whereNoWebSocketIsThereIsAnAnswer() {
    assertThatThrownBy(() -> Dialogue.with(http, site.webSocket("/nothing")))
        .cause()
        .isInstanceOfSatisfying(
            WebSocketHandshakeException.class,
            e -> assertThat(e.getResponse().statusCode()).isEqualTo(404));
  }

  @Test
  void manyClientsAreAnsweredInTheirOrder() throws Exception {
    List<Dialogue> clients = new ArrayList<>();
    try {
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(echo());
      }
      for (int m = 0; m < MESSAGES; m++) {
        for (int c = 0; c < CLIENTS; c++) {
          clients.get(c).say(c + "/" + m);
        }
      }
      for (int c = 0; c < CLIENTS; c++) {
        for (int m = 0; m < MESSAGES; m++) {
          assertThat(clients.get(c).heard()).isEqualTo("text " + c + "/" + m);
        }
      }
    } finally {
      clients.forEach(Dialogue::close);
    }
  }

  @Test
  void thePulseTellsWhoServesAndCountsUp() throws Exception {
    try (Dialogue client = Dialogue.with(http, site.webSocket("/pulse"))) {
      Map<String, @Nullable Object> first = Json.object(client.heardText());
      assertThat(first).containsEntry("count", 0);
      long pid = ((Number) requireNonNull(first.get("pid"))).longValue();
      assertThat(server.status().workers()).extracting(Status.Worker::pid).contains(pid);
      assertThat(client.heardText()).isEqualTo("{\"pid\":%d,\"count\":1}".formatted(pid));
      assertThat(client.say("ping").heardText()).startsWith("{\"pid\":%d,".formatted(pid));
    }
  }
}
