package io.baton.worker.codec.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Protocol;
import io.baton.config.SettingsFixture;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.raw.RawCodec;
import io.baton.worker.session.ManagedSession;
import io.baton.worker.session.Probe;
import io.baton.worker.session.SessionHarness;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From HTTP to another protocol, in a real session. */
@ExtendWith(NoLeaks.class)
final class UpgradeTest {
  private static final String UP = "GET /up HTTP/1.1\r\nHost: h\r\n\r\n";
  private static final String FIRST = "GET /first HTTP/1.1\r\nHost: h\r\n\r\n";

  private final Probe<ByteBuf, ByteBuf> echo = new Probe<>();
  private final SessionHarness<FullHttpRequest, HttpObject> harness =
      new SessionHarness<>(
          new HttpCodec(
              SettingsFixture.http("max-request-line = 64, max-header = 256, max-content = 32"),
              InstantSource.fixed(Instant.EPOCH),
              Map.of("/up", this::agree, "/broken", UpgradeTest::fail)));

  private static Upgrade.Answer fail(FullHttpRequest request) {
    throw new IllegalStateException("broken");
  }

  private Upgrade.Answer agree(FullHttpRequest request) {
    return new Upgrade.Answer.Switch(
        response(HttpResponseStatus.SWITCHING_PROTOCOLS),
        new Protocol<>("/up", new RawCodec(), () -> echo));
  }

  private static DefaultFullHttpResponse response(HttpResponseStatus status) {
    return new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.EMPTY_BUFFER);
  }

  @BeforeEach
  void connects() throws Exception {
    harness.open();
    echo.onReceived = (session, bytes) -> session.send(bytes.retain());
  }

  @AfterEach
  void disconnects() {
    harness.close();
  }

  @Test
  void theBytesBehindTheRequestAreTheNextProtocols() {
    harness.client(UP + "abc");
    assertThat(harness.out())
        .startsWith("HTTP/1.1 101 Switching Protocols\r\n")
        .endsWith("\r\n\r\nabc");
    harness.client("GET / HTTP/1.1\r\n\r\n");
    assertThat(harness.out()).isEqualTo("GET / HTTP/1.1\r\n\r\n");
    assertThat(harness.probe.events).containsExactly("opened", "closed UPGRADED");
    assertThat(echo.events).containsExactly("opened", "received", "received");
  }

  @Test
  void anUpgradeWaitsForTheAnswersBeforeIt() {
    harness.client(FIRST + UP + "abc");
    assertThat(harness.out()).isEmpty();
    harness.probe.session().send(response(HttpResponseStatus.OK));
    assertThat(harness.out())
        .startsWith("HTTP/1.1 200 OK\r\n")
        .contains("HTTP/1.1 101 Switching Protocols\r\n")
        .endsWith("\r\n\r\nabc");
  }

  @Test
  void aClientThatEndsItsSideBehindItsUpgradeIsAnswered() {
    harness.client(FIRST + UP + "abc");
    harness.clientEnds();
    harness.probe.session().send(response(HttpResponseStatus.OK));
    assertThat(harness.out()).endsWith("\r\n\r\nabc");
    assertThat(echo.events).containsExactly("opened", "received", "closed CLIENT");
  }

  @Test
  void anUpgradeThatThrowsIsAnErrorOfOursAndNotItsClients() {
    harness.client("GET /broken HTTP/1.1\r\nHost: h\r\n\r\n");
    assertThat(harness.out()).startsWith("HTTP/1.1 500 Internal Server Error\r\n");
    assertThat(harness.probe.events).containsExactly("opened", "closed ERROR");
    assertThat(harness.counters().errors()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          HTTP/1.1~Host: h                          | upgrade
          HTTP/1.1~Host: h~Connection: close        | upgrade, close
          HTTP/1.0~Connection: keep-alive           | upgrade, keep-alive
          HTTP/1.0                                  | upgrade, close
          """)
  void whoeverIsToldOfAnotherProtocolIsToldThatItIsForThisConnection(String head, String option) {
    harness.client("GET / " + head.replace("~", "\r\n") + "\r\n\r\n");
    DefaultFullHttpResponse response = response(HttpResponseStatus.UPGRADE_REQUIRED);
    response.headers().set(HttpHeaderNames.UPGRADE, "raw");
    harness.probe.session().send(response);
    assertThat(harness.out())
        .contains("\r\nconnection: " + option + "\r\n", "\r\nupgrade: raw\r\n");
  }

  @Test
  void noSessionOfAnotherProtocolBeginsDuringADrain() {
    harness.context().sessions().all().forEach(ManagedSession::goodbye);
    harness.client(UP + FIRST);
    assertThat(harness.out())
        .startsWith("HTTP/1.1 503 Service Unavailable\r\n")
        .contains("connection: close\r\n")
        .containsOnlyOnce("HTTP/1.1");
    assertThat(harness.probe.events).containsExactly("opened", "closed SHUTDOWN");
    assertThat(echo.events).isEmpty();
    assertThat(harness.channel.isOpen()).isFalse();
  }
}
