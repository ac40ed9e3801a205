package io.baton.systemtest;

import static io.baton.systemtest.LinkWire.DATA;
import static io.baton.systemtest.LinkWire.DEFINE;
import static io.baton.systemtest.LinkWire.GOODBYE;
import static io.baton.systemtest.LinkWire.PREAMBLE;
import static io.baton.systemtest.LinkWire.WELCOME;
import static io.baton.systemtest.LinkWire.bytes;
import static io.baton.systemtest.LinkWire.frame;
import static io.baton.systemtest.LinkWire.hello;
import static io.baton.systemtest.LinkWire.varint;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.link.core.LinkCode;
import io.baton.testing.server.Ports;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The clients in Java, JavaScript and Python, each in the same situations: how a server refuses a
 * session and how one ends, with code and text on both sides, and how questions end.
 */
class LinkClientsIT {
  private static final int LATE_ATTEMPT = 200;

  /** Long messages that may wait for a client, with the one that is too much. */
  private static final int SENT = (2 << 20) / LinkAskPeer.LONG + 1;

  @TempDir private static Path dir;
  private static int tcp;
  private static int web;

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        Path journal = Files.writeString(dir.resolve("journal"), "");
        ModuleJar.addJson(
            ModuleJar.install(
                server,
                LinkJsonModule.class,
                Map.of(LinkAsksModule.JOURNAL, journal.toString()),
                LinkWords.class,
                LinkAsksModule.class,
                LinkAskPeer.class));
        tcp = LinkTalk.listen(server, "link", services());
        web = Ports.free(1).getFirst();
        server
            .configure("workers", 1)
            .configure("listener-defaults.first-byte-timeout", "1s")
            .configure("listener-defaults.max-pending", "2m")
            .configure("listener-defaults.max-sessions-per-principal", 1)
            .configure(
                "listeners.link-web",
                """
                { endpoint = "tcp://127.0.0.1:%d", codec = http, routes {
                  "/greeter/*" = greeter-page
                  "/link" = { codec = link, origins = ["*"], %s } } }
                """
                    .formatted(web, services()));
      });

  private static String services() throws Exception {
    Path token = Files.writeString(dir.resolve("token"), "a-token-that-no-client-has\n");
    Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
    return """
    services {
      asks = asks
      denying = denying
      elsewhere = { service = asks, allow = ["192.0.2.0/24"] }
      token = { service = asks, token-files = ["%s"] }
      one = { service = asks, authenticator = anyone }
      unknown = { service = asks, authenticator = unknown }
      later = { service = asks, authenticator = later }
      failing = { service = asks, authenticator = failing }
    }\
    """
        .formatted(token);
  }

  /** A language, and what a test needs for it. */
  enum Language {
    JAVA,
    JAVASCRIPT,
    PYTHON;

    boolean isWeb() {
      return this == JAVASCRIPT;
    }

    /** Returns the window of its client. */
    int window() {
      return this == JAVA ? 256 << 10 : 1 << 20;
    }
  }

  @TempDir private Path files;
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  /** Makes clients of one language. */
  private interface Clients {
    LinkClient make() throws Exception;
  }

  private Clients clients(Language language, String test) throws Exception {
    return switch (language) {
      case JAVA -> LinkClient.OfJava::new;
      case JAVASCRIPT -> {
        Browser browser = browser(test);
        yield () -> new LinkClient.OfJavaScript(browser);
      }
      case PYTHON -> {
        Shell.need(test, "python3");
        yield () -> {
          LinkClient its = new LinkClient.OfPython(files);
          open.add(its);
          return its;
        };
      }
    };
  }

  private Browser browser(String test) throws Exception {
    Shell.need(test, "chromium");
    Browser browser = new Browser(files);
    open.add(browser);
    var _ = browser.open(URI.create("http://127.0.0.1:%d/greeter/".formatted(web)));
    Wait.until("it is loaded", () -> browser.text("state"), state -> !state.equals("undefined"));
    return browser;
  }

  private static LinkPath path(Language language) throws Exception {
    return new LinkPath(language.isWeb() ? web : tcp, language.isWeb());
  }

  // ---- refusals ----

  /** What happens on the path before the client connects. */
  private interface Before {
    void run(LinkPath path) throws Exception;
  }

  /**
   * A way to be refused.
   *
   * @param counter of the status that counts it; empty if none does
   */
  private record Refusal(
      LinkCode code, String text, String counter, String service, Before before) {
    Refusal(LinkCode code, String text, String counter, String service) {
      this(code, text, counter, service, _ -> {});
    }
  }

  private static final List<Refusal> REFUSALS =
      List.of(
          new Refusal(
              LinkCode.BAD_MAGIC,
              "the first bytes are not BTLK",
              "",
              "asks",
              path -> path.first("GET ".getBytes(UTF_8))),
          new Refusal(
              LinkCode.VERSION,
              "major version 2; this server speaks 1",
              "",
              "asks",
              path -> path.first(new byte[] {'B', 'T', 'L', 'K', 2})),
          new Refusal(LinkCode.UNKNOWN_SERVICE, "there is no service nothing", "", "nothing"),
          new Refusal(LinkCode.FORBIDDEN, "this address may not open elsewhere", "", "elsewhere"),
          new Refusal(
              LinkCode.FORBIDDEN,
              "the client's proof does not fit: a wrong token or secret",
              "",
              "token"),
          new Refusal(
              LinkCode.FORBIDDEN,
              "the credential is not accepted",
              "authenticationsUnauthenticated",
              "unknown"),
          new Refusal(
              LinkCode.PROTOCOL,
              "unknown frame type 77",
              "",
              "asks",
              path -> path.first(bytes(PREAMBLE, frame(77)))),
          new Refusal(
              LinkCode.RETRY_LATER,
              "it cannot be decided now",
              "authenticationsUnavailable",
              "later"),
          new Refusal(LinkCode.ERROR, "", "authenticationsFailed", "failing"));

  @ParameterizedTest
  @EnumSource
  void aClientThatIsRefusedIsToldTheCodeAndTheText(Language language) throws Exception {
    TestServer server = SERVERS.running();
    Clients clients = clients(language, "aClientThatIsRefusedIsToldTheCodeAndTheText");
    for (Refusal each : REFUSALS) {
      try (LinkPath path = path(language)) {
        each.before.run(path);
        LinkClient client = clients.make();
        client.open(path.port(), each.service);
        assertTold(language, client.ending(), each.code.number(), each.text);
      }
      if (!each.counter.isEmpty()) {
        server.await(each.counter, s -> s.total(each.counter) > 0);
      }
    }
  }

  private static void assertTold(Language language, String told, int code, String text) {
    if (language == Language.JAVA) { // whose message says where, too
      assertThat(told).startsWith(code + " ").contains(text);
    } else {
      assertThat(told).isEqualTo(LinkClient.told(code, text));
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "JAVASCRIPT") // HTTP comes first there
  void aClientThatSaysNothingIsToldSo(Language language) throws Exception {
    var _ = SERVERS.running();
    Clients clients = clients(language, "aClientThatSaysNothingIsToldSo");
    try (LinkPath path = path(language)) {
      path.mute();
      LinkClient client = clients.make();
      client.open(path.port(), "asks");
      assertTold(language, client.ending(), LinkCode.IDLE.number(), "");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aPrincipalWithAsManySessionsAsItMayHaveIsToldSo(Language language) throws Exception {
    TestServer server = SERVERS.running();
    Clients clients = clients(language, "aPrincipalWithAsManySessionsAsItMayHaveIsToldSo");
    try (LinkPath path = path(language)) {
      LinkClient first = clients.make();
      first.open(path.port(), "one");
      assertThat(first.asks("NOW first")).isEqualTo("first");
      LinkClient client = clients.make();
      client.open(path.port(), "one");
      String text = "this principal has as many sessions as it may have";
      assertTold(language, client.ending(), LinkCode.TOO_MANY.number(), text);
      server.await("it is counted", s -> s.total("limitedPerPrincipal") > 0);
      first.leaves(LinkCode.BYE.number(), "");
      assertThat(first.ending()).isEqualTo("18");
    }
  }

  // ---- goodbyes ----

  /** What one of a session's sides, or someone on the path, does. */
  private interface Deed {
    void run(LinkClient client, LinkPath path) throws Exception;
  }

  /**
   * A way to end a session.
   *
   * @param text that both sides are told, or what it begins with
   * @param counter of the status that counts it; empty if none does
   */
  private record Goodbye(int code, String text, String counter, Deed deed) {
    Goodbye(LinkCode code, String text, String counter, Deed deed) {
      this(code.number(), text, counter, deed);
    }
  }

  private static final List<Goodbye> GOODBYES =
      List.of(
          new Goodbye(LinkCode.BYE, "", "", (client, _) -> client.leaves(18, "")),
          new Goodbye(65_535, "mine", "", (client, _) -> client.leaves(65_535, "mine")),
          new Goodbye(LinkCode.BYE, "enough", "", (client, _) -> client.says("close 18 enough")),
          new Goodbye(301, "ours", "", (client, _) -> client.says("close 301 ours")),
          new Goodbye(LinkCode.ERROR, "", "errors", (client, _) -> client.says("throw")),
          new Goodbye(
              LinkCode.PROTOCOL,
              "unknown frame type 77",
              "",
              (_, path) -> path.toServer(frame(77))),
          new Goodbye(
              LinkCode.TOO_LONG,
              "a message of more than 1048576 bytes",
              "",
              (_, path) -> path.toServer(frame(DATA, varint(0), varint(2 << 20), new byte[100]))),
          new Goodbye(
              LinkCode.TOO_MANY,
              "the schemas have more than 65536 bytes together",
              "",
              (_, path) -> {
                path.toServer(frame(DEFINE, varint(9), new byte[40_000]));
                path.toServer(frame(DEFINE, varint(10), new byte[40_000]));
              }),
          new Goodbye(
              LinkCode.DIVERGED,
              "",
              "",
              (_, path) -> {
                path.toServer(frame(DEFINE, varint(9), "J".getBytes(UTF_8)));
                path.toServer(frame(DEFINE, varint(9), "JJ".getBytes(UTF_8)));
              }),
          new Goodbye(
              LinkCode.SCHEMA,
              "",
              "",
              (_, path) -> {
                path.toServer(frame(DEFINE, varint(9), new byte[] {2, 0}));
                path.toServer(frame(DATA, varint(0), varint(3), new byte[] {0, 9, 0}));
              }));

  @ParameterizedTest
  @EnumSource
  void bothSidesAreToldTheCodeAndTheTextOfASessionsEnd(Language language) throws Exception {
    TestServer server = SERVERS.running();
    Clients clients = clients(language, "bothSidesAreToldTheCodeAndTheTextOfASessionsEnd");
    for (Goodbye each : GOODBYES) {
      try (LinkPath path = path(language)) {
        LinkClient client = opens(clients, path);
        each.deed.run(client, path);
        assertThat(client.ending())
            .as("%s", each)
            .startsWith(LinkClient.told(each.code, each.text));
        assertServiceTold("code=%d, text=%s".formatted(each.code, each.text));
      }
      if (!each.counter.isEmpty()) {
        server.await(each.counter, s -> s.total(each.counter) > 0);
      }
    }
  }

  /** Opens a session of a service that notes its end as the next. */
  private static LinkClient opens(Clients clients, LinkPath path) throws Exception {
    Files.writeString(dir.resolve("journal"), "");
    LinkClient client = clients.make();
    client.open(path.port(), "asks");
    return client;
  }

  private static List<String> journal() throws Exception {
    return Files.readAllLines(dir.resolve("journal"));
  }

  private static void assertServiceTold(String ending) {
    List<String> all =
        Wait.until(
            "the service is told the end",
            LinkClientsIT::journal,
            lines -> lines.stream().anyMatch(each -> each.startsWith("closed ")));
    assertThat(all.stream().filter(each -> each.startsWith("closed ")))
        .singleElement()
        .asString()
        .contains("Ending[" + ending);
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = "PYTHON") // reads nothing, so it hears nothing
  void aClientThatTakesTooLittleIsToldSo(Language language) throws Exception {
    TestServer server = SERVERS.running();
    Clients clients = clients(language, "aClientThatTakesTooLittleIsToldSo");
    long before = server.status().total("overflowed");
    try (LinkPath path = path(language)) {
      LinkClient client = opens(clients, path);
      client.stalls();
      client.says("flood 16");
      server.await("it is counted", s -> s.total("overflowed") > before);
      assertThat(client.ending()).isEqualTo(String.valueOf(LinkCode.TOO_SLOW.number()));
      assertServiceTold("code=10, ");
      assertThat(journal()).contains("sent " + SENT);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aClientIsToldThatTheServiceDeniesIt(Language language) throws Exception {
    var _ = SERVERS.running();
    LinkClient client = clients(language, "aClientIsToldThatTheServiceDeniesIt").make();
    try (LinkPath path = path(language)) {
      client.open(path.port(), "denying");
      assertThat(client.ending()).isEqualTo("13");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aClientIsToldThatAnotherConnectionHasItsSession(Language language) throws Exception {
    TestServer server = SERVERS.running();
    Clients clients = clients(language, "aClientIsToldThatAnotherConnectionHasItsSession");
    try (LinkPath path = path(language)) {
      LinkClient client = opens(clients, path);
      takeOver(path, language);
      assertThat(client.ending()).isEqualTo("6 another connection took over");
      server.await("it is counted", s -> s.total("superseded") == 1);
      assertServiceTold("code=18, ");
    }
  }

  /** Goes on with the session of the path's client over another connection, and then leaves. */
  private static void takeOver(LinkPath path, Language language) throws Exception {
    try (WebSocketBridge bridge =
            new WebSocketBridge(URI.create("ws://127.0.0.1:%d/link".formatted(web)));
        LinkWire thief = new LinkWire(language.isWeb() ? bridge.port() : tcp, false)) {
      byte[] hello = hello("asks", path.id(), LATE_ATTEMPT, 0, language.window());
      assertThat(thief.proves(hello, thief.challenged(hello), path.secret()).type())
          .isEqualTo(WELCOME);
      thief.leaves().hears(GOODBYE);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aClientIsToldThatTheServerStops(Language language) throws Exception {
    TestServer server = SERVERS.running();
    Clients clients = clients(language, "aClientIsToldThatTheServerStops");
    try (LinkPath path = path(language)) {
      LinkClient client = opens(clients, path);
      server.stop();
      assertThat(client.ending()).isEqualTo("14");
      assertServiceTold("code=14, ");
    }
  }

  // ---- questions and channels ----

  private static void awaitNoted(String line) {
    Wait.until(line, LinkClientsIT::journal, lines -> lines.contains(line));
  }

  @ParameterizedTest
  @EnumSource
  void eachQuestionEndsOnceInEitherDirection(Language language) throws Exception {
    var _ = SERVERS.running();
    Clients clients = clients(language, "eachQuestionEndsOnceInEitherDirection");
    boolean answers = language != Language.PYTHON;
    try (LinkPath path = path(language)) {
      LinkClient client = opens(clients, path);
      for (String kind : List.of("NOW", "LATER", "FAIL", "CANCEL", "TIMEOUT", "NEVER")) {
        client.says("ask %s its-%s".formatted(kind, kind));
      }
      assertThat(client.asks("NOW a")).isEqualTo("a");
      assertThat(client.asks("FAIL b")).isEqualTo("300 b");
      assertThat(client.asks("LATER c")).isEqualTo("c");
      awaitNoted("ended its-CANCEL cancellation");
      awaitNoted("ended its-NOW " + (answers ? "reply" : "13 no answer"));
      awaitNoted("ended its-LATER " + (answers ? "reply" : "13 no answer"));
      awaitNoted("ended its-FAIL " + (answers ? "300 its-FAIL" : "13 no answer"));
      client.leaves(LinkCode.BYE.number(), "");
      assertThat(client.ending()).isEqualTo("18");
      assertServiceTold("code=18, ");
      assertThat(journal().stream().filter(each -> each.startsWith("ended ")))
          .as("each ends once")
          .hasSize(6);
      assertThat(journal()).contains("replied a", "failed b", "replied c");
    }
  }

  @Test
  void linkJsReceivesTheMessagesOfChannelsAndIsToldWhoseAnswerNobodyAwaits() throws Exception {
    var _ = SERVERS.running();
    Browser browser = browser("linkJsReceivesTheMessagesOfChannels");
    try (LinkPath path = path(Language.JAVASCRIPT)) {
      LinkClient.OfJavaScript client = new LinkClient.OfJavaScript(browser);
      Files.writeString(dir.resolve("journal"), "");
      client.open(path.port(), "asks");
      String longName = "n".repeat(200);
      for (String text : List.of("first", "again")) { // in a channel that has ended, and in another
        client.says("channel news " + text);
        client.receives("news", text);
        client.says("channel %s %s".formatted(longName, text));
        client.receives(longName, text);
      }
      path.cut();
      client.says("channel news after");
      client.receives("news", "after");
      client.says("ask CANCEL a");
      client.isCancelled("a");
      client.says("ask NEVER b");
      awaitNoted("began b");
      client.leaves(LinkCode.BYE.number(), "");
      assertThat(client.ending()).isEqualTo("18");
      client.isCancelled("b"); // with the session
    }
  }
}
