package io.baton.systemtest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.testing.server.Command;
import io.baton.testing.server.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A module's authenticator before HTTP and WebSockets. */
class AuthenticatorIT {
  private static final int SESSIONS = 2;
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static int port;

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        ModuleJar.install(server, IdentityModule.class, Map.of());
        port = Ports.free(1).getFirst();
        server
            .configure("workers", 1)
            .configure(
                "listeners.members",
                """
                { endpoint = "tcp://127.0.0.1:%d", codec = http, authenticator = basic,
                  authenticate-timeout = 2s, max-sessions-per-principal = %d, routes {
                    "/who" = who, "/open" = { codec = http, service = who, authenticator = off }
                    "/talk" = { codec = websocket, service = talk } } }\
                """
                    .formatted(port, SESSIONS));
      });

  @AfterAll
  static void closeClient() {
    HTTP.close();
  }

  private static String basic(String name) {
    return "Basic " + Base64.getEncoder().encodeToString((name + ":" + name).getBytes(UTF_8));
  }

  private static Dialogue talk(String name) {
    Map<String, String> headers =
        Map.of("Authorization", basic(name), "X-Device", "phone", "User-Agent", "test");
    return Dialogue.with(HTTP, URI.create("ws://127.0.0.1:" + port + "/talk?room=1"), headers);
  }

  /** What curl is answered: the status, what it uploaded, and the content. */
  private static String curl(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("curl", "-q", "-sS", "--noproxy", "*", "--max-time", "60"));
    command.addAll(List.of("-w", " %{http_code} %{size_upload}"));
    command.addAll(List.of(arguments));
    Command.Result result = Shell.run(Map.of(), command);
    assertThat(result.exit()).as("%s: %s", result.command(), result.err()).isZero();
    return result.out();
  }

  private static String url(String path) {
    return "http://127.0.0.1:" + port + path;
  }

  @Test
  void curlIsAskedForItsPasswordAndKnownByIt() throws Exception {
    SERVERS.running();
    assertThat(curl(url("/who"))).isEqualTo("Unauthorized\n 401 0");
    assertThat(curl("-i", url("/who")))
        .containsIgnoringCase("WWW-Authenticate: Basic realm=\"test\"");
    assertThat(curl("-u", "alice:alice", url("/who"))).isEqualTo("alice tester 0 200 0");
    assertThat(curl("--anyauth", "-u", "bob:bob", url("/who"))).isEqualTo("bob tester 0 200 0");
    assertThat(curl("-u", "mallory:mallory", url("/who"))).isEqualTo("Forbidden\n 403 0");
    assertThat(curl("-u", "alice:alice", url("/nothing"))).endsWith(" 404 0");
    assertThat(curl(url("/nothing"))).endsWith(" 401 0");
    assertThat(curl("-u", "alice:alice", url("/open"))).isEqualTo("nobody 0 200 0");
  }

  @Test
  void anUploadIsNotReadBeforeItsClientIsKnown() throws Exception {
    TestServer server = SERVERS.running();
    Path file = Files.writeString(server.directory.resolve("upload"), "x".repeat(100_000));
    String[] upload = {"-H", "Expect: 100-continue", "--expect100-timeout", "60", "-T", ""};
    upload[5] = file.toString();
    assertThat(curl(with(upload, url("/who")))).isEqualTo("Unauthorized\n 401 0");
    assertThat(curl(with(upload, "-u", "alice:alice", url("/who"))))
        .isEqualTo("alice tester 100000 200 100000");
  }

  private static String[] with(String[] some, String... more) {
    List<String> all = new ArrayList<>(List.of(some));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  @Test
  void aWebSocketKeepsPrincipalAndHandshakeThroughAReload() throws Exception {
    TestServer server = SERVERS.running();
    try (Dialogue alice = talk("alice")) {
      String before = alice.say("?").heardText();
      assertThat(before).startsWith("alice tester, GET /talk?room=1, phone no secret, in ");
      assertThat(server.script("reload").exit()).isZero();
      String after = alice.say("?").heardText();
      assertThat(after).isNotEqualTo(before);
      assertThat(after).startsWith("alice tester, GET /talk?room=1, phone no secret, in ");
      server.await("it has moved", s -> s.total("migrated") >= 1);
    }
  }

  @Test
  void aPrincipalHasSoManyWebSocketsAndOthersHaveTheirs() throws Exception {
    TestServer server = SERVERS.running();
    List<Dialogue> open = new ArrayList<>();
    try {
      for (int i = 0; i < SESSIONS; i++) {
        open.add(talk("alice"));
      }
      assertThat(server.script("reload").exit()).isZero();
      assertRefused("alice", 429);
      open.add(talk("bob"));
      open.removeFirst().close();
      Wait.until("one place is free", () -> opens("alice", open), it -> it);
    } finally {
      open.forEach(Dialogue::close);
    }
    server.await("it is counted", s -> s.total("limitedPerPrincipal") >= 1);
  }

  /** The worker hears of the end of another a little later. */
  private static boolean opens(String name, List<Dialogue> open) {
    try {
      open.add(talk(name));
      return true;
    } catch (CompletionException _) {
      return false;
    }
  }

  @Test
  void webSocketsOfNobodyAndOfTheForbiddenDoNotOpen() throws Exception {
    SERVERS.running();
    assertThatThrownBy(() -> Dialogue.with(HTTP, URI.create("ws://127.0.0.1:" + port + "/talk")))
        .cause()
        .isInstanceOfSatisfying(
            WebSocketHandshakeException.class,
            e -> assertThat(e.getResponse().statusCode()).isEqualTo(401));
    assertRefused("mallory", 403);
  }

  @Test
  void aPageIsToldBehindTheHandshake() throws Exception {
    SERVERS.running();
    URI talk = URI.create("ws://127.0.0.1:" + port + "/talk");
    Map<String, String> origin = Map.of("Origin", "http://127.0.0.1:" + port);
    try (Dialogue page = Dialogue.with(HTTP, talk, origin)) {
      assertThat(page.heard()).isEqualTo("close 4401 not authorized");
    }
  }

  private static void assertRefused(String name, int status) {
    assertThatThrownBy(() -> talk(name))
        .cause()
        .isInstanceOfSatisfying(
            WebSocketHandshakeException.class,
            e -> assertThat(e.getResponse().statusCode()).isEqualTo(status));
  }

  @Test
  void aDecisionThatDoesNotComeHoldsUpNobodyElse() throws Exception {
    TestServer server = SERVERS.running();
    try (Client slow = Client.tcp(port)) {
      ask(slow, "slow");
      server.await("it is being decided", s -> s.total("authenticationsRunning") == 1);
      try (Client alice = Client.tcp(port);
          Dialogue bob = talk("bob")) {
        ask(alice, "alice");
        assertThat(alice.answer().code()).isEqualTo(200);
        assertThat(bob.say("?").heardText()).startsWith("bob tester");
      }
      Client.Answer late = slow.answer();
      assertThat(late.code()).isEqualTo(503);
      assertThat(late.head()).containsIgnoringCase("\r\nRetry-After: 1\r\n");
      ask(slow, "alice");
      assertThat(slow.answer().code()).isEqualTo(200);
    }
    server.awaitWorkerLog(0, "the authenticator basic has not decided on a client within");
    server.await(
        "it is counted",
        s ->
            s.total("authenticationsTimedOut") == 1
                && s.total("authenticationsAccepted") == 3
                && s.total("authenticationsRunning") == 0);
  }

  private static void ask(Client client, String name) throws IOException {
    client.send("GET /who HTTP/1.1\r\nHost: h\r\nAuthorization: %s\r\n\r\n".formatted(basic(name)));
  }

  @Test
  void anAuthenticatorsErrorIs500AndLogged() throws Exception {
    TestServer server = SERVERS.running();
    assertThat(curl("-u", "broken:broken", url("/who"))).isEqualTo("Internal Server Error\n 500 0");
    server.awaitWorkerLog(0, "the authenticator basic failed", "no directory of users");
    server.await(
        "it is counted", s -> s.total("errors") == 1 && s.total("authenticationsFailed") == 1);
  }
}
