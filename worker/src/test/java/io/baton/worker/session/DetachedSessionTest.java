package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Codec;
import io.baton.codec.Protocol;
import io.baton.codec.Saved;
import io.baton.config.Settings;
import io.baton.service.CloseReason;
import io.baton.service.Hold;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.line.LineCodec;
import io.baton.worker.codec.raw.RawCodec;
import io.baton.worker.codec.websocket.WebSocketCodec;
import io.baton.worker.load.WorkerCounters;
import io.baton.worker.migration.OutgoingMigration;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A session that is taken off its carrier and goes on on another one. */
@ExtendWith(NoLeaks.class)
final class DetachedSessionTest {
  private static final String NO_TIMEOUTS = "first-byte-timeout = off, idle-timeout = off";
  private static final int MAX_PENDING = 10_000;

  /** The worker's event loop and its time; no client. */
  private final EmbeddedChannel worker = new EmbeddedChannel();

  private final WorkerCounters counters = new WorkerCounters();
  private final WorkerContext context;
  private final List<EmbeddedChannel> channels = new ArrayList<>();

  DetachedSessionTest() {
    worker.freezeTime();
    context = SessionHarness.context(OwnedLoop.of(worker.eventLoop()), counters);
  }

  @AfterEach
  void disconnects() {
    channels.forEach(EmbeddedChannel::finishAndReleaseAll);
    worker.finishAndReleaseAll();
  }

  /** A session with its service, and the carrier that bears it or bore it last. */
  private final class Client<I, O> {
    final Probe<I, O> probe = new Probe<>();
    final ClientSession session;
    EmbeddedChannel channel;

    Client(Codec<I, O> codec, String timeouts) throws Exception {
      Settings.ListenerOptions options =
          TestRoutes.options("max-pending = " + MAX_PENDING + "\n" + timeouts);
      Protocol<I, O> protocol = new Protocol<>("", codec, () -> probe);
      Route<I, O> route = new Route<>("test", protocol, List.of(), options);
      session = new ClientSession(context, route, SessionHarness.HANDOFF);
      channel =
          SessionHarness.channel(fresh -> {
            prepare(fresh);
            session.begin(session.carrier(fresh));
          });
      register();
    }

    private void prepare(EmbeddedChannel fresh) {
      fresh.freezeTime();
      int high = SessionHarness.HIGH_WATER;
      fresh.config().setWriteBufferWaterMark(new WriteBufferWaterMark(high / 2, high));
      fresh.pipeline().addLast(PipelineHead.INSTANCE);
    }

    private void register() throws Exception {
      channels.add(channel);
      channel.register();
    }

    Saved detach() {
      Optional<Saved> codec = session.detach();
      assertThat(codec).as("what the codec knows").isPresent();
      return codec.orElseThrow();
    }

    void attach(Saved codec) throws Exception {
      channel =
          SessionHarness.channel(fresh -> {
            prepare(fresh);
            session.attach(session.carrier(fresh), codec);
          });
      register();
    }

    void says(String text) {
      channel.writeInbound(bytes(text));
    }

    String hears() {
      return SessionHarness.out(channel);
    }
  }

  private Client<ByteBuf, ByteBuf> raw() throws Exception {
    Client<ByteBuf, ByteBuf> client = new Client<>(new RawCodec(), NO_TIMEOUTS);
    client.probe.onReceived = (session, message) -> session.send(message.retain());
    return client;
  }

  private Client<String, String> line(String timeouts) throws Exception {
    Client<String, String> client = new Client<>(new LineCodec(5_000), timeouts);
    client.probe.onReceived = (session, message) -> session.send(message);
    return client;
  }

  private Client<String, String> line() throws Exception {
    return line(NO_TIMEOUTS);
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }

  private void pass(Duration time) {
    worker.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
    worker.runPendingTasks();
  }

  private static void elsewhere(Runnable action) throws InterruptedException {
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    Thread thread =
        Thread.ofPlatform().uncaughtExceptionHandler((_, e) -> failure.set(e)).start(action);
    thread.join();
    assertThat(failure.get()).isNull();
  }

  // ---- what comes from the client ----

  @Test
  void halfALineReadBeforeTheDetachIsCompletedAfterTheAttach() throws Exception {
    Client<String, String> client = line();
    client.says("whole\nha");
    assertThat(client.hears()).isEqualTo("whole\n");

    Saved codec = client.detach();
    client.attach(codec);
    assertThat(client.hears()).isEmpty();
    client.says("lf\nnext\n");
    assertThat(client.hears()).isEqualTo("half\nnext\n");
  }

