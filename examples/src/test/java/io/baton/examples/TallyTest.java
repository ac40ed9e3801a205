package io.baton.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.http.HttpService;
import io.baton.service.AskException.Reason;
import io.baton.service.testkit.TestServices;
import io.baton.service.testkit.TestSession;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpVersion;
import org.junit.jupiter.api.Test;

final class TallyTest {
  private final TestServices services = new TestServices();
  private final TestSession<FullHttpRequest, HttpObject> test =
      TestSession.from(HttpService.of(Tally.offeredBy(services)));

  TallyTest() {
    test.open();
  }

  private String ask(String target) {
    test.receive(new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, target));
    FullHttpResponse answer = (FullHttpResponse) test.takeSent().getFirst();
    return answer.status().code() + " " + answer.content().toString(UTF_8);
  }

  @Test
  void eachKeyIsCounted() {
    assertThat(ask("/tally?key=a")).startsWith("200 1 in worker ");
    assertThat(ask("/tally?key=b")).startsWith("200 1 in worker ");
    assertThat(ask("/tally?key=a")).startsWith("200 2 in worker ");
    assertThat(services.asked()).extracting("key").containsExactly("a", "b", "a");
  }

  @Test
  void aClientIsToldIfNobodyCounts() {
    services.fail("tally", Reason.GONE);
    assertThat(ask("/tally?key=a")).startsWith("503 GONE");
  }

  @Test
  void whatHasNoKeyIsTheClientsMistake() {
    assertThat(ask("/tally")).startsWith("400");
  }
}
