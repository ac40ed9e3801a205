package io.baton.worker.codec.link;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Protocol;
import io.baton.codec.UnderWay;
import io.baton.config.PeerRange;
import io.baton.link.Transfer;
import io.baton.link.TypeSet;
import io.baton.link.core.ClientHandshake;
import io.baton.link.core.Limits;
import io.baton.link.core.ServicesQuery;
import io.baton.link.service.LinkInput;
import io.baton.link.service.LinkOutput;
import io.baton.link.service.Question;
import io.baton.link.stream.OutgoingStream;
import io.baton.service.CloseReason;
import io.baton.service.Resumable;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.service.SessionKey;
import io.baton.worker.NoLeaks;
import io.baton.worker.elsewhere.HeldSessions;
import io.baton.worker.identity.AuthenticationCounters;
import io.baton.worker.memory.Holder;
import io.baton.worker.migration.SavedSession;
import io.baton.worker.session.GivenSessions;
import io.baton.worker.session.Route;
import io.baton.worker.session.SessionHarness;
import io.baton.worker.session.TestRoutes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
final class LinkCodecTest {
  private static final TypeSet TYPES = new TypeSet("a schema".getBytes(UTF_8));
  private static final byte[] TOKEN = "the current token".getBytes(UTF_8);
  private static final byte[] FORMER = "the former token".getBytes(UTF_8);

  /** The content of the file that a service sends. */
  private static final byte[] FILE = "0123456789".repeat(30).getBytes(UTF_8);

  /** Bytes that may wait for a client that takes too little, and of each message it is sent. */
  private static final int MAX_PENDING = 20_000;

  private static final int PIECE = 900;

  /** Messages that may wait, with the one that is too much. */
  private static final int MOST = MAX_PENDING / PIECE + 1;

  private static final HeldSessions.Answer STAYS = new HeldSessions.Answer.Refusal(false);

  @TempDir private Path directory;

  private final List<String> told = new ArrayList<>();

  private final LinkRefusals refusals = new LinkRefusals();

  private final List<Session<LinkOutput>> sessions = new ArrayList<>();

  /** Whether a session that goes to another machine may be kept until it is there. */
  private boolean hasRoom = true;

  /** Asks of the client that are not answered. */
  private final List<Long> waiting = new ArrayList<>();

  private SessionHarness<LinkInput, LinkOutput> server =
      new SessionHarness<>(route(Limits.DEFAULT)).open();

  /** Numbers what it hears, in each session, wherever that goes. */
  private final class Counting implements Service<LinkInput, LinkOutput>, Resumable<LinkOutput> {
    private int count;

    @Override
    public boolean opened(Session<LinkOutput> session) {
      told.add("opened");
      sessions.add(session);
      assertThat(session.key()).isPresent();
      return true;
    }

    @Override
    public void received(Session<LinkOutput> session, LinkInput input) {
      switch (input) {
        case LinkInput.Message(String channel, TypeSet _, ByteBuffer bytes) -> {
          String text = UTF_8.decode(bytes).toString();
          if (!channel.isEmpty()) {
            ByteBuffer answer = bytes(++count + " " + text);
            session.send(new LinkOutput.Message("of " + channel, TYPES, answer));
          } else if (text.equals("fail")) {
            throw new IllegalStateException("as it was told");
          } else if (text.equals("ask")) {
            session.send(new LinkOutput.Ask("", new Question() {}, TYPES, bytes("yours?")));
          } else if (text.equals("send")) {
            session.send(new LinkOutput.Stream(stream()));
          } else if (text.equals("much")) {
            for (int i = 0; i < 20; i++) {
              session.send(message("much" + "x".repeat(100)));
            }
          } else if (text.equals("flood")) {
            sendsUntilRefused(session);
          } else if (text.equals("most")) {
            session.send(message("most " + session.maxMessage()));
          } else if (text.equals("longest")) {
            session.send(message("x".repeat(session.maxMessage())));
          } else if (text.equals("leave")) {
            session.send(new LinkOutput.Goodbye(256, "as you wish"));
          } else {
            session.send(message(++count + " " + text));
          }
        }
        case LinkInput.Goodbye(int code, String _) -> told.add("goodbye " + code);
        case LinkInput.Ask(long ask, TypeSet _, ByteBuffer bytes) -> {
          String text = UTF_8.decode(bytes).toString();
          if (text.equals("wait")) {
            waiting.add(ask);
          } else {
            session.send(new LinkOutput.Reply(ask, TYPES, bytes(++count + " " + text)));
          }
        }
        case LinkInput.Reply(Question _, TypeSet _, ByteBuffer bytes) ->
            told.add("reply " + UTF_8.decode(bytes));
        case LinkInput.Transferred(Transfer transfer) ->
            told.add("sent " + transfer.bytes() + " " + transfer.how().code());
        case LinkInput.Cancelled(long ask) -> told.add("cancelled " + waiting.remove(ask));
        case LinkInput.Stream _ -> told.add("stream");
        case LinkInput.Failed _ -> throw new AssertionError(input);
      }
    }

