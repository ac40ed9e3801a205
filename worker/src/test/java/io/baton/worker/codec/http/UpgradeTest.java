package io.baton.worker.codec.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Protocol;
import io.baton.config.Settings;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.raw.RawCodec;
import io.baton.worker.run.Bench;
import io.baton.worker.run.OpenSession;
import io.baton.worker.run.Probe;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
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

/** From HTTP to another protocol, in a real session. */
@ExtendWith(NoLeaks.class)
final class UpgradeTest {
  private static final String UP = "GET /up HTTP/1.1\r\nHost: h\r\n\r\n";
  private static final String FIRST = "GET /first HTTP/1.1\r\nHost: h\r\n\r\n";

  private final Probe<ByteBuf, ByteBuf> echo = new Probe<>();
  private final Bench<FullHttpRequest, HttpObject> bench =
      new Bench<>(
          new HttpCodec(
              new Settings.Http(64, 256, 32),
              InstantSource.fixed(Instant.EPOCH),
              new Paths<>(Map.of("/up", this::agree, "/broken", UpgradeTest::fail))));

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
    bench.open();
    echo.onReceived = (session, bytes) -> session.send(bytes.retain());
  }

  @AfterEach
  void disconnects() {
    bench.close();
  }

  @Test
  void theBytesBehindTheRequestAreTheNextProtocols() {
    bench.client(UP + "abc");
    assertThat(bench.out())
        .startsWith("HTTP/1.1 101 Switching Protocols\r\n")
        .endsWith("\r\n\r\nabc");
    bench.client("GET / HTTP/1.1\r\n\r\n");
    assertThat(bench.out()).isEqualTo("GET / HTTP/1.1\r\n\r\n");
    assertThat(bench.probe.events).containsExactly("opened", "closed UPGRADED");
    assertThat(echo.events).containsExactly("opened", "received", "received");
  }

  @Test
  void anUpgradeWaitsForTheAnswersBeforeIt() {
    bench.client(FIRST + UP + "abc");
    assertThat(bench.out()).isEmpty();
    bench.probe.session().send(response(HttpResponseStatus.OK));
    assertThat(bench.out())
        .startsWith("HTTP/1.1 200 OK\r\n")
        .contains("HTTP/1.1 101 Switching Protocols\r\n")
        .endsWith("\r\n\r\nabc");
  }

  @Test
  void aClientThatEndsItsSideBehindItsUpgradeIsAnswered() {
    bench.client(FIRST + UP + "abc");
    bench.clientEnds();
    bench.probe.session().send(response(HttpResponseStatus.OK));
    assertThat(bench.out()).endsWith("\r\n\r\nabc");
    assertThat(echo.events).containsExactly("opened", "received", "closed CLIENT");
  }

  @Test
  void anUpgradeThatThrowsIsAnErrorOfOursAndNotItsClients() {
    bench.client("GET /broken HTTP/1.1\r\nHost: h\r\n\r\n");
    assertThat(bench.out()).startsWith("HTTP/1.1 500 Internal Server Error\r\n");
    assertThat(bench.probe.events).containsExactly("opened", "closed ERROR");
    assertThat(bench.counters().errors()).isEqualTo(1);
  }

  @Test
  void noSessionOfAnotherProtocolBeginsDuringADrain() {
    bench.host().sessions().all().forEach(OpenSession::goodbye);
    bench.client(UP + FIRST);
    assertThat(bench.out())
        .startsWith("HTTP/1.1 503 Service Unavailable\r\n")
        .contains("connection: close\r\n")
        .containsOnlyOnce("HTTP/1.1");
    assertThat(bench.probe.events).containsExactly("opened", "closed SHUTDOWN");
    assertThat(echo.events).isEmpty();
    assertThat(bench.channel.isOpen()).isFalse();
  }
}
