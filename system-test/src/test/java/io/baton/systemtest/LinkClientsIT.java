package io.baton.systemtest;

import static io.baton.systemtest.LinkWire.DATA;
import static io.baton.systemtest.LinkWire.DEFINE;
import static io.baton.systemtest.LinkWire.GOODBYE;
import static io.baton.systemtest.LinkWire.GRANT;
import static io.baton.systemtest.LinkWire.PING;
import static io.baton.systemtest.LinkWire.PONG;
import static io.baton.systemtest.LinkWire.PREAMBLE;
import static io.baton.systemtest.LinkWire.WELCOME;
import static io.baton.systemtest.LinkWire.bytes;
import static io.baton.systemtest.LinkWire.frame;
import static io.baton.systemtest.LinkWire.hello;
import static io.baton.systemtest.LinkWire.u8;
import static io.baton.systemtest.LinkWire.varint;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.link.core.LinkCode;
import io.baton.testing.Nightly;
import io.baton.testing.server.Ports;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

  private static final Set<Integer> SLOW =
      Set.of(
          LinkCode.RETRY_LATER.number(),
          LinkCode.IDLE.number(),
          LinkCode.SHUTDOWN.number(),
          LinkCode.TOO_SLOW.number());

  @TempDir private static Path dir;
  private static int tcp;
  private static int web;
  private static int briefTcp;
  private static int briefWeb;

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
        String brief = "header-timeout = 1s, idle-timeout = 1s";
        tcp = LinkTalk.listen(server, "link", services());
        briefTcp = LinkTalk.listen(server, "brief", services() + "\n" + brief);
        web = listenWeb(server, "link-web", "");
        briefWeb = listenWeb(server, "link-brief-web", brief);
        server
            .configure("workers", 1)
            .configure("listener-defaults.max-pending", "2m")
            .configure("listener-defaults.max-sessions-per-principal", 1);
      });

  private static int listenWeb(TestServer server, String name, String settings) throws Exception {
    int port = Ports.free(1).getFirst();
    server.configure(
        "listeners." + name,
        """
        { endpoint = "tcp://127.0.0.1:%d", codec = http
          %s
          routes {
          "/greeter/*" = greeter-page
          "/link" = { codec = link, origins = ["*"], %s } } }
        """
            .formatted(port, settings, services()));
    return port;
  }

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

  /** A pair of listeners, by TCP and by WebSocket. */
  private enum Which {
    USUAL,
    /** Their clients have little time. */
    BRIEF
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

  private static LinkPath path(Language language, Which which) throws Exception {
    return new LinkPath(
        switch (which) {
          case USUAL -> language.isWeb() ? web : tcp;
          case BRIEF -> language.isWeb() ? briefWeb : briefTcp;
        },
        language.isWeb());
  }

  private static LinkPath path(Language language) throws Exception {
    return path(language, Which.USUAL);
  }

  /**
   * A client, what is about it, and whoever else comes.
   *
   * @param threads that end before the next one
   */
  private record Situation(
      Language language,
      TestServer server,
      LinkPath path,
      Clients clients,
      LinkClient client,
      List<Thread> threads) {
    Situation(
        Language language, TestServer server, LinkPath path, Clients clients, LinkClient client) {
      this(language, server, path, clients, client, new ArrayList<>());
    }
  }

  /** What one of a session's sides, or someone on the path, does. */
  private interface Deed {
    void run(Situation s) throws Exception;
  }

  /**
   * Whether an end is to be shown with this language: those that take their time, because somebody
   * waits or the server stops, only with Java under {@code mvn verify}.
   */
  private static boolean isDue(int code, Language language) {
    return !SLOW.contains(code) || language == Language.JAVA || Nightly.isOn();
  }

  private static void assertTold(Language language, String told, int code, String text) {
    if (language == Language.JAVA) { // whose message says where, too
      assertThat(told).startsWith(code + " ").contains(text);
    } else {
      assertThat(told).isEqualTo(LinkClient.told(code, text));
    }
  }

  // ---- refusals ----

  /**
   * A way to be refused.
   *
   * @param counter of the status that counts it beside the refusals; empty if none does
   * @param before what happens before the client connects
   */
  private record Refusal(
      LinkCode code, String text, String counter, Which which, String service, Deed before) {
    Refusal(LinkCode code, String text, String counter, String service) {
      this(code, text, counter, Which.USUAL, service, _ -> {});
    }

    Refusal(LinkCode code, String text, Deed before) {
      this(code, text, "", Which.USUAL, "asks", before);
    }

    /** The server would be asked in vain. */
    boolean isCounted() {
      return code != LinkCode.SHUTDOWN;
    }
  }

  private static final List<Refusal> REFUSALS =
      List.of(
          new Refusal(
              LinkCode.BAD_MAGIC,
              "the first bytes are not BTLK",
              s -> s.path.first("GET ".getBytes(UTF_8))),
          new Refusal(
              LinkCode.VERSION,
              "major version 2; this server speaks 1",
              s -> s.path.first(new byte[] {'B', 'T', 'L', 'K', 2})),
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
              LinkCode.TOO_MANY,
              "this principal has as many sessions as it may have",
              "limitedPerPrincipal",
              Which.USUAL,
              "one",
              s -> {
                LinkClient first = s.clients.make();
                first.open(s.path.port(), "one");
                assertThat(first.asks("NOW first")).isEqualTo("first");
              }),
          new Refusal(
              LinkCode.PROTOCOL,
              "unknown frame type 77",
              s -> s.path.first(bytes(PREAMBLE, frame(77)))),
          new Refusal(
              LinkCode.RETRY_LATER,
              "it cannot be decided now",
              "authenticationsUnavailable",
              "later"),
          new Refusal(LinkCode.ERROR, "", "authenticationsFailed", "failing"),
          new Refusal(
              LinkCode.IDLE, "", "", Which.BRIEF, "asks", LinkClientsIT::saysNoMoreThanOneByte),
          new Refusal(
              LinkCode.SHUTDOWN,
              "",
              s -> {
                saysNoMoreThanOneByte(s);
                s.threads.add(Thread.ofVirtual().start(() -> stopOnceItIsMuted(s)));
              }));

  private static void saysNoMoreThanOneByte(Situation s) {
    s.path.first(new byte[] {'B'});
    s.path.mute(true);
  }

  private static void stopOnceItIsMuted(Situation s) {
    try {
      s.path.awaitMuted();
      s.server.stop();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aClientThatIsRefusedIsToldTheCodeAndTheText(Language language) throws Exception {
    var _ = SERVERS.running(); // for the page of the browser
    Clients clients = clients(language, "aClientThatIsRefusedIsToldTheCodeAndTheText");
    for (Refusal each : REFUSALS) {
      if (!isDue(each.code.number(), language)) {
        continue;
      }
      TestServer server = SERVERS.running();
      String code = each.code.name();
      long before = server.status().linkRefusals(code);
      try (LinkPath path = path(language, each.which)) {
        LinkClient client = clients.make();
        Situation situation = new Situation(language, server, path, clients, client);
        each.before.run(situation);
        client.open(path.port(), each.service);
        assertTold(language, client.ending(), each.code.number(), each.text);
        for (Thread thread : situation.threads) {
          thread.join();
        }
      }
      if (each.isCounted()) {
        server.await("refused " + code, s -> s.linkRefusals(code) > before);
      }
      if (!each.counter.isEmpty()) {
        server.await(each.counter, s -> s.total(each.counter) > 0);
      }
    }
  }

  // ---- refusals of a client that is back ----

  /** What happens while a client is away; what it returns ends after the client is back. */
  private interface Absence {
    Closeable run(Situation s) throws Exception;
  }

  /**
   * A way to be refused a session that there was.
   *
   * @param told what the service is told of the session's end
   */
  private record Return(LinkCode code, String text, String told, Absence absence) {}

  private static final List<Return> RETURNS =
      List.of(
          new Return(
              LinkCode.NO_SUCH_SESSION,
              "there is no such session, or not any more",
              "code=18, ",
              s -> {
                new Thief(s, LATE_ATTEMPT).close();
                return () -> {};
              }),
          new Return(
              LinkCode.SUPERSEDED,
              "a later attempt has gone on with the session",
              "code=18, ",
              s -> new Thief(s, LATE_ATTEMPT)),
          new Return(
              LinkCode.DIVERGED,
              "the offsets of channel 0 do not fit",
              "code=7, text=the offsets of channel 0 do not fit",
              s -> {
                s.path.mute(true);
                s.path.refuse(false);
                s.path.awaitMuted(); // an attempt of which the server does not hear
                new Thief(s, 1).takesAMessage();
                s.path.mute(false);
                s.path.cut();
                return () -> {};
              }));

  @ParameterizedTest
  @EnumSource
  void aClientThatIsRefusedItsSessionIsToldTheCodeAndTheText(Language language) throws Exception {
    TestServer server = SERVERS.running();
    Clients clients = clients(language, "aClientThatIsRefusedItsSessionIsToldTheCodeAndTheText");
    for (Return each : RETURNS) {
      String code = each.code.name();
      long before = server.status().linkRefusals(code);
      try (LinkPath path = path(language)) {
        LinkClient client = opens(clients, path, "asks");
        client.waits();
        path.refuse(true);
        path.cut();
        try (Closeable _ =
            each.absence.run(new Situation(language, server, path, clients, client))) {
          path.refuse(false);
          assertTold(language, client.ending(), each.code.number(), each.text);
        }
        assertServiceTold(each.told);
      }
      server.await("refused " + code, s -> s.linkRefusals(code) > before);
    }
  }

  /** Someone who has gone on with a client's session, over a connection of their own. */
  private static final class Thief implements Closeable {
    private final WebSocketBridge bridge;
    private final LinkWire wire;

    Thief(Situation s, int attempt) throws Exception {
      bridge = new WebSocketBridge(URI.create("ws://127.0.0.1:%d/link".formatted(web)));
      wire = new LinkWire(s.language.isWeb() ? bridge.port() : tcp, false);
      byte[] hello = hello("asks", s.path.id(), attempt, 0, s.language.window());
      assertThat(wire.proves(hello, wire.challenged(hello), s.path.secret()).type())
          .isEqualTo(WELCOME);
    }

    /** Is sent a message, says that it is done with it, and loses the connection. */
    void takesAMessage() throws Exception {
      byte[] question = "{\"type\":\"Question\",\"about\":\"pid\"}".getBytes(UTF_8);
      wire.says(
          frame(DEFINE, varint(0), "J".getBytes(UTF_8)),
          frame(DATA, varint(0), varint(2 + question.length), u8(0, 0), question));
      int length = wire.hears(DATA).body().length - 1;
      wire.says(frame(GRANT, varint(0), varint(length)), frame(PING, new byte[8])).hears(PONG);
      wire.close();
      bridge.close();
    }

    /** Leaves in order. */
    @Override
    public void close() throws IOException {
      wire.leaves().hears(GOODBYE);
      wire.close();
      bridge.close();
    }
  }

  // ---- goodbyes ----

  /**
   * A way to end a session.
   *
   * @param text that the client is told, or what it begins with
   * @param told what the service is told; empty if it has not accepted the session
   * @param counter of the status that counts it; empty if none does
   */
  private record Goodbye(
      int code, String text, String told, String counter, Which which, String service, Deed deed) {
    /** Both sides are told the same. */
    Goodbye(int code, String text, String counter, Deed deed) {
      this(
          code, text, "code=%d, text=%s".formatted(code, text), counter, Which.USUAL, "asks", deed);
    }

    Goodbye(LinkCode code, String text, String counter, Deed deed) {
      this(code.number(), text, counter, deed);
    }
  }

  private static final List<Goodbye> GOODBYES =
      List.of(
          new Goodbye(LinkCode.BYE, "", "", s -> s.client.leaves(18, "")),
          new Goodbye(65_535, "mine", "", s -> s.client.leaves(65_535, "mine")),
          new Goodbye(LinkCode.BYE, "enough", "", s -> s.client.says("close 18 enough")),
          new Goodbye(301, "ours", "", s -> s.client.says("close 301 ours")),
          new Goodbye(LinkCode.ERROR, "", "errors", s -> s.client.says("throw")),
          new Goodbye(
              LinkCode.PROTOCOL, "unknown frame type 77", "", s -> s.path.toServer(frame(77))),
          new Goodbye(
              LinkCode.TOO_LONG,
              "a message of more than 1048576 bytes",
              "",
              s -> s.path.toServer(frame(DATA, varint(0), varint(2 << 20), new byte[100]))),
          new Goodbye(
              LinkCode.TOO_MANY,
              "the schemas have more than 65536 bytes together",
              "",
              s -> {
                s.path.toServer(frame(DEFINE, varint(9), new byte[40_000]));
                s.path.toServer(frame(DEFINE, varint(10), new byte[40_000]));
              }),
          new Goodbye(
              LinkCode.DIVERGED,
              "",
              "",
              s -> {
                s.path.toServer(frame(DEFINE, varint(9), "J".getBytes(UTF_8)));
                s.path.toServer(frame(DEFINE, varint(9), "JJ".getBytes(UTF_8)));
              }),
          new Goodbye(
              LinkCode.SCHEMA,
              "",
              "",
              s -> {
                s.path.toServer(frame(DEFINE, varint(9), new byte[] {2, 0}));
                s.path.toServer(frame(DATA, varint(0), varint(3), new byte[] {0, 9, 0}));
              }),
          new Goodbye(
              LinkCode.TOO_SLOW,
              "",
              "overflowed",
              s -> {
                s.client.stalls();
                s.client.says("flood 16");
                awaitNoted("sent " + SENT);
              }),
          new Goodbye(
              LinkCode.SUPERSEDED.number(),
              "another connection took over",
              "code=18, ",
              "superseded",
              Which.USUAL,
              "asks",
              s -> new Thief(s, LATE_ATTEMPT).close()),
          new Goodbye(
              LinkCode.DENIED_BY_SERVICE.number(), "", "", "", Which.USUAL, "denying", _ -> {}),
          new Goodbye(LinkCode.IDLE.number(), "", "code=17, ", "", Which.BRIEF, "asks", _ -> {}),
          new Goodbye(LinkCode.SHUTDOWN, "", "", s -> s.server.stop()));

  @ParameterizedTest
  @EnumSource
  void bothSidesAreToldTheCodeAndTheTextOfASessionsEnd(Language language) throws Exception {
    var _ = SERVERS.running(); // for the page of the browser
    Clients clients = clients(language, "bothSidesAreToldTheCodeAndTheTextOfASessionsEnd");
    for (Goodbye each : GOODBYES) {
      if (!isDue(each.code, language)) {
        continue;
      }
      TestServer server = SERVERS.running();
      try (LinkPath path = path(language, each.which)) {
        LinkClient client = opens(clients, path, each.service);
        each.deed.run(new Situation(language, server, path, clients, client));
        assertThat(client.ending())
            .as("%s", each)
            .startsWith(LinkClient.told(each.code, each.text));
        if (!each.told.isEmpty()) {
          assertServiceTold(each.told);
        }
      }
      if (!each.counter.isEmpty()) {
        server.await(each.counter, s -> s.total(each.counter) > 0);
      }
    }
  }

  /** Opens a session of a service that notes its end as the next. */
  private static LinkClient opens(Clients clients, LinkPath path, String service) throws Exception {
    Files.writeString(dir.resolve("journal"), "");
    LinkClient client = clients.make();
    client.open(path.port(), service);
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

  /** Codes of streams, and those that are never on the wire. */
  private static final Set<LinkCode> NO_ENDS =
      EnumSet.of(LinkCode.DONE, LinkCode.CORRUPT, LinkCode.MOVED, LinkCode.UNKNOWN);

  @Test
  void everyCodeOfTheProtocolIsInOneOfTheTables() {
    Set<LinkCode> all = EnumSet.copyOf(NO_ENDS);
    REFUSALS.forEach(each -> all.add(each.code));
    RETURNS.forEach(each -> all.add(each.code));
    GOODBYES.forEach(each -> all.add(LinkCode.of(each.code)));
    assertThat(all).containsExactlyInAnyOrder(LinkCode.values());
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
      LinkClient client = opens(clients, path, "asks");
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