    @Override
    public void away(Session<LinkOutput> session) {
      told.add("away");
    }

    @Override
    public void back(Session<LinkOutput> session, OptionalLong last) {
      told.add("back");
    }

    @Override
    public byte[] save(Session<LinkOutput> session) {
      return new byte[] {(byte) count};
    }

    @Override
    public void resumed(Session<LinkOutput> session, byte[] saved) {
      count = saved[0];
    }

    @Override
    public void closed(Session<LinkOutput> session, CloseReason why) {
      if (why != CloseReason.MOVED) {
        told.add("closed " + why);
      }
    }
  }

  /** Sends until that is refused, or has been done as often as would be far too much. */
  private void sendsUntilRefused(Session<LinkOutput> session) {
    int sent = 0;
    while (sent < 10 * MOST && session.send(message("x".repeat(PIECE)))) {
      sent++;
    }
    told.add("sent " + sent);
  }

  private static LinkOutput message(String text) {
    return new LinkOutput.Message(TYPES, bytes(text));
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }

  private OutgoingStream stream() {
    try {
      return OutgoingStream.of("file", Files.write(directory.resolve("file"), FILE));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Route<LinkInput, LinkOutput> route(Limits limits) {
    return route(limits, "");
  }

  private Route<LinkInput, LinkOutput> route(Limits limits, String hocon) {
    Map<String, LinkServices.Named> named = new LinkedHashMap<>();
    add(named, "open", List.of(), List.of());
    add(named, "room/ä", List.of(), List.of());
    add(named, "token", List.of(), List.of(TOKEN, FORMER));
    add(named, "elsewhere", List.of(PeerRange.parse("uid 4711")), List.of());
    LinkServices services =
        new LinkServices(named, limits, new AuthenticationCounters(), refusals, 0);
    return new Route<>(
        "link",
        new Protocol<>("", new HandshakeCodec(services), () -> HandshakeCodec.NO_SERVICE),
        services.protocols(),
        TestRoutes.options("awaits-return = 1m, " + hocon));
  }

  private void add(
      Map<String, LinkServices.Named> to, String name, List<PeerRange> allow, List<byte[]> tokens) {
    to.put(name, new LinkServices.Named(name, Counting::new, allow, tokens, Optional.empty()));
  }

  @AfterEach
  void close() {
    server.close();
  }

  /** Opens a listener with these keys in the place of the usual one. */
  private void serve(String hocon) {
    server.close();
    server = new SessionHarness<>(route(Limits.DEFAULT, hocon)).open();
  }

  /** Carries bytes to and fro until neither side has any. */
  private void talk(CoreClient client) {
    byte[] bytes = client.sends();
    byte[] back = deliver(bytes);
    while (bytes.length > 0 || back.length > 0) {
      client.hears(back);
      bytes = client.sends();
      back = deliver(bytes);
    }
  }

  private byte[] deliver(byte[] bytes) {
    if (bytes.length > 0 && server.channel.isOpen()) {
      server.client(bytes);
    }
    return server.out().getBytes(ISO_8859_1);
  }

  private CoreClient welcome(String service) {
    CoreClient client = new CoreClient(service);
    talk(client);
    assertThat(client.isWelcome()).as(client.told.toString()).isTrue();
    return client;
  }

  @ParameterizedTest
  @ValueSource(strings = {"open", "room/ä"})
  void messagesGoToTheServiceOfTheNameThatTheClientAskedFor(String service) {
    CoreClient client = welcome(service);
    assertThat(client.core().identity().service()).isEqualTo(service);
    client.says("one");
    client.says("two");
    talk(client);
    assertThat(client.told).containsExactly("1 one", "2 two");
    client.leaves();
    talk(client);
    assertThat(client.told).last().isEqualTo("closed 18");
    assertThat(told).containsExactly("opened", "goodbye 18", "closed CLIENT");
  }

  @Test
  void aServicesGoodbyeComesBehindWhatItHasSent() {
    CoreClient client = welcome("open");
    client.says("one");
    client.says("leave");
    client.says("too late");
    talk(client);
    assertThat(client.told).containsExactly("1 one", "closed 256");
    assertThat(told).containsExactly("opened", "goodbye 256", "closed SERVICE");
    assertThat(server.channel.isOpen()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"nothing", "elsewhere", "token"})
  void whoMayNotOpenAServiceIsToldWhy(String service) {
    CoreClient client = new CoreClient(service);
    talk(client);
    String code = service.equals("nothing") ? "UNKNOWN_SERVICE" : "FORBIDDEN";
    assertThat(client.told).containsExactly("refused " + code);
    assertThat(refusals.counts().byCode()).containsExactly(Map.entry(code, 1L));
    assertThat(told).isEmpty();
    assertThat(server.channel.isOpen()).isFalse();
  }

  @Test
  void theCurrentTokenAndTheFormerOneLetAClientIn() {
    for (byte[] token : List.of(TOKEN, FORMER)) {
      try (SessionHarness<LinkInput, LinkOutput> fresh =
          new SessionHarness<>(route(Limits.DEFAULT)).open()) {
        CoreClient client = new CoreClient("token", token, new byte[0], Limits.DEFAULT);
        fresh.client(client.sends());
        client.hears(fresh.out().getBytes(ISO_8859_1));
        fresh.client(client.sends());
        client.hears(fresh.out().getBytes(ISO_8859_1));
        assertThat(client.isWelcome()).isTrue();
      }
    }
  }

  @Test
  void aSessionThatNobodyHasIsRefused() {
    CoreClient client = welcome("open");
    server.drop();
    try (SessionHarness<LinkInput, LinkOutput> restarted =
        new SessionHarness<>(route(Limits.DEFAULT)).open()) {
      client.comesBack();
      restarted.client(client.sends());
      client.hears(restarted.out().getBytes(ISO_8859_1));
      assertThat(client.told).containsExactly("refused NO_SUCH_SESSION");
    }
  }

  @Test
  void aClientIsToldWhichServicesItMayAskFor() {
    ServicesQuery query = new ServicesQuery(new byte[0]);
    ByteBuffer bytes = ByteBuffer.allocate(1_000);
    query.write(bytes);
    byte[] asked = new byte[bytes.flip().remaining()];
    bytes.get(asked);
    server.client(asked);
    ByteBuffer answer = ByteBuffer.wrap(server.out().getBytes(ISO_8859_1));
    assertThat(query.read(answer)).isEqualTo(ClientHandshake.State.WELCOMED);
    assertThat(query.services()).containsExactly("open", "room/ä", "token");
    assertThat(server.channel.isOpen()).isFalse();
  }

  @Test
  void whatIsNoHelloIsRefusedAndCountsAsAnOffence() {
    server.client("GET / HTTP/1.1\r\n\r\n");
    assertThat(server.channel.isOpen()).isFalse();
    assertThat(server.out()).contains("BTLK");
    assertThat(told).isEmpty();
  }

  @Test
  void aClientThatDoesNotWaitForItsWelcomeIsRefused() {
    CoreClient client = new CoreClient("open");
    byte[] hello = client.sends();
    server.client(hello);
    client.hears(server.out().getBytes(ISO_8859_1));
    server.client(new String(client.sends(), ISO_8859_1) + "more");
    assertThat(server.channel.isOpen()).isFalse();
    assertThat(told).isEmpty();
  }

  // ---- split, and moved ----

  @Test
  void allMayBeSplitAtEveryByteAndTheSessionMovesInBetween() {
    CoreClient client = new CoreClient("open");
    int moves = 0;
    for (int i = 0; i < 30; i++) {
      byte[] bytes = client.sends();
      for (byte each : bytes) {
        if (server.move()) {
          moves++;
        }
        server.client(new byte[] {each});
      }
      for (byte each : server.out().getBytes(ISO_8859_1)) {
        client.hears(new byte[] {each});
      }
      if (client.isWelcome()) {
        client.says("again");
      }
    }
    assertThat(moves).isGreaterThan(400);
    assertThat(client.told).hasSizeGreaterThan(20);
    for (int i = 0; i < client.told.size(); i++) {
      assertThat(client.told.get(i)).isEqualTo(i + 1 + " again");
    }
    assertThat(told).containsExactly("opened");
  }

  @Test
  void askChannelAndFileGoOnWhereverTheSessionMoves() {
    Limits small = new Limits(1_024, 1_024, 1_024, 1_000_000);
    CoreClient client = new CoreClient("open", null, new byte[0], small);
    talk(client);
    client.says("send");
    int moves = 0;
    for (int i = 0; i < 40; i++) {
      if (i % 4 == 0) {
        client.asks("how");
      }
      client.says("c", "again");
      for (byte each : client.sends()) {
        if (server.move()) {
          moves++;
        }
        server.client(new byte[] {each});
      }
      for (byte each : server.out().getBytes(ISO_8859_1)) {
        client.hears(new byte[] {each});
      }
      server.pass(Duration.ofMillis(200));
    }
    talk(client);
    client.core().grantAll();
    talk(client);
    assertThat(moves).isGreaterThan(400);
    assertThat(client.streamed.toByteArray()).isEqualTo(FILE);
    assertThat(client.told).contains("ended DONE");
    assertThat(told).containsExactly("opened", "sent 300 0");
    List<String> answers = client.told.stream().filter(each -> !each.startsWith("e")).toList();
    assertThat(answers).hasSize(50);
    assertThat(answers).filteredOn(each -> each.startsWith("REPLY")).hasSize(10);
    assertThat(answers.stream().map(each -> each.replaceAll("[^0-9]", "")).map(Integer::valueOf))
        .as("%s", answers)
        .doesNotHaveDuplicates()
        .allMatch(each -> each >= 1 && each <= 50);
  }

  @Test
  void aSessionStaysWhileItsClientWaitsForAnAnswer() {
    CoreClient client = welcome("open");
    client.asks("wait");
    talk(client);
    assertThat(server.context().sessions().all().getFirst().underWay())
        .isEqualTo(new UnderWay(0, 1));
    assertThat(server.move()).isFalse();
  }

  @Test
  void anAnswerToAQuestionOfTheFormerWorkerIsDropped() {
    CoreClient client = welcome("open");
    client.says("ask");
    server.client(client.sends());
    String asked = server.out();
    assertThat(server.move()).isTrue();
    client.hears(asked.getBytes(ISO_8859_1));
    talk(client);
    assertThat(client.told).containsExactly("ASK yours?");
    assertThat(told).containsExactly("opened");
  }

  @Test
  void aDrainEndsAnIdleSessionWithShutdown() {
    CoreClient client = welcome("open");
    client.says("one");
    talk(client);
    server.drain();
    talk(client);
    assertThat(client.told).containsExactly("1 one", "going away SHUTDOWN", "closed 14");
    assertThat(server.channel.isOpen()).isFalse();
  }

  @Test
  void aServiceKnowsTheLongestMessageThatItsClientTakesWhereverTheSessionMoves() {
    Limits small = new Limits(1_024, 512, 1_024, 1_000_000);
    CoreClient client = new CoreClient("open", null, new byte[0], small);
    talk(client);
    client.says("most");
    talk(client);
    assertThat(server.move()).isTrue();
    client.says("most");
    client.says("longest");
    talk(client);
    assertThat(client.told).containsExactly("most 495", "most 495", "x".repeat(495));
  }

  // ---- silence ----

  @Test
  void aSilentSessionEndsAsIdleAndDoesNotWaitForItsClient() {
    serve("idle-timeout = 10s");
    CoreClient client = welcome("open");
    client.says("one");
    talk(client);
    server.pass(Duration.ofSeconds(9));
    talk(client);
    assertThat(client.told).containsExactly("1 one");
    server.pass(Duration.ofSeconds(2));
    talk(client);
    assertThat(client.told).containsExactly("1 one", "closed 17");
    assertThat(told).containsExactly("opened", "closed TIMEOUT");
    assertThat(server.channel.isOpen()).isFalse();
  }

  @Test
  void pingsDoNotKeepASessionAlive() {
    serve("idle-timeout = 10s");
    CoreClient client = welcome("open");
    for (int second = 0; second < 12; second++) {
      server.pass(Duration.ofSeconds(1));
      client.core().ping(second);
      talk(client);
    }
    assertThat(client.told).containsExactly("closed 17");
    assertThat(told).containsExactly("opened", "closed TIMEOUT");
  }

  @Test
  void messagesGrantsAndStreamsKeepASessionAlive() {
    serve("idle-timeout = 10s");
    CoreClient client = welcome("open");
    for (int i = 0; i < 5; i++) {
      client.says(i == 2 ? "send" : "again");
      talk(client);
      server.pass(Duration.ofSeconds(9));
      client.core().grantAll();
      talk(client);
      server.pass(Duration.ofSeconds(9));
    }
    talk(client);
    assertThat(client.told)
        .containsExactly("1 again", "2 again", "ended DONE", "3 again", "4 again");
    assertThat(server.channel.isOpen()).isTrue();
  }

  @Test
  void aSessionWhoseClientWaitsForAnAnswerIsNotIdle() {
    serve("idle-timeout = 10s");
    CoreClient client = welcome("open");
    client.asks("wait");
    talk(client);
    server.pass(Duration.ofMinutes(5));
    talk(client);
    assertThat(client.told).isEmpty();
    assertThat(client.core().cancel(0, 1)).isTrue();
    talk(client);
    server.pass(Duration.ofSeconds(11));
    talk(client);
    assertThat(client.told).last().isEqualTo("closed 17");
  }

  @Test
  void aServiceThatFailsEndsItsSessionWithAnError() {
    CoreClient client = welcome("open");
    client.says("fail");
    talk(client);
    assertThat(client.told).containsExactly("closed 16");
  }

  @Test
  void aDrainTellsTheClientAndWaitsForWhatIsUnderWay() {
    CoreClient client = welcome("open");
    client.asks("wait");
    talk(client);
    server.drain();
    talk(client);
    assertThat(client.told).containsExactly("going away SHUTDOWN");
    assertThat(server.channel.isOpen()).isTrue();
    assertThat(client.core().cancel(0, 1)).isTrue();
    talk(client);
    assertThat(client.told).contains("closed 14");
    assertThat(server.channel.isOpen()).isFalse();
  }

  /** Whatever a drain waits for until its time is over. */
  enum UnderWayAtDrain {
    QUESTION_OF_THE_CLIENT,
    QUESTION_OF_THE_SERVICE,
    STREAM_OF_THE_CLIENT,
    STREAM_OF_THE_SERVICE,
    MESSAGES_BEYOND_THE_WINDOW,
    MESSAGE_IN_THE_SERVICES_LANE,
    CLIENT_THAT_TAKES_NOTHING
  }

  @ParameterizedTest
  @EnumSource
  void aSessionThatIsNotDrainedInTimeIsToldShutdown(UnderWayAtDrain what) {
    Limits small = new Limits(1_024, 1_024, 1_024, 1_000_000);
    CoreClient client = new CoreClient("open", null, new byte[0], small);
    talk(client);
    begin(what, client);
    server.client(client.sends());
    String held = server.out(); // the client grants nothing of it
    server.drain();
    assertThat(server.channel.isOpen()).isTrue();
    server.endDrain();
    held += server.out();
    client.hears(held.getBytes(ISO_8859_1));
    assertThat(client.told).last().isEqualTo("closed 14");
    assertThat(told).last().isEqualTo("closed SHUTDOWN");
    assertThat(server.channel.isOpen()).isFalse();
  }

  private void begin(UnderWayAtDrain what, CoreClient client) {
    switch (what) {
      case QUESTION_OF_THE_CLIENT -> client.asks("wait");
      case QUESTION_OF_THE_SERVICE -> client.says("ask");
      case STREAM_OF_THE_CLIENT -> assertThat(client.core().streams().open("s", -1)).isPositive();
      case STREAM_OF_THE_SERVICE -> client.says("send");
      case MESSAGES_BEYOND_THE_WINDOW -> client.says("much");
      case MESSAGE_IN_THE_SERVICES_LANE -> {
        server.busy(true);
        client.says("one");
      }
      case CLIENT_THAT_TAKES_NOTHING -> {
        server.writable(false);
        client.says("much");
      }
    }
  }

  @Test
  void aDrainWaitsForMessagesThatWaitForTheClient() {
    Limits small = new Limits(1_024, 1_024, 1_024, 1_000_000);
    CoreClient client = new CoreClient("open", null, new byte[0], small);
    talk(client);
    client.says("much");
    server.client(client.sends());
    String held = server.out();
    server.drain();
    assertThat(server.channel.isOpen()).isTrue();
    client.hears((held + server.out()).getBytes(ISO_8859_1));
    for (int i = 0; i < 20; i++) {
      client.core().grantAll();
      talk(client);
    }
    assertThat(client.told).hasSize(22).last().isEqualTo("closed 14");
    assertThat(client.told).filteredOn(each -> each.startsWith("much")).hasSize(20);
    assertThat(server.channel.isOpen()).isFalse();
  }

  @Test
  void aConnectionStaysBetweenItsChallengeAndItsWelcome() {
    CoreClient client = new CoreClient("open");
    byte[] hello = client.sends();
    server.client(Arrays.copyOf(hello, hello.length - 1));
    assertThat(server.move()).isTrue();
    server.client(new byte[] {hello[hello.length - 1]});
    assertThat(server.move()).isFalse();
    client.hears(server.out().getBytes(ISO_8859_1));
    talk(client);
    assertThat(server.move()).isTrue();
    client.says("one");
    talk(client);
    assertThat(client.told).containsExactly("1 one");
  }

  // ---- windows ----

  @Test
  void messagesWaitForTheLaneWhileTheClientIsReadOn() {
    CoreClient client = welcome("open");
    server.busy(true);
    client.says("one");
    client.says("two");
    talk(client);
    assertThat(server.isRead()).isTrue();
    assertThat(client.told).isEmpty();
    server.busy(false);
    talk(client);
    assertThat(client.told).containsExactly("1 one", "2 two");
  }

  @Test
  void whatIsProcessedIsGrantedWithinAFifthOfASecond() {
    CoreClient client = welcome("open");
    client.says("one");
    talk(client);
    assertThat(client.core().queued()).isPositive();
    server.pass(Duration.ofMillis(199));
    talk(client);
    assertThat(client.core().queued()).isPositive();
    server.pass(Duration.ofMillis(1));
    talk(client);
    assertThat(client.core().queued()).isZero();
  }

  @Test
  void whatWasProcessedBeforeAMoveIsGrantedInTimeBehindIt() {
    CoreClient client = welcome("open");
    client.says("one");
    talk(client);
    assertThat(server.move()).isTrue();
    talk(client);
    assertThat(client.core().queued()).isPositive();
    server.pass(Duration.ofMillis(200));
    talk(client);
    assertThat(client.core().queued()).isZero();
  }

  @Test
  void moreThanItsClientHasGrantedStaysAndMakesTheSessionUnwritable() {
    Limits small = new Limits(1_024, 1_024, 1_024, 1_000_000);
    CoreClient client = new CoreClient("open", null, new byte[0], small);
    talk(client);
    client.says("one");
    byte[] bytes = client.sends();
    server.client(bytes);
    String held = server.out(); // which the client does not get yet
    for (int i = 0; i < 100; i++) {
      client.says("x".repeat(100));
      server.client(client.sends());
    }
    held += server.out();
    assertThat(held.length()).isLessThan(2_048);
    assertThat(server.isRead()).isTrue();
    assertThat(server.budget().held()).isGreaterThan(1_024);
    client.hears(held.getBytes(ISO_8859_1));
    for (int i = 0; i < 300; i++) {
      server.pass(Duration.ofMillis(200));
      talk(client);
      client.core().grantAll();
      talk(client);
    }
    assertThat(client.told).hasSize(101);
  }

  /** Opens a session of a client that grants nothing, where little may wait for it. */
  private CoreClient welcomeOfOneThatGrantsNothing() {
    serve("max-pending = " + MAX_PENDING);
    CoreClient client =
        new CoreClient("open", null, new byte[0], new Limits(1_024, 1_024, 1_024, 1_000_000));
    talk(client);
    return client;
  }

  private void assertToldTooSlow(CoreClient client) {
    client.hears(server.out().getBytes(ISO_8859_1));
    assertThat(client.told).last().isEqualTo("closed 10");
    assertThat(server.channel.isOpen()).isFalse();
    assertThat(server.counters().overflowed()).isEqualTo(1);
    assertThat(server.counters().errors()).isZero();
    assertThat(server.budget().held()).isZero();
  }

  @Test
  void aServiceThatSendsTooMuchAtOnceIsRefusedAndItsClientIsToldTooSlow() {
    CoreClient client = welcomeOfOneThatGrantsNothing();
    client.says("flood");
    server.client(client.sends());
    server.settle();
    assertThat(told).containsExactly("opened", "sent " + MOST, "closed LIMIT");
    assertToldTooSlow(client);
  }

  @Test
  void aServiceThatSendsTooMuchUnaskedIsRefusedAndItsClientIsToldTooSlow() {
    CoreClient client = welcomeOfOneThatGrantsNothing();
    sendsUntilRefused(sessions.getLast());
    server.settle();
    String sent = "sent " + (MOST + 1); // of which one is on its way to the client
    assertThat(told).containsExactly("opened", "closed LIMIT", sent);
    assertToldTooSlow(client);
  }

  @Test
  void whatAClientAsksForWaitsWhileItTakesNothingAndItsSessionGoesOn() {
    CoreClient client = welcomeOfOneThatGrantsNothing();
    StringBuilder held = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      client.says("much");
      server.client(client.sends());
      held.append(server.out());
    }
    assertThat(server.channel.isOpen()).isTrue();
    client.hears(held.toString().getBytes(ISO_8859_1));
    for (int i = 0; i < 100; i++) {
      server.pass(Duration.ofMillis(200));
      client.core().grantAll();
      talk(client);
    }
    assertThat(client.told).hasSize(20 * 20);
  }

  // ---- another machine wants the session ----

  /** Somebody who knows the session's key, and shows nothing else, wants it on another machine. */
  private HeldSessions.Answer isWantedElsewhere() {
    SessionKey key = sessions.getFirst().key().orElseThrow();
    return new GivenSessions(server.context(), 1_000, task -> task)
        .freeze(
            new HeldSessions.Wish(key, "link", new byte[0], SavedSession.READ),
            new HeldSessions.Listener() {
              @Override
              public boolean saved(ByteBuffer state) {
                told.add("saved");
                return hasRoom;
              }

              @Override
              public void cannot() {
                told.add("cannot");
              }
            });
  }

  @Test
  void aClientThatGivesNoSignOfLifeLosesItsSessionToWhoeverWantsIt() {
    CoreClient client = welcome("open");
    assertThat(isWantedElsewhere()).isEqualTo(STAYS);
    assertThat(server.out()).as("asks for a sign of life").isNotEmpty();
    server.pass(Duration.ofSeconds(2));
    assertThat(isWantedElsewhere()).as("too early").isEqualTo(STAYS);
    server.pass(Duration.ofMillis(1));
    assertThat(isWantedElsewhere()).isInstanceOf(HeldSessions.Answer.Freezing.class);
    server.settle();
    assertThat(told).containsExactly("opened", "away", "saved");
    assertThat(client.told).isEmpty();
  }

  @Test
  void aSessionForWhichThereIsNoRoomOnItsWayGoesOnWhereItIs() {
    CoreClient client = welcome("open");
    assertThat(isWantedElsewhere()).isEqualTo(STAYS);
    server.pass(Duration.ofSeconds(3));
    hasRoom = false;
    assertThat(isWantedElsewhere()).isInstanceOf(HeldSessions.Answer.Freezing.class);
    server.settle();
    assertThat(told).containsExactly("opened", "away", "saved", "cannot");
    hasRoom = true;
    assertThat(isWantedElsewhere()).isInstanceOf(HeldSessions.Answer.Freezing.class);
    server.settle();
    assertThat(told).endsWith("cannot", "saved");
    assertThat(client.told).isEmpty();
  }

  @Test
  void aClientThatGivesASignOfLifeKeepsItsSession() {
    CoreClient client = welcome("open");
    for (int i = 0; i < 3; i++) {
      assertThat(isWantedElsewhere()).isEqualTo(STAYS);
      talk(client);
      server.pass(Duration.ofSeconds(3));
    }
    client.says("one");
    talk(client);
    assertThat(client.told).containsExactly("1 one");
  }

  @Test
  void aClientThatIsNotReadIsNotSilent() {
    CoreClient client = welcome("open");
    Holder session = server.context().sessions().all().getFirst().holder();
    assertThat(isWantedElsewhere()).isEqualTo(STAYS);
    session.holdBack();
    for (int i = 0; i < 3; i++) {
      server.pass(Duration.ofSeconds(3));
      assertThat(isWantedElsewhere()).isEqualTo(STAYS);
    }
    session.readOn();
    assertThat(isWantedElsewhere()).as("asks again").isEqualTo(STAYS);
    talk(client);
    client.says("one");
    talk(client);
    assertThat(client.told).containsExactly("1 one");
  }
}
