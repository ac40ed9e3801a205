package io.baton.worker.session;

import static io.baton.service.CloseReason.CLIENT;
import static io.baton.service.CloseReason.PROTOCOL;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Codec;
import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Saved;
import io.baton.codec.Window;
import io.baton.config.SettingsFixture;
import io.baton.service.CloseReason;
import io.baton.service.Hold;
import io.baton.service.Session;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.frame.FrameCodec;
import io.baton.worker.codec.http.HttpCodec;
import io.baton.worker.codec.line.LineCodec;
import io.baton.worker.codec.raw.RawCodec;
import io.baton.worker.codec.websocket.WebSocketCodec;
import io.baton.worker.memory.Holder;
import io.baton.worker.migration.OutgoingMigration;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DelimiterBasedFrameDecoder;
import io.netty.handler.codec.Delimiters;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The end of a session comes behind what was sent before it, however late the lane gets to it. */
@ExtendWith(NoLeaks.class)
final class EndInTurnTest {
  private static final int MAX = 10;

  private final StepLane lane = new StepLane();
  private final List<Hold> holds = new ArrayList<>();
  private @Nullable SessionHarness<?, ?> last;

  @AfterEach
  void disconnects() {
    holds.forEach(Hold::release);
    if (last != null) {
      last.close();
      lane.run();
      last.channel.runPendingTasks();
    }
  }

  /** A client of this codec, whose service has opened. */
  private <I, O> SessionHarness<I, O> open(Codec<I, O> codec) throws Exception {
    return open(codec, "");
  }

  private <I, O> SessionHarness<I, O> open(Codec<I, O> codec, String timeouts) throws Exception {
    SessionHarness<I, O> harness = connect(codec, timeouts);
    lane.run();
    return harness;
  }

  private <I, O> SessionHarness<I, O> connect(Codec<I, O> codec, String timeouts) throws Exception {
    SessionHarness<I, O> harness = new SessionHarness<>(codec, TestRoutes.options(timeouts), lane);
    last = harness;
    return harness.open();
  }

  private static <I, O> void answers(SessionHarness<I, O> harness, Function<I, O> answer) {
    harness.probe.onReceived = (session, message) -> session.send(answer.apply(message));
  }

  private SessionHarness<String, String> lines() throws Exception {
    SessionHarness<String, String> harness = open(new LineCodec(MAX));
    answers(harness, line -> "<" + line + ">");
    return harness;
  }

  private SessionHarness<WebSocketFrame, WebSocketFrame> webSocket() throws Exception {
    SessionHarness<WebSocketFrame, WebSocketFrame> harness = open(new WebSocketCodec(MAX, false));
    answers(harness, WebSocketFrame::retain);
    return harness;
  }

  /** Lets the lane do all that waits. */
  private void run(SessionHarness<?, ?> harness) {
    lane.run();
    harness.channel.runPendingTasks();
    lane.run();
    harness.channel.runPendingTasks();
  }

  private void assertEnds(SessionHarness<?, ?> harness, String output, CloseReason why) {
    assertThat(harness.out()).as("before the lane has come to it").isEmpty();
    assertThat(harness.channel.isOpen()).isTrue();
    assertThat(harness.isRead()).isFalse();
    run(harness);
    assertThat(harness.out()).isEqualTo(output);
    finished(harness, why);
  }

  private void finished(SessionHarness<?, ?> harness, CloseReason why) {
    harness.clientEnds();
    run(harness);
    assertThat(harness.channel.isOpen()).isFalse();
    assertThat(harness.probe.events).endsWith("closed " + why);
    assertThat(harness.counters.inFlight()).isZero();
  }

  /** A client's frame of a few bytes, masked with zeros. */
  private static String frame(int opcode, String payload) {
    return (char) (0x80 | opcode) + "" + (char) (0x80 | payload.length()) + "\0\0\0\0" + payload;
  }

  private static String answer(int opcode, String payload) {
    return (char) (0x80 | opcode) + "" + (char) payload.length() + payload;
  }

