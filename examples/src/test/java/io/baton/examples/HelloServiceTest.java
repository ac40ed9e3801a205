package io.baton.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.service.metrics.Counter;
import io.baton.service.testkit.TestMetrics;
import io.baton.service.testkit.TestSession;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HelloServiceTest {

  private final TestMetrics metrics = new TestMetrics();
  private final Counter greetings = metrics.counter("greetings", "Clients greeted");

  private FullHttpResponse ask(String method, String uri) {
    TestSession<FullHttpRequest, HttpObject> test =
        TestSession.of(new HelloService("Hello, World!", greetings));
    test.open();
    test.receive(new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.valueOf(method), uri));
    assertThat(test.sent()).hasSize(1);
    return (FullHttpResponse) test.sent().getFirst();
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /hello, 200",
    "HEAD, /hello, 200",
    "GET, /hello?name=x, 200",
    "POST, /hello, 405",
    "GET, /, 200",
    "POST, /other, 405",
  })
  void eachRequestHasItsStatus(String method, String uri, int status) {
    assertThat(ask(method, uri).status().code()).isEqualTo(status);
    assertThat(metrics.value("greetings")).isEqualTo(status == 200 ? 1 : 0);
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
