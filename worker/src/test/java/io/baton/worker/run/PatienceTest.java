package io.baton.worker.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.Settings;
import io.baton.config.Settings.Timeouts;
import io.baton.service.Hold;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.http.HttpCodec;
import io.baton.worker.codec.raw.RawCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
final class PatienceTest {
  private final List<Bench<?, ?>> benches = new ArrayList<>();

  @AfterEach
  void close() {
    benches.forEach(Bench::close);
  }

  private static Settings.ListenerOptions options(Timeouts timeouts) {
    Settings.ListenerOptions o = TestRoutes.OPTIONS;
    return new Settings.ListenerOptions(
        o.placement(),
        o.backlog(),
        o.deferAcceptMs(),
        o.optional(),
        o.mode(),
        o.lane(),
        Settings.Access.EVERYBODY,
        o.limits(),
        o.window(),
        o.highWaterMarkBytes(),
        o.maxPendingBytes(),
        timeouts);
  }

  private Bench<ByteBuf, ByteBuf> raw(Timeouts timeouts) throws Exception {
    Bench<ByteBuf, ByteBuf> bench = new Bench<>(new RawCodec(), options(timeouts));
    benches.add(bench);
    return bench.open();
  }

  private Bench<FullHttpRequest, HttpObject> http(Timeouts timeouts) throws Exception {
    Bench<FullHttpRequest, HttpObject> bench =
        new Bench<>(
            new HttpCodec(new Settings.Http(4096, 4096, 4096), InstantSource.system()),
            options(timeouts));
    benches.add(bench);
    bench.probe.onReceived = (session, _) -> session.send(ok());
    return bench.open();
  }

  private static HttpObject ok() {
    return new DefaultFullHttpResponse(
        HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.EMPTY_BUFFER);
  }

  private static void assertTimedOut(Bench<?, ?> bench, Duration after) {
    bench.pass(after.minusMillis(1));
    assertThat(bench.channel.isOpen()).as("just before").isTrue();
    bench.pass(Duration.ofMillis(20));
    assertThat(bench.probe.events).endsWith("closed TIMEOUT");
  }

  /** Nothing the kernel has not taken, so a closing ends at once when the client ends too. */
  private static void assertStays(Bench<?, ?> bench, Duration time) {
    bench.pass(time);
    assertThat(bench.channel.isOpen()).isTrue();
    assertThat(bench.probe.events).doesNotContain("closed TIMEOUT");
  }

  @Test
  void aClientThatSaysNothingIsClosed() throws Exception {
    assertTimedOut(raw(new Timeouts(5_000, 0, 0, 0, 0)), Duration.ofSeconds(5));
  }

  @Test
  void aClientThatHasSpokenMayBeSilentForLonger() throws Exception {
    Bench<ByteBuf, ByteBuf> bench = raw(new Timeouts(5_000, 0, 0, 20_000, 0));
    bench.pass(Duration.ofSeconds(4));
    bench.client("hello");
    assertTimedOut(bench, Duration.ofSeconds(20));
  }

  @Test
  void whatIsSentToAClientCountsAsLifeToo() throws Exception {
    Bench<ByteBuf, ByteBuf> bench = raw(new Timeouts(0, 0, 0, 10_000, 0));
    bench.client("hello");
    for (int i = 0; i < 5; i++) {
      bench.pass(Duration.ofSeconds(9));
      bench.probe.session().send(Unpooled.copiedBuffer(new byte[] {1}));
    }
    assertTimedOut(bench, Duration.ofSeconds(10));
  }

  @Test
  void whereNothingIsSaidAClientMayBeSilentForEver() throws Exception {
    assertStays(raw(new Timeouts(Timeouts.AUTO, 0, 0, Timeouts.AUTO, 0)), Duration.ofDays(1));
  }

  @Test
  void exceptWhereItIsItsTurn() throws Exception {
    Timeouts auto = new Timeouts(Timeouts.AUTO, 0, 0, Timeouts.AUTO, 0);
    assertTimedOut(http(auto), Duration.ofSeconds(75));

    Bench<FullHttpRequest, HttpObject> bench = http(auto);
    bench.client("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    bench.pass(Duration.ofSeconds(70));
    bench.client("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    assertTimedOut(bench, Duration.ofSeconds(75));
  }

  @Test
  void aHeadThatDripsIsClosedThoughItKeepsComing() throws Exception {
    Bench<FullHttpRequest, HttpObject> bench = http(new Timeouts(0, 10_000, 0, 0, 0));
    for (int i = 0; i < 9; i++) {
      bench.client("G");
      bench.pass(Duration.ofSeconds(1));
    }
    bench.client("G");
    assertTimedOut(bench, Duration.ofSeconds(1));
  }

  @Test
  void eachHeadHasItsOwnTime() throws Exception {
    Bench<FullHttpRequest, HttpObject> bench = http(new Timeouts(0, 10_000, 0, 0, 0));
    bench.client("GET / HT");
    for (int i = 0; i < 10; i++) {
      bench.pass(Duration.ofSeconds(6));
      bench.client("TP/1.1\r\nHost: h\r\n\r\nGET / HT"); // never between two heads
    }
    assertThat(bench.probe.events.stream().filter("received"::equals)).hasSize(10);
    assertTimedOut(bench, Duration.ofSeconds(10));
  }

  @Test
  void aBodyMayTakeLongAsLongAsItComes() throws Exception {
    Bench<FullHttpRequest, HttpObject> bench = http(new Timeouts(0, 1_000, 10_000, 1_000, 0));
    bench.client("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n");
    for (int i = 0; i < 20; i++) {
      bench.pass(Duration.ofSeconds(9));
      bench.client("x");
    }
    assertTimedOut(bench, Duration.ofSeconds(10));
  }

  @Test
  void afterALateAnswerItIsTheClientsTurnThoughNothingWasHeld() throws Exception {
    Bench<FullHttpRequest, HttpObject> bench = http(new Timeouts(1_000, 1_000, 1_000, 1_000, 0));
    bench.probe.onReceived = (_, _) -> {};
    bench.client("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    assertStays(bench, Duration.ofHours(1));

    bench.probe.session().send(ok());
    assertTimedOut(bench, Duration.ofSeconds(1));
  }

  @Test
  void whoHasEndedItsSideIsNotWorkedForWithoutEnd() throws Exception {
    Bench<FullHttpRequest, HttpObject> bench =
        http(new Timeouts(Timeouts.AUTO, 0, 0, Timeouts.AUTO, 0));
    bench.probe.onReceived = (_, _) -> {};
    bench.client("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    bench.clientEnds();
    assertTimedOut(bench, Duration.ofSeconds(75));
  }

  @Test
  void nobodyWaitsForTheClientWhileItIsTheServicesTurn() throws Exception {
    Bench<FullHttpRequest, HttpObject> bench = http(new Timeouts(1_000, 1_000, 1_000, 1_000, 0));
    List<Hold> holds = new ArrayList<>();
    bench.probe.onReceived = (session, _) -> holds.add(session.hold());
    bench.client("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    assertStays(bench, Duration.ofHours(1));

    bench.probe.session().send(ok());
    holds.getFirst().release();
    assertTimedOut(bench, Duration.ofSeconds(1));
  }
}