  // ---- each codec ----

  @Test
  void aWebSocketsCloseComesBehindTheMessagesBeforeItAndIsEchoedBehindTheirAnswers()
      throws Exception {
    SessionHarness<WebSocketFrame, WebSocketFrame> harness = webSocket();
    harness.client(frame(1, "a") + frame(1, "b") + frame(8, "\u0003\u00e8bye") + frame(1, "late"));
    assertEnds(harness, answer(1, "a") + answer(1, "b") + answer(8, "\u0003\u00e8"), CLIENT);
  }

  @Test
  void aCloseWithoutACodeIsEchoedWithoutOne() throws Exception {
    SessionHarness<WebSocketFrame, WebSocketFrame> harness = webSocket();
    harness.client(frame(1, "a") + frame(8, ""));
    assertEnds(harness, answer(1, "a") + answer(8, ""), CLIENT);
  }

  @Test
  void aWebSocketsViolationIsClosedBehindTheAnswersToWhatCameBefore() throws Exception {
    SessionHarness<WebSocketFrame, WebSocketFrame> harness = webSocket();
    harness.client(frame(1, "a") + frame(3, "no such opcode"));
    assertEnds(harness, answer(1, "a") + answer(8, "\u0003\u00eaa reserved opcode"), PROTOCOL);
  }

  @Test
  void aWebSocketsMessageThatIsTooLongIsClosedBehindTheAnswersToWhatCameBefore() throws Exception {
    SessionHarness<WebSocketFrame, WebSocketFrame> harness = webSocket();
    harness.client(frame(1, "a") + frame(1, "x".repeat(MAX + 1)));
    String tooLong = "\u0003\u00f1a message is longer than 10 bytes";
    assertEnds(harness, answer(1, "a") + answer(8, tooLong), PROTOCOL);
  }

  @Test
  void aLineThatIsTooLongComesBehindTheLinesBeforeIt() throws Exception {
    SessionHarness<String, String> harness = lines();
    harness.client("a\nb\n" + "x".repeat(MAX + 1) + "\nlate\n");
    assertEnds(harness, "<a>\n<b>\n", PROTOCOL);
  }

  @Test
  void aFrameThatIsTooLongComesBehindTheFramesBeforeIt() throws Exception {
    SessionHarness<ByteBuf, ByteBuf> harness = open(new FrameCodec(MAX));
    answers(harness, ByteBuf::retain);
    harness.client("\0\0\0\u0001a" + "\0\0\0\u0001b" + "\0\0\1\0");
    assertEnds(harness, "\0\0\0\u0001a" + "\0\0\0\u0001b", PROTOCOL);
  }

  @Test
  void aRawClientsLastBytesAreAnsweredBeforeItsEnd() throws Exception {
    SessionHarness<ByteBuf, ByteBuf> harness = open(new RawCodec());
    answers(harness, ByteBuf::retain);
    harness.client("a");
    harness.clientEnds();
    run(harness);
    assertThat(harness.out()).isEqualTo("a");
    finished(harness, CLIENT);
  }

