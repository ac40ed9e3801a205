package io.baton.codec.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.service.CloseReason;
import io.baton.service.testkit.TestSession;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HttpServiceTest {
  private @Nullable TestSession<FullHttpRequest, HttpObject> test;
  private final List<String> told = new ArrayList<>();

  private TestSession<FullHttpRequest, HttpObject> session() {
    return java.util.Objects.requireNonNull(test);
  }

  private void serves(HttpService.Handler handler) {
    test = TestSession.from(HttpService.of(handler)).onRelease(ReferenceCountUtil::release);
    session().open();
  }

  private static FullHttpRequest request(String method, String target, String body) {
    return new DefaultFullHttpRequest(
        HttpVersion.HTTP_1_1,
        HttpMethod.valueOf(method),
        target,
        Unpooled.copiedBuffer(body, UTF_8));
  }

  /** Has a request answered whole: its status, Content-Type and body. */
  private String ask(FullHttpRequest request) {
    session().receive(request);
    assertThat(session().sent()).hasSize(1);
    FullHttpResponse response = (FullHttpResponse) session().takeSent().getFirst();
    return "%d %s %s"
        .formatted(
            response.status().code(),
            response.headers().get("content-type"),
            response.content().toString(UTF_8));
  }

  private String ask(String method, String target) {
    return ask(request(method, target, ""));
  }

  /** What was streamed since this was last asked. */
  private String streamed() {
    StringBuilder all = new StringBuilder();
    for (HttpObject each : session().takeSent()) {
      switch (each) {
        case LastHttpContent _ -> all.append("END");
        case HttpContent piece -> all.append(piece.content().toString(UTF_8));
        case HttpResponse head -> all.append(head.headers().get("content-type")).append('|');
        default -> all.append(each);
      }
    }
    return all.toString();
  }

  // ---- requests ----

  @ParameterizedTest
  @CsvSource({
    "/?name=Anna, Anna []",
    "/?name=A%C3%A4+b&x=1&x=2, 'Aä b [1, 2]'",
    "/, nobody []",
    "/?name, ' []'",
    "http://h/a?name=b, b []"
  })
  void parametersOfTheQueryAreDecoded(String target, String answer) {
    serves(exchange ->
        exchange.text(
            exchange.query("name").orElse("nobody")
                + " "
                + exchange.query().getOrDefault("x", List.of())));
    assertThat(ask("GET", target)).isEqualTo("200 text/plain; charset=utf-8 " + answer);
  }

  @Test
  void aMalformedQueryIsTheClientsMistake() {
    serves(exchange -> exchange.text(exchange.query("name").orElse("")));
    assertThat(ask("GET", "/?name=%4"))
        .isEqualTo("400 text/plain; charset=utf-8 malformed parameters\n");
    assertThat(session().ended()).isEmpty();
  }

  @Test
  void fieldsOfAFormAreDecoded() {
    serves(exchange -> exchange.text(exchange.form("name").orElse("?") + exchange.form().size()));
    FullHttpRequest form = request("POST", "/?name=other", "name=A%20B&c=d");
    form.headers().set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
    assertThat(ask(form)).isEqualTo("200 text/plain; charset=utf-8 A B2");
    assertThat(ask(request("POST", "/", "name=b"))).startsWith("415 ");
  }

  @Test
  void theBodyIsBytesOrText() {
    serves(exchange -> exchange.json(exchange.bodyText() + exchange.body().length));
    assertThat(ask(request("PUT", "/", "{\"ä\":"))).isEqualTo("200 application/json {\"ä\":6");
  }

  @Test
  void aRequestWithParametersInItsPathTellsThem() {
    final class Routed extends DefaultFullHttpRequest implements PathParameters {
      Routed() {
        super(HttpVersion.HTTP_1_1, HttpMethod.GET, "/rooms/7");
      }

      @Override
      public Map<String, String> pathParameters() {
        return Map.of("id", "7");
      }
    }
    serves(exchange ->
        exchange.text(
            exchange.path() + " " + exchange.pathParameter("id") + exchange.pathParameter("x")));
    assertThat(ask(new Routed())).endsWith(" /rooms/7 Optional[7]Optional.empty");
    assertThat(ask("GET", "/rooms/8")).endsWith(" /rooms/8 Optional.emptyOptional.empty");
  }

  // ---- answers ----

  @Test
  void statusAndFieldsComeFirst() {
    serves(exchange ->
        exchange.status(201).header("Location", "/a").send("image/png", new byte[] {1}));
    session().receive(request("POST", "/", ""));
    FullHttpResponse response = (FullHttpResponse) session().takeSent().getFirst();
    assertThat(response.status().code()).isEqualTo(201);
    assertThat(response.headers().get("location")).isEqualTo("/a");
    assertThat(response.headers().get("content-type")).isEqualTo("image/png");
  }

  @Test
  void answersWithoutABody() {
    serves(exchange -> {
      if (exchange.path().equals("/")) {
        exchange.empty();
      } else {
        exchange.redirect("/");
      }
    });
    assertThat(ask("GET", "/")).isEqualTo("204 null ");
    assertThat(ask("GET", "/a")).isEqualTo("303 null ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\nb", "a\rb", "a\0b"})
  void aFieldThatWouldBeTwoIsRefused(String value) {
    serves(exchange -> exchange.header("X", value).text(""));
    assertThatThrownBy(() -> session().receive(request("GET", "/", "")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anotherMethodIsToldTheAllowedOnes() {
    serves(exchange -> {
      exchange.requireMethod("GET", "HEAD");
      exchange.text("a");
    });
    session().receive(request("DELETE", "/", ""));
    FullHttpResponse response = (FullHttpResponse) session().takeSent().getFirst();
    assertThat(response.status().code()).isEqualTo(405);
    assertThat(response.headers().get("allow")).isEqualTo("GET, HEAD");
    assertThat(ask("GET", "/")).startsWith("200");
  }

  @Test
  void whatAHandlerDoesNotServeHasAStatusAndWhatItThrowsEndsTheSession() {
    serves(exchange -> {
      switch (exchange.path()) {
        case "/room" -> throw new HttpException(404, "no such room");
        case "/disk" -> throw new IOException("the disk");
        default -> throw new IllegalStateException("a mistake");
      }
    });
    assertThat(ask("GET", "/room")).isEqualTo("404 text/plain; charset=utf-8 no such room\n");
    assertThatIllegalStateException()
        .isThrownBy(() -> session().receive(request("GET", "/disk", "")))
        .withRootCauseInstanceOf(IOException.class);
    assertThat(session().ended()).contains(CloseReason.ERROR);
  }

  @Test
  void onlyErrorsAreExceptions() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new HttpException(200, "fine"))
        .withMessageContaining("400 to 599");
  }

  @Test
  void aSecondAnswerIsAMistake() {
    serves(exchange -> {
      exchange.text("a");
      exchange.text("b");
    });
    assertThatIllegalStateException()
        .isThrownBy(() -> session().receive(request("GET", "/x", "")))
        .withMessage("GET /x is answered already");
  }

  @Test
  void anAnswerMayComeLater() {
    serves(exchange -> {
      var _ = exchange.session().after(Duration.ofSeconds(1), () -> exchange.text("late"));
    });
    session().receive(request("GET", "/", ""));
    assertThat(session().sent()).isEmpty();
    session().advance(Duration.ofSeconds(1));
    assertThat(session().sent()).hasSize(1);
  }

  // ---- streams ----

  private HttpStream stream(String method) {
    List<HttpStream> streams = new ArrayList<>();
    serves(exchange ->
        streams.add(
            exchange.stream("text/csv")
                .onEnd(() -> told.add("end"))
                .onWritable(() -> told.add("writable"))
                .onDraining(() -> told.add("draining"))));
    session().receive(request(method, "/", ""));
    return streams.getFirst();
  }

  @Test
  void aStreamGoesOutInPiecesAndEndsOnce() {
    HttpStream stream = stream("GET");
    assertThat(stream.send("a,b\n")).isTrue();
    assertThat(stream.send("c")).isTrue();
    stream.end();
    stream.end();
    assertThat(stream.send("d")).isFalse();
    assertThat(streamed()).isEqualTo("text/csv|a,b\ncEND");
    assertThat(told).containsExactly("end");
    session().clientEnds();
    assertThat(told).containsExactly("end");
  }

  @Test
  void aStreamHearsOfRoomOfADrainAndOfItsClientsEnd() {
    HttpStream stream = stream("GET");
    session().setWritable(false);
    assertThat(stream.writable()).isFalse();
    session().setWritable(true);
    session().drain();
    session().clientBreaks(List.of());
    assertThat(told).containsExactly("writable", "draining", "end");
    assertThat(stream.isEnded()).isTrue();
    assertThat(stream.send("a")).isFalse();
  }

  @Test
  void aStreamThatHasEndedHearsNothing() {
    stream("GET").end();
    told.clear();
    session().setWritable(false);
    session().setWritable(true);
    session().drain();
    assertThat(told).isEmpty();
  }

  @Test
  void aStreamForAHeadEndsWithItsHead() {
    HttpStream stream = stream("HEAD");
    assertThat(stream.isEnded()).isTrue();
    assertThat(streamed()).isEqualTo("text/csv|END");
    assertThat(told).containsExactly("end");
  }

  @Test
  void aDrainWithoutAStreamIsNothing() {
    serves(exchange -> exchange.text("a"));
    session().drain();
    var _ = ask("GET", "/");
    session().drain();
    assertThat(session().sent()).isEmpty();
  }

  // ---- events ----

  private Events events(FullHttpRequest request) {
    List<Events> all = new ArrayList<>();
    serves(exchange -> all.add(exchange.events().onEnd(() -> told.add("end"))));
    session().receive(request);
    return all.getFirst();
  }

  private Events events() {
    Events all = events(request("GET", "/", ""));
    assertThat(streamed()).isEqualTo("text/event-stream|retry: 1000\n\n");
    return all;
  }

  @Test
  void anEventHasAnIdANameAndAsManyLinesAsItsText() {
    Events events = events();
    assertThat(events.send("hello")).isTrue();
    assertThat(events.send("7", "add", "a\nb\r\nc\rd\n")).isTrue();
    assertThat(events.retry(Duration.ofSeconds(3))).isTrue();
    assertThat(streamed())
        .isEqualTo(
            """
            data: hello

            id: 7
            event: add
            data: a
            data: b
            data: c
            data: d
            data:\s

            retry: 3000

            """);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\nb", "a\rb", "a\0b"})
  void anIdOrNameOfTwoLinesIsRefused(String value) {
    Events events = events();
    assertThatIllegalArgumentException().isThrownBy(() -> events.send(value, "", ""));
    assertThatIllegalArgumentException().isThrownBy(() -> events.send("", value, ""));
    assertThat(session().sent()).isEmpty();
  }

  @Test
  void aCommentGoesOutFromTimeToTimeUntilTheEnd() {
    Events events = events();
    session().advance(Events.HEARTBEAT.minusMillis(1));
    assertThat(streamed()).isEmpty();
    session().advance(Duration.ofMillis(1));
    session().advance(Events.HEARTBEAT);
    assertThat(streamed()).isEqualTo(":\n\n:\n\n");
    events.end();
    session().advance(Events.HEARTBEAT.multipliedBy(3));
    assertThat(streamed()).isEqualTo("END");
    assertThat(session().timers()).isZero();
  }

  @Test
  void aClientThatDoesNotReadGetsNoComment() {
    var _ = events();
    session().setWritable(false);
    session().advance(Events.HEARTBEAT);
    assertThat(streamed()).isEmpty();
  }

  @Test
  void eventsEndInOrderWhenTheirWorkerIsAboutToEnd() {
    Events events = events();
    var _ = events.onDraining(() -> told.add("last " + events.send("bye")));
    session().drain();
    assertThat(streamed()).isEqualTo("data: bye\n\nEND");
    assertThat(told).containsExactly("last true", "end");
    session().move();
    session().receive(request("GET", "/", ""));
    assertThat(streamed()).as("in the next worker").startsWith("text/event-stream|");
  }

  @Test
  void whoComesBackSaysWhatItHadLast() {
    FullHttpRequest request = request("GET", "/", "");
    request.headers().set("Last-Event-ID", "41");
    assertThat(events(request).lastEventId()).isEqualTo("41");
    assertThat(events(request("GET", "/", "")).lastEventId()).isEmpty();
  }
}
