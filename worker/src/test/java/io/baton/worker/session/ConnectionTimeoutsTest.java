package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.SettingsFixture;
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
final class ConnectionTimeoutsTest {
  private final List<SessionHarness<?, ?>> harnesses = new ArrayList<>();

  @AfterEach
  void close() {
    harnesses.forEach(SessionHarness::close);
  }

  private SessionHarness<ByteBuf, ByteBuf> raw(String timeouts) throws Exception {
    SessionHarness<ByteBuf, ByteBuf> harness =
        new SessionHarness<>(new RawCodec(), TestRoutes.options(timeouts));
    harnesses.add(harness);
    return harness.open();
  }

  private SessionHarness<FullHttpRequest, HttpObject> http(String timeouts) throws Exception {
    SessionHarness<FullHttpRequest, HttpObject> harness =
        new SessionHarness<>(
            new HttpCodec(
                SettingsFixture.http(
                    "max-request-line = 4096, max-header = 4096, max-content = 4096"),
                InstantSource.system()),
            TestRoutes.options(timeouts));
    harnesses.add(harness);
    harness.probe.onReceived = (session, _) -> session.send(ok());
    return harness.open();
  }

  private static HttpObject ok() {
    return new DefaultFullHttpResponse(
        HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.EMPTY_BUFFER);
  }

  private static void assertTimedOut(SessionHarness<?, ?> harness, Duration after) {
    harness.pass(after.minusMillis(1));
    assertThat(harness.channel.isOpen()).as("just before").isTrue();
    harness.pass(Duration.ofMillis(20));
    assertThat(harness.probe.events).endsWith("closed TIMEOUT");
  }

  /** Nothing the kernel has not taken, so a closing ends at once when the client ends too. */
  private static void assertStays(SessionHarness<?, ?> harness, Duration time) {
    harness.pass(time);
    assertThat(harness.channel.isOpen()).isTrue();
    assertThat(harness.probe.events).doesNotContain("closed TIMEOUT");
  }

  @Test
  void aClientThatSaysNothingIsClosed() throws Exception {
    assertTimedOut(raw("first-byte-timeout = 5s, idle-timeout = off"), Duration.ofSeconds(5));
  }

  @Test
  void aClientThatHasSpokenMayBeSilentForLonger() throws Exception {
    SessionHarness<ByteBuf, ByteBuf> harness = raw("first-byte-timeout = 5s, idle-timeout = 20s");
    harness.pass(Duration.ofSeconds(4));
    harness.client("hello");
    assertTimedOut(harness, Duration.ofSeconds(20));
  }

  @Test
  void whatIsSentToAClientCountsAsLifeToo() throws Exception {
    SessionHarness<ByteBuf, ByteBuf> harness = raw("first-byte-timeout = off, idle-timeout = 10s");
    harness.client("hello");
    for (int i = 0; i < 5; i++) {
      harness.pass(Duration.ofSeconds(9));
      harness.probe.session().send(Unpooled.copiedBuffer(new byte[] {1}));
    }
    assertTimedOut(harness, Duration.ofSeconds(10));
  }

  @Test
  void whereNothingIsSaidAClientMayBeSilentForEver() throws Exception {
    assertStays(raw(""), Duration.ofDays(1));
  }

  @Test
  void exceptWhereItIsItsTurn() throws Exception {
    assertTimedOut(http(""), Duration.ofSeconds(75));

    SessionHarness<FullHttpRequest, HttpObject> harness = http("");
    harness.client("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    harness.pass(Duration.ofSeconds(70));
    harness.client("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    assertTimedOut(harness, Duration.ofSeconds(75));
  }

  @Test
  void aHeadThatDripsIsClosedThoughItKeepsComing() throws Exception {
    SessionHarness<FullHttpRequest, HttpObject> harness =
        http("first-byte-timeout = off, header-timeout = 10s, idle-timeout = off");
    for (int i = 0; i < 9; i++) {
      harness.client("G");
      harness.pass(Duration.ofSeconds(1));
    }
    harness.client("G");
    assertTimedOut(harness, Duration.ofSeconds(1));
  }

  @Test
  void eachHeadHasItsOwnTime() throws Exception {
    SessionHarness<FullHttpRequest, HttpObject> harness =
        http("first-byte-timeout = off, header-timeout = 10s, idle-timeout = off");
    harness.client("GET / HT");
    for (int i = 0; i < 10; i++) {
      harness.pass(Duration.ofSeconds(6));
      harness.client("TP/1.1\r\nHost: h\r\n\r\nGET / HT"); // never between two heads
    }
    assertThat(harness.probe.events.stream().filter("received"::equals)).hasSize(10);
    assertTimedOut(harness, Duration.ofSeconds(10));
  }

  @Test
  void aBodyMayTakeLongAsLongAsItComes() throws Exception {
    SessionHarness<FullHttpRequest, HttpObject> harness =
        http(
            "first-byte-timeout = off, header-timeout = 1s, read-timeout = 10s, idle-timeout = 1s");
    harness.client("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n");
    for (int i = 0; i < 20; i++) {
      harness.pass(Duration.ofSeconds(9));
      harness.client("x");
    }
    assertTimedOut(harness, Duration.ofSeconds(10));
  }

  @Test
  void afterALateAnswerItIsTheClientsTurnThoughNothingWasHeld() throws Exception {
    SessionHarness<FullHttpRequest, HttpObject> harness =
        http("first-byte-timeout = 1s, header-timeout = 1s, read-timeout = 1s, idle-timeout = 1s");
    harness.probe.onReceived = (_, _) -> {};
    harness.client("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    assertStays(harness, Duration.ofHours(1));

    harness.probe.session().send(ok());
    assertTimedOut(harness, Duration.ofSeconds(1));
  }

  @Test
  void whoHasEndedItsSideIsNotWorkedForWithoutEnd() throws Exception {
    SessionHarness<FullHttpRequest, HttpObject> harness = http("");
    harness.probe.onReceived = (_, _) -> {};
    harness.client("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    harness.clientEnds();
    assertTimedOut(harness, Duration.ofSeconds(75));
  }

  @Test
  void nobodyWaitsForTheClientWhileItIsTheServicesTurn() throws Exception {
    SessionHarness<FullHttpRequest, HttpObject> harness =
        http("first-byte-timeout = 1s, header-timeout = 1s, read-timeout = 1s, idle-timeout = 1s");
    List<Hold> holds = new ArrayList<>();
    harness.probe.onReceived = (session, _) -> holds.add(session.hold());
    harness.client("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    assertStays(harness, Duration.ofHours(1));

    harness.probe.session().send(ok());
    holds.getFirst().release();
    assertTimedOut(harness, Duration.ofSeconds(1));
  }
}
