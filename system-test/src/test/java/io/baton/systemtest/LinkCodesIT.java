package io.baton.systemtest;

import static io.baton.systemtest.LinkWire.DATA;
import static io.baton.systemtest.LinkWire.DEFINE;
import static io.baton.systemtest.LinkWire.GOODBYE;
import static io.baton.systemtest.LinkWire.WELCOME;
import static io.baton.systemtest.LinkWire.frame;
import static io.baton.systemtest.LinkWire.hello;
import static io.baton.systemtest.LinkWire.varint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.link.Ending;
import io.baton.link.Link;
import io.baton.link.LinkException;
import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import io.baton.link.Option;
import io.baton.link.core.LinkCode;
import io.baton.link.types.Types;
import io.baton.systemtest.LinkAskPeer.Kind;
import io.baton.testing.server.Command;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The codes and texts with which sessions of Link end, or do not begin: those that the client is
 * told and those that the service is told. What {@link LinkIT} shows is not repeated.
 */
class LinkCodesIT {
  private static final int TIMEOUT_SECONDS = 90;

  @TempDir private static Path dir;
  private static int port;
  private static int one;
  private static int impatient;

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        Path journal = Files.writeString(dir.resolve("journal"), "");
        ModuleJar.install(
            server,
            LinkAsksModule.class,
            Map.of(LinkAsksModule.JOURNAL, journal.toString()),
            LinkWords.class,
            LinkModule.class,
            LinkAskPeer.class);
        port = LinkTalk.listen(server, "link", "service = asks");
        one = LinkTalk.listen(server, "one", "service = asks, max-connections = 1");
        impatient = LinkTalk.listen(server, "impatient", "service = asks, awaits-return = 1s");
      });

  private static LinkAskClient client(int port, Option... options) throws Exception {
    return new LinkAskClient("tcp://127.0.0.1:" + port + "/asks", "0", options);
  }

  /** Waits until the service has been told the end of a session. */
  private static void assertServiceTold(LinkSession<?, ?> session, String ending) {
    String begins = "closed " + session.id() + " ";
    List<String> lines =
        Wait.until(
            "the service is told",
            () -> Files.readAllLines(dir.resolve("journal")),
            all -> all.stream().anyMatch(each -> each.startsWith(begins)));
    assertThat(lines.stream().filter(each -> each.startsWith(begins)))
        .singleElement()
        .asString()
        .as("what the service is told")
        .startsWith(begins + "Ending[" + ending);
  }

  // ---- one side ends it ----

  /** What one of a session's sides, or someone on the path, does. */
  private interface Deed {
    void run(LinkAskClient client, LinkSpy spy) throws Exception;
  }

  /**
   * A way to end a session.
   *
   * @param text that both sides are told, or what it begins with
   */
  private record Case(int code, String text, Deed deed) {
    Case(LinkCode code, String text, Deed deed) {
      this(code.number(), text, deed);
    }
  }

  private static byte[] message(int length) {
    return frame(DATA, varint(0), varint(length), new byte[100]);
  }

  private static List<Case> cases() {
    return List.of(
        new Case(LinkCode.BYE, "", (client, _) -> client.session().close()),
        new Case(LinkCode.BYE, "enough", (client, _) -> client.says("close 18 enough")),
        new Case(301, "ours", (client, _) -> client.says("close 301 ours")),
        new Case(65_535, "mine", (client, _) -> client.session().close(65_535, "mine")),
        new Case(LinkCode.ERROR, "", (client, _) -> client.says("throw")),
        new Case(LinkCode.PROTOCOL, "unknown frame type 77", (_, spy) -> spy.toServer(frame(77))),
        new Case(LinkCode.PROTOCOL, "unknown frame type 77", (_, spy) -> spy.toClient(frame(77))),
        new Case(
            LinkCode.TOO_LONG,
            "a message of more than 1048576 bytes",
            (_, spy) -> spy.toServer(message(2 << 20))),
        new Case(
            LinkCode.TOO_LONG,
            "a message of more than 1048576 bytes",
            (_, spy) -> spy.toClient(message(2 << 20))),
        new Case(
            LinkCode.TOO_MANY,
            "the schemas have more than 65536 bytes together",
            (_, spy) -> {
              spy.toServer(frame(DEFINE, varint(9), new byte[40_000]));
              spy.toServer(frame(DEFINE, varint(10), new byte[40_000]));
            }));
  }

  @Test
  void bothSidesAreToldTheCodeAndTheTextOfASessionsEnd() throws Exception {
    var _ = SERVERS.running();
    for (Case each : cases()) {
      try (LinkSpy spy = new LinkSpy(port)) {
        LinkAskClient client = client(spy.port());
        each.deed.run(client, spy);
        Ending told = client.ending();
        assertThat(told.code()).as("%s: %s", each, told).isEqualTo(each.code);
        assertThat(told.text()).as("%s", each).startsWith(each.text);
        assertThat(told.isLost()).as("%s: %s", each, told).isFalse();
        assertServiceTold(client.session(), "code=%d, text=%s".formatted(each.code, each.text));
      }
    }
  }

  /** A record of the same name as {@link LinkWords.Question}, and another type of its field. */
  sealed interface Others {
    /** A question by its number. */
    record Question(int about) implements Others {}
  }

  @Test
  void aClientWhoseTypesContradictTheServicesIsToldWhichTypeAndField() throws Exception {
    var _ = SERVERS.running();
    CompletableFuture<Ending> ending = new CompletableFuture<>();
    LinkHandler<LinkWords, Others> handler =
        new LinkHandler<>() {
          @Override
          public void received(LinkSession<LinkWords, Others> of, LinkWords message) {}

          @Override
          public void closed(LinkSession<LinkWords, Others> of, Ending why) {
            ending.complete(why);
          }
        };
    LinkSession<LinkWords, Others> session =
        Link.open(
            "tcp://127.0.0.1:" + port + "/asks", LinkModule.TYPES, Types.of(Others.class), handler);
    assertThat(session.send(new Others.Question(1))).isTrue();
    Ending told = ending.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    assertThat(told.code()).isEqualTo(LinkCode.SCHEMA.number());
    assertThat(told.text()).contains("Question", "about");
    assertServiceTold(session, "code=%d, text=%s".formatted(told.code(), told.text()));
  }

  @Test
  void aClientIsToldThatAnotherConnectionHasItsSessionAndTheServiceIsNot() throws Exception {
    TestServer server = SERVERS.running();
    try (LinkSpy spy = new LinkSpy(port);
        LinkAskClient client = client(spy.port());
        LinkWire thief = new LinkWire(port, false)) {
      byte[] hello = hello("asks", spy.id(), 200, 0);
      assertThat(thief.proves(hello, thief.challenged(hello), spy.secret()).type())
          .isEqualTo(WELCOME);
      Ending told = client.ending();
      assertThat(told.code()).as("%s", told).isEqualTo(LinkCode.SUPERSEDED.number());
      server.await("it is counted", s -> s.total("superseded") == 1);
      thief.leaves().hears(GOODBYE);
      assertServiceTold(client.session(), "code=18, text=, lost=false");
    }
  }

  @Test
  void aSessionWhoseClientDoesNotComeBackIsLostForBothSides() throws Exception {
    var _ = SERVERS.running();
    LinkSpy spy = new LinkSpy(impatient); // for one connection
    LinkAskClient client = client(spy.port());
    spy.close();
    Ending told = client.ending();
    assertThat(told.isLost()).as("%s", told).isTrue();
    assertThat(told.code()).as("%s", told).isEqualTo(Ending.UNTOLD);
    assertServiceTold(client.session(), "code=0, text=the client did not come back, lost=true");
  }

  @Test
  void aServerThatStopsFirstSaysSoAndThenWaitsForWhatIsUnderWay() throws Exception {
    TestServer server = SERVERS.running();
    LinkAskClient busy = client(port);
    LinkAskClient quiet = client(port);
    CompletableFuture<LinkWords> open = busy.asks(Kind.NEVER);
    Wait.until(
        "it is asked", () -> services().stream().anyMatch(each -> each.equals("asked 0.c1")));
    FutureTask<Command.Result> stop = server.beginScript("stop");
    assertThat(busy.goingAway()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(2));
    assertThat(quiet.goingAway()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(2));
    assertThat(quiet.ending()).isEqualTo(new Ending(LinkCode.SHUTDOWN.number(), "", false));
    assertServiceTold(quiet.session(), "code=14, ");
    assertThatThrownBy(() -> busy.asks(Kind.NOW).get(TIMEOUT_SECONDS, TimeUnit.SECONDS))
        .cause()
        .isInstanceOfSatisfying(
            LinkException.class, e -> assertThat(e.code()).isEqualTo(LinkCode.SHUTDOWN.number()));
    assertThat(open.isDone()).isFalse();
    open.cancel(false);
    assertThat(busy.ending().code()).isEqualTo(LinkCode.SHUTDOWN.number());
    assertServiceTold(busy.session(), "code=14, ");
    assertThat(stop.get().exit()).isZero();
  }

  private static List<String> services() throws Exception {
    return Files.readAllLines(dir.resolve("journal"));
  }

  // ---- no session ----

  @Test
  void aClientThatIsRefusedIsToldWhatIsWrong() throws Exception {
    TestServer server = SERVERS.running();
    try (LinkAskClient _ = client(one)) {
      refused(LinkCode.TOO_MANY, "tcp://127.0.0.1:%d/asks".formatted(one), "");
    }
    refused(LinkCode.UNKNOWN_SERVICE, "tcp://127.0.0.1:%d/nothing".formatted(port), "nothing");
    assertThat(server.awaitQuiet().total("errors")).isZero();
  }

  private static void refused(LinkCode code, String where, String text) {
    Option briefly = Link.connectTimeout(Duration.ofSeconds(2));
    assertThatThrownBy(() -> new LinkAskClient(where, "0", briefly))
        .isInstanceOfSatisfying(
            LinkException.class,
            e -> {
              assertThat(e.code()).as("%s", e).isEqualTo(code.number());
              assertThat(e).hasMessageContaining(text);
            });
  }
}