  @Test
  void bytesAreAnsweredOnTheCarrierThatBearsTheSession() throws Exception {
    Client<ByteBuf, ByteBuf> client = raw();
    client.says("a");
    assertThat(client.hears()).isEqualTo("a");
    client.attach(client.detach());
    client.says("b");
    assertThat(client.hears()).isEqualTo("b");
  }

  @Test
  void theFormerCarrierBringsTheSessionNothingAndItsCloseDoesNotEndIt() throws Exception {
    Client<ByteBuf, ByteBuf> client = raw();
    EmbeddedChannel former = client.channel;
    client.attach(client.detach());
    former.writeInbound(bytes("late"));
    var _ = former.finishAndReleaseAll();
    client.says("b");
    assertThat(client.probe.events).containsExactly("opened", "received");
    assertThat(client.hears()).isEqualTo("b");
  }

  @Test
  void aSessionWithAMessageInHandIsNotDetached() throws Exception {
    Client<ByteBuf, ByteBuf> client = raw();
    List<Hold> holds = new ArrayList<>();
    client.probe.onReceived = (session, _) -> holds.add(session.hold());
    client.says("a");
    assertThat(client.session.detach()).isEmpty();

    holds.getFirst().release();
    client.says("b");
    assertThat(client.probe.events).containsExactly("opened", "received", "received");
    holds.getLast().release();
    assertThat(client.session.detach()).isPresent();
  }

  @Test
  void aSessionThatHasEndedIsNotDetached() throws Exception {
    Client<ByteBuf, ByteBuf> client = raw();
    client.probe.session().close(CloseReason.SERVICE);
    assertThat(client.session.detach()).isEmpty();
  }

  @Test
  void aDetachedSessionIsNotDetachedAgain() throws Exception {
    Client<ByteBuf, ByteBuf> client = raw();
    client.attach(client.detach());
    Saved codec = client.detach();
    assertThat(client.session.detach()).isEmpty();
    client.attach(codec);
    client.says("a");
    assertThat(client.hears()).isEqualTo("a");
  }

  @Test
  void aSessionThatMovesToAnotherWorkerIsNotDetached() throws Exception {
    Client<ByteBuf, ByteBuf> client = raw();
    OutgoingMigration migration =
        client.session.freeze(
            new OutgoingMigration.Owner() {
              @Override
              public void saved(OutgoingMigration saved) {}

              @Override
              public void unsaved(OutgoingMigration unsaved, String reason) {}

              @Override
              public void over(OutgoingMigration over) {}
            });
    migration.begin();
    assertThat(client.session.detach()).isEmpty();
    assertThat(migration.state()).isPresent();

    migration.thaw();
    assertThat(client.session.detach()).isPresent();
  }

  @Test
  void aSessionHeldBackForMemoryIsNotReadOnItsNextCarrierUntilItMayBe() throws Exception {
    Client<ByteBuf, ByteBuf> client = raw();
    client.session.holder().holdBack();
    client.attach(client.detach());
    assertThat(client.channel.config().isAutoRead()).isFalse();
    client.session.holder().readOn();
    assertThat(client.channel.config().isAutoRead()).isTrue();
  }

  // ---- what the service sends ----

  @Test
  void messagesSentWhileDetachedComeOutInOrderOnTheNextCarrier() throws Exception {
    Client<String, String> client = line();
    Saved codec = client.detach();
    assertThat(client.probe.session().send("a")).isTrue();
    elsewhere(() -> assertThat(client.probe.session().send("b")).isTrue());
    assertThat(client.probe.session().send("c")).isTrue();
    worker.runPendingTasks();
    assertThat(client.hears()).isEmpty();
    assertThat(counters.counters().messagesOut()).isZero();

    client.attach(codec);
    client.probe.session().send("d");
    assertThat(client.hears()).isEqualTo("a\nb\nc\nd\n");
    assertThat(counters.counters().messagesOut()).isEqualTo(4);
  }

  @Test
  void aMessageOnItsWayDuringDetachAndAttachComesOutOnce() throws Exception {
    Client<String, String> client = line();
    elsewhere(() -> client.probe.session().send("a"));
    EmbeddedChannel former = client.channel;
    client.attach(client.detach());
    worker.runPendingTasks();
    assertThat(SessionHarness.out(former)).isEmpty();
    assertThat(client.hears()).isEqualTo("a\n");
  }

