package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Codec;
import io.baton.codec.Protocol;
import io.baton.config.SettingsFixture;
import io.baton.service.Hold;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.http.HttpCodec;
import io.baton.worker.codec.line.LineCodec;
import io.baton.worker.lane.Lane;
import io.baton.worker.lane.LoopLane;
import io.baton.worker.load.WorkerCounters;
import io.baton.worker.memory.ByteBudget;
import io.baton.worker.tls.TlsConnections;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A message costs two looks at the clock: when it is handed out and when it is processed. */
@ExtendWith(NoLeaks.class)
final class ClockReadsTest {
  private static final String REQUEST = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  private static final String NONE = "first-byte-timeout = off, idle-timeout = off";
  private static final String ALL =
      "first-byte-timeout = 10s, header-timeout = 10s, read-timeout = 10s, idle-timeout = 10s, write-timeout = 10s";

  /**
   * The worker's event loop; not the client's, a write to which would run what waits in its loop.
   */
  private final EmbeddedChannel worker = new EmbeddedChannel();

  private final AtomicInteger clockReads = new AtomicInteger();
  private final EventLoop loop;
  private final WorkerCounters counters = new WorkerCounters();
  private final List<EmbeddedChannel> clients = new ArrayList<>();
  private final StepLane foreign = new StepLane();
  private final List<Hold> holds = new ArrayList<>();

  ClockReadsTest() {
    worker.freezeTime();
    loop = OwnedLoop.of(worker.eventLoop(), clockReads::incrementAndGet);
  }

  @AfterEach
  void disconnects() {
    clients.forEach(EmbeddedChannel::finishAndReleaseAll);
    foreign.run();
    worker.finishAndReleaseAll();
  }

  /** What a client says, and the service's answer to it. */
  record Talk<I, O>(String name, Codec<I, O> codec, String says, Function<I, O> answer) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static final Talk<String, String> LINE =
      new Talk<>("line", new LineCodec(100), "hello\n", text -> text);

  private static final Talk<FullHttpRequest, HttpObject> HTTP =
      new Talk<>(
          "http",
          new HttpCodec(
              SettingsFixture.http(
                  "max-request-line = 4096, max-header = 4096, max-content = 4096"),
              InstantSource.system()),
          REQUEST,
          _ ->
              new DefaultFullHttpResponse(
                  HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.EMPTY_BUFFER));

  static Stream<Arguments> talks() {
    return Stream.of(LINE, HTTP)
        .flatMap(talk -> Stream.of(NONE, ALL).map(timeouts -> Arguments.of(talk, timeouts)));
  }

  /** Opens a session whose service answers at once, or in a second step: {@link #answerHeld}. */
  private <I, O> EmbeddedChannel open(Talk<I, O> talk, String timeouts, Lane lane, boolean later)
      throws Exception {
    Probe<I, O> probe = new Probe<>();
    probe.onReceived =
        (session, message) -> {
          O answer = talk.answer().apply(message);
          if (later) {
            Hold hold = session.hold();
            holds.add(() -> {
              session.send(answer);
              hold.release();
            });
          } else {
            session.send(answer);
          }
        };
    Route<I, O> route =
        new Route<>(
            "test",
            new Protocol<>("", talk.codec(), () -> probe),
            List.of(),
            TestRoutes.options(timeouts));
    WorkerContext context =
        SessionHarness.context(loop, counters, new ByteBudget(SessionHarness.BUDGET), lane);
    EmbeddedChannel client =
        SessionHarness.channel(fresh -> {
          var _ =
              new SessionFactory(context, TlsConnections.none())
                  .open(fresh, route, SessionHarness.HANDOFF);
        });
    clients.add(client);
    client.register();
    foreign.run();
    return client;
  }

  private void answerHeld() {
    holds.forEach(Hold::release);
    holds.clear();
  }

  private static void elsewhere(Runnable action) throws InterruptedException {
    Thread.ofPlatform().start(action).join();
  }

  private static void says(EmbeddedChannel client, Talk<?, ?> talk, int times) {
    client.writeInbound(
        Unpooled.copiedBuffer(talk.says().repeat(times), StandardCharsets.US_ASCII));
  }

  private interface Exchange {
    void run() throws Exception;
  }

  /** The first message may set an alarm besides; each of the others costs the same. */
  private void assertReadsTheClockTwice(EmbeddedChannel client, int messages, Exchange exchange)
      throws Exception {
    for (int i = 0; i < 4; i++) {
      worker.advanceTimeBy(1, TimeUnit.MILLISECONDS);
      worker.runPendingTasks();
      clockReads.set(0);
      exchange.run();
      int reads = clockReads.get();
      assertThat(SessionHarness.out(client)).isNotEmpty();
      assertThat(counters.counters().messagesOut()).isEqualTo((i + 1L) * messages);
      assertThat(counters.inFlight()).isZero();
      if (i > 0) {
        assertThat(reads).isBetween(1, 2 * messages);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("talks")
  void aMessageAnsweredOnTheLoopReadsTheClockTwice(Talk<?, ?> talk, String timeouts)
      throws Exception {
    EmbeddedChannel client = open(talk, timeouts, new LoopLane(loop), false);
    assertReadsTheClockTwice(client, 1, () -> says(client, talk, 1));
  }

  @ParameterizedTest
  @MethodSource("talks")
  void eachOfManyMessagesOfOneReadReadsTheClockTwice(Talk<?, ?> talk, String timeouts)
      throws Exception {
    EmbeddedChannel client = open(talk, timeouts, new LoopLane(loop), false);
    assertReadsTheClockTwice(client, 5, () -> says(client, talk, 5));
  }

  @ParameterizedTest
  @MethodSource("talks")
  void aMessageAnsweredLaterOnTheLoopReadsTheClockTwice(Talk<?, ?> talk, String timeouts)
      throws Exception {
    EmbeddedChannel client = open(talk, timeouts, new LoopLane(loop), true);
    assertReadsTheClockTwice(
        client,
        1,
        () -> {
          says(client, talk, 1);
          answerHeld();
        });
  }

  @ParameterizedTest
  @MethodSource("talks")
  void aMessageAnsweredInAForeignLaneReadsTheClockTwice(Talk<?, ?> talk, String timeouts)
      throws Exception {
    EmbeddedChannel client = open(talk, timeouts, foreign, false);
    assertReadsTheClockTwice(
        client,
        1,
        () -> {
          says(client, talk, 1);
          elsewhere(foreign::run);
          worker.runPendingTasks();
        });
  }

  @ParameterizedTest
  @MethodSource("talks")
  void aMessageAnsweredLaterByAForeignThreadReadsTheClockTwice(Talk<?, ?> talk, String timeouts)
      throws Exception {
    EmbeddedChannel client = open(talk, timeouts, foreign, true);
    assertReadsTheClockTwice(
        client,
        1,
        () -> {
          says(client, talk, 1);
          elsewhere(foreign::run);
          elsewhere(this::answerHeld);
          worker.runPendingTasks();
        });
  }
}
