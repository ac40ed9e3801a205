package io.baton.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.http.HttpService;
import io.baton.service.testkit.TestSession;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class TicksTest {
  private final TestSession<FullHttpRequest, HttpObject> test =
      TestSession.from(HttpService.of(new Ticks()));

  TicksTest() {
    test.open();
  }

  private void ask(String lastEventId) {
    FullHttpRequest request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
    request.headers().set("Last-Event-ID", lastEventId);
    test.receive(request);
  }

  private String events() {
    return test.takeSent().stream()
        .filter(HttpContent.class::isInstance)
        .map(each -> ((HttpContent) each).content().toString(StandardCharsets.UTF_8))
        .collect(Collectors.joining());
  }

  @Test
  void anEventIsSentEachSecondAndTheLastOneBeforeTheWorkerEnds() {
    ask("");
    test.advance(Duration.ofSeconds(2));
    assertThat(events()).contains("id: 1\ndata: 1 from ", "id: 3\ndata: 3 from ");
    test.drain();
    assertThat(test.sent()).last().isInstanceOf(LastHttpContent.class);
    assertThat(events()).isEqualTo("event: moving\ndata: \n\n");
    test.move();
    ask("3");
    assertThat(events()).contains("id: 4\ndata: 4 from ");
  }

  @Test
  void whatIsNoNumberIsTheClientsMistake() {
    ask("x");
    assertThat(((FullHttpResponse) test.sent().getFirst()).status().code()).isEqualTo(400);
  }
}
