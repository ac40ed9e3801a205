package io.baton.worker.run;

import static io.baton.service.CloseReason.CLIENT;
import static io.baton.service.CloseReason.PROTOCOL;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Codec;
import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Saved;
import io.baton.codec.Window;
import io.baton.config.Settings;
import io.baton.config.Settings.Timeouts;
import io.baton.service.CloseReason;
import io.baton.service.Hold;
import io.baton.service.Session;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.frame.FrameCodec;
import io.baton.worker.codec.http.HttpCodec;
import io.baton.worker.codec.line.LineCodec;
import io.baton.worker.codec.raw.RawCodec;
import io.baton.worker.codec.websocket.WebSocketCodec;
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
  private static final Timeouts NONE = new Timeouts(Timeouts.AUTO, 0, 0, Timeouts.AUTO, 0);
  private static final int MAX = 10;

  private final StepLane lane = new StepLane();
  private final List<Hold> holds = new ArrayList<>();
  private @Nullable Bench<?, ?> last;

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
  private <I, O> Bench<I, O> open(Codec<I, O> codec) throws Exception {
    return open(codec, NONE);
  }

  private <I, O> Bench<I, O> open(Codec<I, O> codec, Timeouts timeouts) throws Exception {
    Bench<I, O> bench = connect(codec, timeouts);
    lane.run();
    return bench;
  }

  private <I, O> Bench<I, O> connect(Codec<I, O> codec, Timeouts timeouts) throws Exception {
    Bench<I, O> bench =
        new Bench<>(codec, TestRoutes.options(timeouts, TestRoutes.MAX_PENDING), lane);
    last = bench;
    return bench.open();
  }

  private static <I, O> void answers(Bench<I, O> bench, Function<I, O> answer) {
    bench.probe.onReceived = (session, message) -> session.send(answer.apply(message));
  }

  private Bench<String, String> lines() throws Exception {
    Bench<String, String> bench = open(new LineCodec(MAX));
    answers(bench, line -> "<" + line + ">");
    return bench;
  }

  private Bench<WebSocketFrame, WebSocketFrame> webSocket() throws Exception {
    Bench<WebSocketFrame, WebSocketFrame> bench = open(new WebSocketCodec(MAX, false));
    answers(bench, WebSocketFrame::retain);
    return bench;
  }

  /** Lets the lane do all that waits. */
  private void run(Bench<?, ?> bench) {
    lane.run();
    bench.channel.runPendingTasks();
    lane.run();
    bench.channel.runPendingTasks();
  }

  private void assertEnds(Bench<?, ?> bench, String output, CloseReason why) {
    assertThat(bench.out()).as("before the lane has come to it").isEmpty();
    assertThat(bench.channel.isOpen()).isTrue();
    assertThat(bench.isRead()).isFalse();
    run(bench);
    assertThat(bench.out()).isEqualTo(output);
    finished(bench, why);
  }

  private void finished(Bench<?, ?> bench, CloseReason why) {
    bench.clientEnds();
    run(bench);
    assertThat(bench.channel.isOpen()).isFalse();
    assertThat(bench.probe.events).endsWith("closed " + why);
    assertThat(bench.tally.inFlight()).isZero();
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
    Bench<WebSocketFrame, WebSocketFrame> bench = webSocket();
    bench.client(frame(1, "a") + frame(1, "b") + frame(8, "\u0003\u00e8bye") + frame(1, "late"));
    assertEnds(bench, answer(1, "a") + answer(1, "b") + answer(8, "\u0003\u00e8"), CLIENT);
  }

  @Test
  void aCloseWithoutACodeIsEchoedWithoutOne() throws Exception {
    Bench<WebSocketFrame, WebSocketFrame> bench = webSocket();
    bench.client(frame(1, "a") + frame(8, ""));
    assertEnds(bench, answer(1, "a") + answer(8, ""), CLIENT);
  }

  @Test
  void aWebSocketsViolationIsClosedBehindTheAnswersToWhatCameBefore() throws Exception {
    Bench<WebSocketFrame, WebSocketFrame> bench = webSocket();
    bench.client(frame(1, "a") + frame(3, "no such opcode"));
    assertEnds(bench, answer(1, "a") + answer(8, "\u0003\u00eaa reserved opcode"), PROTOCOL);
  }

  @Test
  void aWebSocketsMessageThatIsTooLongIsClosedBehindTheAnswersToWhatCameBefore() throws Exception {
    Bench<WebSocketFrame, WebSocketFrame> bench = webSocket();
    bench.client(frame(1, "a") + frame(1, "x".repeat(MAX + 1)));
    String tooLong = "\u0003\u00f1a message is longer than 10 bytes";
    assertEnds(bench, answer(1, "a") + answer(8, tooLong), PROTOCOL);
  }

  @Test
  void aLineThatIsTooLongComesBehindTheLinesBeforeIt() throws Exception {
    Bench<String, String> bench = lines();
    bench.client("a\nb\n" + "x".repeat(MAX + 1) + "\nlate\n");
    assertEnds(bench, "<a>\n<b>\n", PROTOCOL);
  }

  @Test
  void aFrameThatIsTooLongComesBehindTheFramesBeforeIt() throws Exception {
    Bench<ByteBuf, ByteBuf> bench = open(new FrameCodec(MAX));
    answers(bench, ByteBuf::retain);
    bench.client("\0\0\0\u0001a" + "\0\0\0\u0001b" + "\0\0\1\0");
    assertEnds(bench, "\0\0\0\u0001a" + "\0\0\0\u0001b", PROTOCOL);
  }

  @Test
  void aRawClientsLastBytesAreAnsweredBeforeItsEnd() throws Exception {
    Bench<ByteBuf, ByteBuf> bench = open(new RawCodec());
    answers(bench, ByteBuf::retain);
    bench.client("a");
    bench.clientEnds();
    run(bench);
    assertThat(bench.out()).isEqualTo("a");
    finished(bench, CLIENT);
  }

  @Test
  void aMalformedRequestIsRefusedBehindTheAnswerToTheOneBeforeIt() throws Exception {
    Bench<FullHttpRequest, HttpObject> bench =
        open(new HttpCodec(new Settings.Http(64, 256, 64), InstantSource.system()));
    answers(
        bench,
        _ ->
            new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.EMPTY_BUFFER));
    bench.client("GET / HTTP/1.1\r\nHost: h\r\n\r\nno request\r\n\r\n");
    assertThat(bench.out()).isEmpty();
    run(bench);
    assertThat(bench.out()).matches("(?s)HTTP/1.1 200 OK.*HTTP/1.1 400 Bad Request.*");
    finished(bench, PROTOCOL);
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
    Bench<String, String> bench = open(new NettysLines(_ -> {}));
    answers(bench, line -> "<" + line + ">");
    bench.client("a\nb\n" + "x".repeat(MAX + 1) + "\nlate\n");
    assertEnds(bench, "<a><b>", PROTOCOL);
    assertThat(bench.probe.events).filteredOn("received"::equals).hasSize(2);
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
    Bench<String, String> bench =
        new Bench<>(codec.getFirst(), TestRoutes.OPTIONS); // on the loop, within one stack
    last = bench;
    bench.open();
    answers(bench, line -> "<" + line + ">");
    bench.client("a\nquit\n");
    assertThat(bench.out()).isEqualTo("<a><quit>");
    finished(bench, CloseReason.SERVICE);
  }

  // ---- what is waited for, and what not ----

  @Test
  void theEndWaitsForTheLastHold() throws Exception {
    Bench<String, String> bench = lines();
    List<Session<String>> sessions = new ArrayList<>();
    bench.probe.onReceived =
        (session, _) -> {
          sessions.add(session);
          holds.add(session.hold());
        };
    bench.client("a\n" + "x".repeat(MAX + 1));
    run(bench);
    assertThat(bench.channel.isOpen()).isTrue();
    assertThat(sessions.getFirst().send("late answer")).isTrue();
    holds.removeFirst().release();
    run(bench);
    assertThat(bench.out()).isEqualTo("late answer\n");
    finished(bench, PROTOCOL);
  }

  @Test
  void whatWaitsWhenTheServiceItselfClosesIsNotReceived() throws Exception {
    Bench<String, String> bench = lines();
    bench.probe.onReceived =
        (session, line) -> {
          session.send("<" + line + ">");
          session.close(CloseReason.SERVICE);
        };
    bench.client("a\nb\n" + "x".repeat(MAX + 1));
    run(bench);
    assertThat(bench.out()).isEqualTo("<a>\n");
    finished(bench, CloseReason.SERVICE);
    assertThat(bench.probe.events).containsExactly("opened", "received", "closed SERVICE");
  }

  @Test
  void whatWaitsWhenTheServiceThrowsIsNotReceived() throws Exception {
    Bench<String, String> bench = lines();
    bench.probe.onReceived =
        (_, _) -> {
          throw new IllegalStateException("the service's mistake");
        };
    bench.client("a\nb\n" + "x".repeat(MAX + 1));
    run(bench);
    finished(bench, CloseReason.ERROR);
    assertThat(bench.probe.events).containsExactly("opened", "received", "closed ERROR");
  }

  @Test
  void whatWasSentBeforeTheConnectionBrokeIsReceivedButNotAnswered() throws Exception {
    Bench<String, String> bench = lines();
    List<Boolean> sent = new ArrayList<>();
    bench.probe.onReceived = (session, line) -> sent.add(session.send(line));
    bench.client("a\nb\n");
    bench.breaks();
    run(bench);
    assertThat(sent).containsExactly(false, false);
    assertThat(bench.probe.events)
        .containsExactly("opened", "received", "received", "closed CLIENT");
    assertThat(bench.tally.inFlight()).isZero();
    assertThat(bench.tally.connections()).isZero();
  }

  @Test
  void aClientThatIsGoneBeforeTheLaneComesToItIsReceivedIfItSaidAnything() throws Exception {
    Bench<String, String> bench = connect(new LineCodec(MAX), NONE);
    bench.client("a\n");
    bench.breaks();
    run(bench);
    assertThat(bench.probe.events).containsExactly("opened", "received", "closed CLIENT");

    Bench<String, String> silent = connect(new LineCodec(MAX), NONE);
    silent.breaks();
    run(silent);
    assertThat(silent.probe.events).isEmpty();
    assertThat(silent.tally.connections()).isZero();
  }

  @Test
  void whoBreaksItsProtocolAndThenTheConnectionHasBrokenItsProtocol() throws Exception {
    Bench<String, String> bench = lines();
    bench.client("a\n" + "x".repeat(MAX + 1));
    bench.breaks();
    run(bench);
    assertThat(bench.probe.events).containsExactly("opened", "received", "closed PROTOCOL");
  }

  @Test
  void anEndThatWaitsForAServiceIsBoundedByTheIdleTimeout() throws Exception {
    Bench<String, String> bench = open(new LineCodec(MAX), new Timeouts(0, 0, 0, 1_000, 0));
    assertBounded(bench, Duration.ofSeconds(1));
  }

  @Test
  void anEndThatWaitsForAServiceIsBoundedWithoutAnIdleTimeoutToo() throws Exception {
    assertBounded(lines(), Duration.ofSeconds(75));
  }

  private void assertBounded(Bench<String, String> bench, Duration bound) {
    bench.probe.onReceived = (session, _) -> holds.add(session.hold());
    bench.client("a\n" + "x".repeat(MAX + 1));
    run(bench);
    bench.pass(bound.minusMillis(1));
    run(bench);
    assertThat(bench.probe.events).containsExactly("opened", "received");
    bench.pass(Duration.ofMillis(20));
    bench.clientEnds();
    run(bench);
    assertThat(bench.probe.events).containsExactly("opened", "received", "closed PROTOCOL");
  }

  @Test
  void theEndOfADrainDoesNotWait() throws Exception {
    Bench<String, String> bench = lines();
    bench.client("a\n" + "x".repeat(MAX + 1));
    bench.host().sessions().all().forEach(OpenSession::goodbye);
    assertThat(bench.channel.isOpen()).isTrue();
    bench.host().sessions().all().forEach(OpenSession::abort);
    run(bench);
    assertThat(bench.probe.events).containsExactly("opened", "closed SHUTDOWN");
    assertThat(bench.tally.inFlight()).isZero();
  }

  @Test
  void whatWasHandedOutBeforeASessionIsEvictedIsAnsweredAndWhatWasNotIsLetGo() throws Exception {
    Bench<String, String> bench = lines();
    OpenSession session = bench.host().sessions().all().getFirst();
    bench.client("a\nhalf");
    session.evict();
    assertThat(session.releasable()).isZero();
    assertEnds(bench, "<a>\n", CloseReason.LIMIT);
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
    Bench<String, String> bench = new Bench<>(new LineCodec(MAX));
    last = bench;
    bench.open();
    bench.probe.onReceived =
        (session, line) -> {
          if (line.equals("throw")) {
            throw new IllegalStateException("the service's mistake");
          }
          session.close(CloseReason.SERVICE);
        };
    Thread.ofPlatform().start(() -> bench.probe.session().send("sent")).join();
    switch (end) {
      case VIOLATION -> bench.client("x".repeat(MAX + 1));
      case CLIENT -> bench.clientEnds();
      case SERVICE -> bench.client("close\n");
      case ERROR -> bench.client("throw\n");
    }
    bench.channel.runPendingTasks();
    assertThat(bench.out()).isEqualTo("sent\n");
    bench.clientEnds();
    assertThat(bench.channel.isOpen()).isFalse();
    assertThat(bench.probe.events.getLast())
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
    Bench<String, String> bench = lines();
    OpenSession session = bench.host().sessions().all().getFirst();
    bench.client("a\n");
    assertThat(session.mayMove()).isTrue();
    bench.client("x".repeat(MAX + 1));
    assertThat(session.mayMove()).isFalse();
    assertEnds(bench, "<a>\n", PROTOCOL);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aSessionThatIsToEndWhileItWaitsToMoveGoesOnHereToItsEnd(boolean quiet) throws Exception {
    Bench<String, String> bench = lines();
    OpenSession session = bench.host().sessions().all().getFirst();
    if (!quiet) {
      bench.client("a\n");
    }
    List<String> said = new ArrayList<>();
    Migration migration =
        session.freeze(
            new Migration.Owner() {
              @Override
              public void saved(Migration migration) {
                said.add("saved");
              }

              @Override
              public void unsaved(Migration migration, String reason) {
                said.add("unsaved");
              }

              @Override
              public void over(Migration migration) {
                said.add("over");
              }
            });
    migration.begin();
    bench.client("x".repeat(MAX + 1)); // what was read when it was frozen
    run(bench);
    assertThat(said).containsExactly("over");
    assertThat(bench.out()).isEqualTo(quiet ? "" : "<a>\n");
    finished(bench, PROTOCOL);
  }

  // ---- the reasons ----

  @ParameterizedTest
  @EnumSource(names = {"CLIENT", "SHUTDOWN", "LIMIT", "PROTOCOL", "ERROR"})
  void theFirstReasonToEndItStands(CloseReason why) throws Exception {
    NettysLines codec = new NettysLines(_ -> {});
    Bench<String, String> bench = open(codec);
    answers(bench, line -> "<" + line + ">");
    bench.client("a\n");
    codec.ends(why);
    codec.ends(CloseReason.TIMEOUT);
    bench.clientEnds();
    run(bench);
    assertThat(bench.out()).isEqualTo("<a>");
    finished(bench, why);
  }
}