  @Test
  void whatTheServiceSendsWhenWritableAgainDoesNotOvertakeWhatWasKept() throws Exception {
    Client<String, String> client = line();
    Saved codec = client.detach();
    String large = "x".repeat(2 * SessionHarness.HIGH_WATER);
    client.probe.session().send(large);
    client.probe.session().send("kept");
    client.probe.onWritable = session -> session.send("later");

    client.attach(codec);
    assertThat(client.hears()).startsWith(large + "\nkept\n");
  }

  @Test
  void whatWasSentBeforeTheDetachGoesOutOnTheFormerCarrierOnly() throws Exception {
    Client<String, String> client = line();
    client.probe.session().send("there");
    EmbeddedChannel former = client.channel;
    client.attach(client.detach());
    assertThat(SessionHarness.out(former)).isEqualTo("there\n");
    assertThat(client.hears()).isEmpty();
  }

  @Test
  void aServiceToldThatItsCarrierHasNoRoomHearsWhenTheNextOneHas() throws Exception {
    Client<ByteBuf, ByteBuf> client = raw();
    client.channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
    assertThat(client.probe.session().writable()).isFalse();
    client.attach(client.detach());
    worker.runPendingTasks();
    assertThat(client.probe.session().writable()).isTrue();
    assertThat(client.probe.events).containsExactly("opened", "writable");
  }

  @Test
  void moreThanMaxPendingSentWhileDetachedEndsTheSessionOnceAttached() throws Exception {
    Client<ByteBuf, ByteBuf> client = raw();
    Saved codec = client.detach();
    assertThat(client.probe.session().send(bytes("x".repeat(MAX_PENDING)))).isTrue();
    assertThat(client.probe.session().send(bytes("y"))).isFalse();
    assertThat(client.probe.events).containsExactly("opened");

    client.attach(codec);
    assertThat(client.hears()).isEqualTo("x".repeat(MAX_PENDING));
    assertThat(client.probe.events).containsExactly("opened", "closed LIMIT");
    assertThat(client.channel.isOpen()).isFalse();
  }

  @Test
  void moreThanMaxPendingFromAnotherThreadEndsItOnceAttachedToo() throws Exception {
    Client<ByteBuf, ByteBuf> client = raw();
    Saved codec = client.detach();
    elsewhere(() -> {
      assertThat(client.probe.session().send(bytes("x".repeat(2 * MAX_PENDING)))).isTrue();
      assertThat(client.probe.session().send(bytes("y"))).isFalse();
    });
    worker.runPendingTasks();
    assertThat(client.probe.events).containsExactly("opened");

    client.attach(codec);
    assertThat(client.hears()).isEqualTo("x".repeat(2 * MAX_PENDING));
    assertThat(client.probe.events).containsExactly("opened", "closed LIMIT");
  }

  // ---- time ----

  @Test
  void idleTimeDoesNotRunWhileDetachedAndBeginsAnewWithTheCarrier() throws Exception {
    Client<String, String> client = line("first-byte-timeout = 10s, idle-timeout = 10s");
    client.says("a\n");
    pass(Duration.ofSeconds(9));
    Saved codec = client.detach();
    pass(Duration.ofHours(1));
    client.attach(codec);
    pass(Duration.ofSeconds(9));
    assertThat(client.probe.events).containsExactly("opened", "received");
    pass(Duration.ofSeconds(2));
    assertThat(client.probe.events).containsExactly("opened", "received", "closed TIMEOUT");
    var _ = client.hears();
  }

  @Test
  void headerTimeDoesNotRunWhileDetachedAndBeginsAnewWithTheCarrier() throws Exception {
    Client<String, String> client =
        line("first-byte-timeout = off, header-timeout = 10s, idle-timeout = off");
    client.says("ha");
    pass(Duration.ofSeconds(9));
    Saved codec = client.detach();
    pass(Duration.ofHours(1));
    client.attach(codec);
    pass(Duration.ofSeconds(9));
    assertThat(client.probe.events).containsExactly("opened");
    pass(Duration.ofSeconds(2));
    assertThat(client.probe.events).containsExactly("opened", "closed TIMEOUT");
  }

