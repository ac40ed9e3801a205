package io.baton.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.service.Cancellable;
import io.baton.service.CloseReason;
import io.baton.service.Hold;
import io.baton.service.Peer;
import io.baton.service.Session;
import io.baton.service.SessionId;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HelloServiceTest {

  /** Keeps what is sent. */
  private static final class Sent implements Session<HttpObject> {
    final List<HttpObject> messages = new ArrayList<>();

    @Override
    public SessionId id() {
      return new SessionId(1);
    }

    @Override
    public Peer peer() {
      return new Peer.Unix(1, 2);
    }

    @Override
    public boolean send(HttpObject message) {
      return messages.add(message);
    }

    @Override
    public boolean writable() {
      return true;
    }

    @Override
    public Hold hold() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Cancellable after(Duration delay, Runnable task) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close(CloseReason why) {
      throw new UnsupportedOperationException();
    }
  }

  private static FullHttpResponse ask(String method, String uri) {
    Sent session = new Sent();
    new HelloService("Hello, World!")
        .received(
            session,
            new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.valueOf(method), uri));
    assertThat(session.messages).hasSize(1);
    return (FullHttpResponse) session.messages.getFirst();
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /hello, 200",
    "HEAD, /hello, 200",
    "GET, /hello?name=x, 200",
    "POST, /hello, 405",
    "GET, /, 404",
    "POST, /other, 404",
  })
  void eachRequestHasItsStatus(String method, String uri, int status) {
    assertThat(ask(method, uri).status().code()).isEqualTo(status);
  }

  @Test
  void theGreetingIsPlainText() {
    FullHttpResponse response = ask("GET", "/hello");
    assertThat(response.content().toString(StandardCharsets.UTF_8)).isEqualTo("Hello, World!");
    assertThat(response.headers().get(HttpHeaderNames.CONTENT_TYPE)).startsWith("text/plain");
  }

  @Test
  void aMethodThatIsNotAllowedIsToldWhichAre() {
    assertThat(ask("PUT", "/hello").headers().get(HttpHeaderNames.ALLOW)).isEqualTo("GET, HEAD");
  }
}