  @Test
  void aMalformedRequestIsRefusedBehindTheAnswerToTheOneBeforeIt() throws Exception {
    SessionHarness<FullHttpRequest, HttpObject> harness =
        open(
            new HttpCodec(
                SettingsFixture.http("max-request-line = 64, max-header = 256, max-content = 64"),
                InstantSource.system()));
    answers(
        harness,
        _ ->
            new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.EMPTY_BUFFER));
    harness.client("GET / HTTP/1.1\r\nHost: h\r\n\r\nno request\r\n\r\n");
    assertThat(harness.out()).isEmpty();
    run(harness);
    assertThat(harness.out()).matches("(?s)HTTP/1.1 200 OK.*HTTP/1.1 400 Bad Request.*");
    finished(harness, PROTOCOL);
  }

  /** Lines once more, of Netty's own handlers, which know no window. */
  private static final class NettysLines implements Codec<String, String> {
    private final Consumer<String> onSent;
    private @Nullable Window window;

    NettysLines(Consumer<String> onSent) {
      this.onSent = onSent;
    }

    @Override
    public Class<String> in() {
      return String.class;
    }

    @Override
    public Class<String> out() {
      return String.class;
    }

    @Override
    public int window() {
      return 4;
    }

    void ends(CloseReason why) {
      java.util.Objects.requireNonNull(window).end(why);
    }

    @Override
    public Flow install(CodecContext context) {
      window = context.window();
      context
          .pipeline()
          .addLast(
              new StringEncoder(),
              new ChannelOutboundHandlerAdapter() {
                @Override
                public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
                  var _ = ctx.write(msg, promise);
                  onSent.accept((String) msg);
                }
              },
              new DelimiterBasedFrameDecoder(MAX, Delimiters.lineDelimiter()),
              new StringDecoder(StandardCharsets.UTF_8));
      return new Silent();
    }
  }

  /** Of a codec that says and knows nothing. */
  private record Silent() implements Flow {
    @Override
    public Phase phase() {
      return Phase.IDLE;
    }

    @Override
    public void resume() {}

    @Override
    public Optional<Saved> save() {
      return Optional.empty();
    }

    @Override
    public void drain() {}

    @Override
    public void goodbye(CloseReason why) {}
  }

  @Test
  void aUsersCodecMadeOfNettysHandlersEndsInItsTurnToo() throws Exception {
    SessionHarness<String, String> harness = open(new NettysLines(_ -> {}));
    answers(harness, line -> "<" + line + ">");
    harness.client("a\nb\n" + "x".repeat(MAX + 1) + "\nlate\n");
    assertEnds(harness, "<a><b>", PROTOCOL);
    assertThat(harness.probe.events).filteredOn("received"::equals).hasSize(2);
  }

  @Test
  void aCodecThatEndsTheSessionWhileItsServiceIsInACallbackEndsItBehindThatCallback()
      throws Exception {
    List<NettysLines> codec = new ArrayList<>();
    codec.add(
        new NettysLines(sent -> {
          if (sent.equals("<quit>")) {
            codec.getFirst().ends(CloseReason.SERVICE);
          }
        }));
    SessionHarness<String, String> harness =
        new SessionHarness<>(codec.getFirst(), TestRoutes.OPTIONS); // on the loop, within one stack
    last = harness;
    harness.open();
    answers(harness, line -> "<" + line + ">");
    harness.client("a\nquit\n");
    assertThat(harness.out()).isEqualTo("<a><quit>");
    finished(harness, CloseReason.SERVICE);
  }

  // ---- what is waited for, and what not ----

  @Test
  void theEndWaitsForTheLastHold() throws Exception {
    SessionHarness<String, String> harness = lines();
    List<Session<String>> sessions = new ArrayList<>();
    harness.probe.onReceived =
        (session, _) -> {
          sessions.add(session);
          holds.add(session.hold());
        };
    harness.client("a\n" + "x".repeat(MAX + 1));
    run(harness);
    assertThat(harness.channel.isOpen()).isTrue();
    assertThat(sessions.getFirst().send("late answer")).isTrue();
    holds.removeFirst().release();
    run(harness);
    assertThat(harness.out()).isEqualTo("late answer\n");
    finished(harness, PROTOCOL);
  }

  @Test
  void whatWaitsWhenTheServiceItselfClosesIsNotReceived() throws Exception {
    SessionHarness<String, String> harness = lines();
    harness.probe.onReceived =
        (session, line) -> {
          session.send("<" + line + ">");
          session.close(CloseReason.SERVICE);
        };
    harness.client("a\nb\n" + "x".repeat(MAX + 1));
    run(harness);
    assertThat(harness.out()).isEqualTo("<a>\n");
    finished(harness, CloseReason.SERVICE);
    assertThat(harness.probe.events).containsExactly("opened", "received", "closed SERVICE");
  }

  @Test
  void whatWaitsWhenTheServiceThrowsIsNotReceived() throws Exception {
    SessionHarness<String, String> harness = lines();
    harness.probe.onReceived =
        (_, _) -> {
          throw new IllegalStateException("the service's mistake");
        };
    harness.client("a\nb\n" + "x".repeat(MAX + 1));
    run(harness);
    finished(harness, CloseReason.ERROR);
    assertThat(harness.probe.events).containsExactly("opened", "received", "closed ERROR");
  }

  @Test
  void whatWasSentBeforeTheConnectionBrokeIsReceivedButNotAnswered() throws Exception {
    SessionHarness<String, String> harness = lines();
    List<Boolean> sent = new ArrayList<>();
    harness.probe.onReceived = (session, line) -> sent.add(session.send(line));
    harness.client("a\nb\n");
    harness.breaks();
    run(harness);
    assertThat(sent).containsExactly(false, false);
    assertThat(harness.probe.events)
        .containsExactly("opened", "received", "received", "closed CLIENT");
    assertThat(harness.counters.inFlight()).isZero();
    assertThat(harness.counters.connections()).isZero();
  }

  @Test
  void aClientThatIsGoneBeforeTheLaneComesToItIsReceivedIfItSaidAnything() throws Exception {
    SessionHarness<String, String> harness = connect(new LineCodec(MAX), "");
    harness.client("a\n");
    harness.breaks();
    run(harness);
    assertThat(harness.probe.events).containsExactly("opened", "received", "closed CLIENT");

    SessionHarness<String, String> silent = connect(new LineCodec(MAX), "");
    silent.breaks();
    run(silent);
    assertThat(silent.probe.events).isEmpty();
    assertThat(silent.counters.connections()).isZero();
  }

  @Test
  void whoBreaksItsProtocolAndThenTheConnectionHasBrokenItsProtocol() throws Exception {
    SessionHarness<String, String> harness = lines();
    harness.client("a\n" + "x".repeat(MAX + 1));
    harness.breaks();
    run(harness);
    assertThat(harness.probe.events).containsExactly("opened", "received", "closed PROTOCOL");
  }

  @Test
  void anEndThatWaitsForAServiceIsBoundedByTheIdleTimeout() throws Exception {
    SessionHarness<String, String> harness =
        open(new LineCodec(MAX), "first-byte-timeout = off, idle-timeout = 1s");
    assertBounded(harness, Duration.ofSeconds(1));
  }

  @Test
  void anEndThatWaitsForAServiceIsBoundedWithoutAnIdleTimeoutToo() throws Exception {
    assertBounded(lines(), Duration.ofSeconds(75));
  }

  private void assertBounded(SessionHarness<String, String> harness, Duration bound) {
    harness.probe.onReceived = (session, _) -> holds.add(session.hold());
    harness.client("a\n" + "x".repeat(MAX + 1));
    run(harness);
    harness.pass(bound.minusMillis(1));
    run(harness);
    assertThat(harness.probe.events).containsExactly("opened", "received");
    harness.pass(Duration.ofMillis(20));
    harness.clientEnds();
    run(harness);
    assertThat(harness.probe.events).containsExactly("opened", "received", "closed PROTOCOL");
  }

  @Test
  void theEndOfADrainDoesNotWait() throws Exception {
    SessionHarness<String, String> harness = lines();
    harness.client("a\n" + "x".repeat(MAX + 1));
    harness.context().sessions().all().forEach(ManagedSession::goodbye);
    assertThat(harness.channel.isOpen()).isTrue();
    harness.context().sessions().all().forEach(ManagedSession::abort);
    run(harness);
    assertThat(harness.probe.events).containsExactly("opened", "closed SHUTDOWN");
    assertThat(harness.counters.inFlight()).isZero();
  }

  @Test
  void whatWasHandedOutBeforeASessionIsEvictedIsAnsweredAndWhatWasNotIsLetGo() throws Exception {
    SessionHarness<String, String> harness = lines();
    Holder session = harness.context().sessions().all().getFirst().holder();
    harness.client("a\nhalf");
    session.evict();
    assertThat(session.releasable()).isZero();
    assertEnds(harness, "<a>\n", CloseReason.LIMIT);
  }

  /** How a session ends while a message of another thread is on its way to the event loop. */
  enum End {
    VIOLATION,
    CLIENT,
    SERVICE,
    ERROR
  }

  @ParameterizedTest
  @EnumSource
  void whatAnotherThreadHadSentGoesOutBeforeTheEnd(End end) throws Exception {
    SessionHarness<String, String> harness = new SessionHarness<>(new LineCodec(MAX));
    last = harness;
    harness.open();
    harness.probe.onReceived =
        (session, line) -> {
          if (line.equals("throw")) {
            throw new IllegalStateException("the service's mistake");
          }
          session.close(CloseReason.SERVICE);
        };
    Thread.ofPlatform().start(() -> harness.probe.session().send("sent")).join();
    switch (end) {
      case VIOLATION -> harness.client("x".repeat(MAX + 1));
      case CLIENT -> harness.clientEnds();
      case SERVICE -> harness.client("close\n");
      case ERROR -> harness.client("throw\n");
    }
    harness.channel.runPendingTasks();
    assertThat(harness.out()).isEqualTo("sent\n");
    harness.clientEnds();
    assertThat(harness.channel.isOpen()).isFalse();
    assertThat(harness.probe.events.getLast())
        .isEqualTo(
            switch (end) {
              case VIOLATION -> "closed PROTOCOL";
              case CLIENT -> "closed CLIENT";
              case SERVICE -> "closed SERVICE";
              case ERROR -> "closed ERROR";
            });
  }

  // ---- it does not move ----

  @Test
  void aSessionThatIsToEndDoesNotMove() throws Exception {
    SessionHarness<String, String> harness = lines();
    ManagedSession session = harness.context().sessions().all().getFirst();
    harness.client("a\n");
    assertThat(session.mayMove()).isTrue();
    harness.client("x".repeat(MAX + 1));
    assertThat(session.mayMove()).isFalse();
    assertEnds(harness, "<a>\n", PROTOCOL);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aSessionThatIsToEndWhileItWaitsToMoveGoesOnHereToItsEnd(boolean quiet) throws Exception {
    SessionHarness<String, String> harness = lines();
    ManagedSession session = harness.context().sessions().all().getFirst();
    if (!quiet) {
      harness.client("a\n");
    }
    List<String> said = new ArrayList<>();
    OutgoingMigration migration =
        session.freeze(
            new OutgoingMigration.Owner() {
              @Override
              public void saved(OutgoingMigration migration) {
                said.add("saved");
              }

              @Override
              public void unsaved(OutgoingMigration migration, String reason) {
                said.add("unsaved");
              }

              @Override
              public void over(OutgoingMigration migration) {
                said.add("over");
              }
            });
    migration.begin();
    harness.client("x".repeat(MAX + 1)); // what was read when it was frozen
    run(harness);
    assertThat(said).containsExactly("over");
    assertThat(harness.out()).isEqualTo(quiet ? "" : "<a>\n");
    finished(harness, PROTOCOL);
  }

  // ---- the reasons ----

  @ParameterizedTest
  @EnumSource(names = {"CLIENT", "SHUTDOWN", "LIMIT", "PROTOCOL", "ERROR"})
  void theFirstReasonToEndItStands(CloseReason why) throws Exception {
    NettysLines codec = new NettysLines(_ -> {});
    SessionHarness<String, String> harness = open(codec);
    answers(harness, line -> "<" + line + ">");
    harness.client("a\n");
    codec.ends(why);
    codec.ends(CloseReason.TIMEOUT);
    harness.clientEnds();
    run(harness);
    assertThat(harness.out()).isEqualTo("<a>");
    finished(harness, why);
  }
}