  @Test
  void theServicesTimersRunWhileDetached() throws Exception {
    Client<String, String> client = line();
    client.probe.session().after(Duration.ofSeconds(1), () -> client.probe.session().send("tick"));
    Saved codec = client.detach();
    pass(Duration.ofSeconds(2));
    client.attach(codec);
    assertThat(client.hears()).isEqualTo("tick\n");
  }

  // ---- the end ----

  @Test
  void aCloseWhileDetachedTakesEffectOnceAttachedBehindWhatWasKept() throws Exception {
    Client<String, String> client = line();
    client.says("ha");
    Saved codec = client.detach();
    client.probe.session().send("last words");
    client.probe.session().close(CloseReason.SERVICE);
    assertThat(client.probe.session().send("later")).isFalse();
    assertThat(client.probe.events).containsExactly("opened");

    client.attach(codec);
    assertThat(client.hears()).isEqualTo("last words\n");
    assertThat(client.channel.isOpen()).isFalse();
    assertThat(client.probe.events).containsExactly("opened", "closed SERVICE");
  }

  @Test
  void aServiceThatThrowsWhileDetachedEndsItsSessionOnceAttached() throws Exception {
    Client<String, String> client = line();
    client
        .probe
        .session()
        .after(
            Duration.ofSeconds(1),
            () -> {
              throw new IllegalStateException("the timer's mistake");
            });
    Saved codec = client.detach();
    pass(Duration.ofSeconds(2));
    assertThat(counters.counters().errors()).isEqualTo(1);
    client.attach(codec);
    assertThat(client.probe.events).containsExactly("opened", "closed ERROR");
  }

  @Test
  void aDrainThatBeginsWhileDetachedReachesTheClientOnceAttached() throws Exception {
    Client<WebSocketFrame, WebSocketFrame> client =
        new Client<>(new WebSocketCodec(1024, false), NO_TIMEOUTS);
    Saved codec = client.detach();
    client.session.goodbye();
    assertThat(client.probe.events).containsExactly("opened");
    client.attach(codec);
    assertThat(client.hears()).isEqualTo("\u0088\u0002\u0003\u00f4"); // a close frame, 1012
  }

  @Test
  void aDetachedSessionThatIsAbortedEndsAtOnceAndItsKeptMessagesAreReleased() throws Exception {
    Client<ByteBuf, ByteBuf> client = raw();
    var _ = client.detach();
    ByteBuf kept = bytes("kept");
    client.probe.session().send(kept);
    client.session.abort();
    assertThat(kept.refCnt()).isZero();
    assertThat(client.probe.events).containsExactly("opened", "closed SHUTDOWN");
    assertThat(client.probe.session().send(bytes("late"))).isFalse();
    assertThat(context.sessions().isEmpty()).isTrue();
    assertThat(counters.connections()).isZero();
    assertThat(counters.counters().closed()).isEqualTo(1);
  }

  @Test
  void aDetachedSessionWhoseKeptMessagesTakeTooMuchMemoryIsEvicted() throws Exception {
    Client<ByteBuf, ByteBuf> client = raw();
    var _ = client.detach();
    client.probe.session().send(bytes("kept"));
    assertThat(client.session.holder().releasable()).isGreaterThanOrEqualTo(4);
    client.session.holder().evict();
    assertThat(client.probe.events).containsExactly("opened", "closed LIMIT");
    assertThat(context.sessions().isEmpty()).isTrue();
  }

  // ---- who notices ----

  @Test
  void theServiceDoesNotNoticeAndTheWorkerCountsOneConnection() throws Exception {
    Client<String, String> client = line();
    client.says("a\n");
    for (int i = 0; i < 3; i++) {
      Saved codec = client.detach();
      assertThat(counters.connections()).isEqualTo(1);
      client.attach(codec);
      assertThat(counters.connections()).isEqualTo(1);
    }
    client.says("b\n");
    assertThat(client.probe.events).containsExactly("opened", "received", "received");
    assertThat(context.sessions().all()).containsExactly(client.session);
    assertThat(counters.counters().taken()).isEqualTo(1);
    assertThat(counters.counters().closed()).isZero();

    var _ = client.channel.finishAndReleaseAll();
    assertThat(client.probe.events).endsWith("received", "closed CLIENT");
    assertThat(counters.connections()).isZero();
    assertThat(counters.counters().closed()).isEqualTo(1);
    assertThat(counters.counters().movedOut()).isZero();
    assertThat(context.sessions().isEmpty()).isTrue();
    assertThat(client.session.hasMoved()).isFalse();
  }
}
