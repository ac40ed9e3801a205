package io.baton.worker.codec.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.baton.service.CloseReason;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.worker.NoLeaks;
import io.baton.worker.module.OfModule;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(NoLeaks.class)
final class HttpRouterTest {
  private final List<String> events = new ArrayList<>();
  private final TestSession session = new TestSession();

  @AfterEach
  void releases() {
    session.releaseAll();
  }

  /** Answers with its route's name, keeps a count of its requests. */
  private final class Named implements Service<FullHttpRequest, HttpObject> {
    private final String name;
    private int count;

    Named(String name) {
      this.name = name;
      events.add("made " + name);
    }

    @Override
    public boolean opened(Session<HttpObject> session) {
      events.add("opened " + name);
      return !name.equals("/private");
    }

    @Override
    public void received(Session<HttpObject> session, FullHttpRequest request) {
      if (name.equals("/broken")) {
        throw new IllegalStateException("broken");
      }
      count++;
      session.send(
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1,
              HttpResponseStatus.OK,
              Unpooled.copiedBuffer(name + count, StandardCharsets.UTF_8)));
    }

    @Override
    public void writable(Session<HttpObject> session) {
      events.add("writable " + name);
    }

    @Override
    public void closed(Session<HttpObject> session, CloseReason why) {
      events.add("closed " + name + " " + why);
      if (name.equals("/a")) {
        throw new IllegalStateException("a");
      }
    }

    @Override
    public byte[] save(Session<HttpObject> session) {
      return new byte[] {(byte) count};
    }

    @Override
    public void resumed(Session<HttpObject> session, byte[] saved) {
      events.add("resumed " + name);
      count = saved[0];
      if (count > 9) {
        throw new IllegalStateException("too many");
      }
    }
  }

  private HttpRouter router(String... paths) {
    return new HttpRouter(
        new HttpRouter.Table(
            Stream.of(paths)
                .map(path -> HttpRouter.Target.whole(path, () -> new Named(path)))
                .toList()));
  }

  @Test
  void thePiecesOfARequestGoToTheServiceOfItsHead() {
    List<String> got = new ArrayList<>();
    HttpRouter router =
        new HttpRouter(
            new HttpRouter.Table(
                Stream.of("/a", "/b")
                    .map(path ->
                        new HttpRouter.Target(
                            path, () -> (_, piece) -> got.add(path + " " + name(piece))))
                    .toList()));
    for (String path : List.of("/b", "/nowhere", "/a")) {
      router.received(session, new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, path));
      router.received(session, new DefaultHttpContent(Unpooled.EMPTY_BUFFER));
      router.received(session, LastHttpContent.EMPTY_LAST_CONTENT);
    }
    assertThat(got)
        .containsExactly("/b head", "/b piece", "/b last", "/a head", "/a piece", "/a last");
    assertThat(session.sent).hasSize(1); // a 404
  }

  private static String name(HttpObject piece) {
    return switch (piece) {
      case HttpRequest _ -> "head";
      case LastHttpContent _ -> "last";
      default -> "piece";
    };
  }

  private void request(HttpRouter router, String target) {
    FullHttpRequest request =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1, HttpMethod.GET, target, Unpooled.EMPTY_BUFFER);
    router.received(session, request);
    request.release();
  }

  private String answer(HttpRouter router, String target) {
    request(router, target);
    FullHttpResponse response = (FullHttpResponse) session.sent.getLast();
    return response.status().code() == 200
        ? response.content().toString(StandardCharsets.UTF_8)
        : response.status().toString();
  }

  @ParameterizedTest
  @CsvSource({
    "/,                    /1",
    "/?q=/a,               /1",
    "/a,                   /a1",
    "/a?x,                 /a1",
    "/%61,                 /a1",
    "/a/,                  404 Not Found",
    "/A,                   404 Not Found",
    "/x,                   404 Not Found",
    "/x/,                  /x/*1",
    "/x/a,                 /x/*1",
    "/x/a/b/c,             /x/*1",
    "/x/y/z,               /x/y/*1",
    "/x/y/exact,           /x/y/exact1",
    "/x/y/exact/,          /x/y/*1",
    "/x%2Fy/z,             404 Not Found",
    "/x/../a,              /x/*1",
    "/%C3%A4,              /ä1",
    "/%zz,                 404 Not Found",
    "/%6,                  404 Not Found",
    "http://other/a?x,     /a1",
    "HTTPS://other:1/x/y/, /x/y/*1",
    "http://other,         /1",
    "http://other?/a,      /1",
    "*,                    404 Not Found",
  })
  void theExactPathIsBeforeTheLongestPrefix(String target, String expected) {
    HttpRouter router = router("/", "/a", "/x/*", "/x/y/*", "/x/y/exact", "/ä");
    assertThat(answer(router, target)).isEqualTo(expected);
  }

  @Test
  void aRequestWithAnotherMethodThanItsRouteIsAnsweredWithTheOnesAllowed() {
    HttpRouter router = router("POST /a", "GET /a", "/*");
    assertThat(answer(router, "/a")).isEqualTo("GET /a1");
    HttpRouter other = router("POST /a", "PUT /a", "/*");
    assertThat(answer(other, "/a")).isEqualTo("405 Method Not Allowed");
    assertThat(((FullHttpResponse) session.sent.getLast()).headers().get("allow"))
        .isEqualTo("POST, PUT");
    assertThat(answer(other, "/b")).isEqualTo("/*1");
  }

  @Test
  void aServiceIsMadeForTheFirstRequestAndKeptForTheSession() {
    HttpRouter router = router("/a", "/b");
    assertThat(router.opened(session)).isTrue();
    assertThat(events).isEmpty();
    assertThat(answer(router, "/b")).isEqualTo("/b1");
    assertThat(answer(router, "/b")).isEqualTo("/b2");
    assertThat(answer(router, "/a")).isEqualTo("/a1");
    router.writable(session);
    assertThat(events)
        .containsExactly(
            "made /b", "opened /b", "made /a", "opened /a", "writable /b", "writable /a");
  }

  @Test
  void allThatAreOpenAreClosedThoughOneThrows() {
    HttpRouter router = router("/a", "/b", "/c");
    request(router, "/a");
    request(router, "/b");
    events.clear();
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> router.closed(session, CloseReason.CLIENT))
        .withMessage("a");
    assertThat(events).containsExactly("closed /a CLIENT", "closed /b CLIENT");
  }

  @Test
  void aServiceThatDoesNotWantTheClientMakesIt403AndTheLast() {
    HttpRouter router = router("/private");
    assertThat(answer(router, "/private")).isEqualTo("403 Forbidden");
    assertThat(
            ((FullHttpResponse) session.sent.getFirst()).headers().get(HttpHeaderNames.CONNECTION))
        .isEqualTo("close");
    router.closed(session, CloseReason.SERVICE);
    assertThat(events).containsExactly("made /private", "opened /private");
  }

  @Test
  void whatAServiceThrowsIsTheSessions() {
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> request(router("/broken"), "/broken"));
  }

  @Test
  void aMovedSessionGoesOnWithThoseThatWereOpen() {
    HttpRouter before = router("/b", "/c", "/ä/*");
    request(before, "/b");
    request(before, "/%C3%A4/x");
    request(before, "/b");
    events.clear();

    HttpRouter after = router("/b", "/c", "/ä/*");
    after.resumed(session, before.save(session));
    assertThat(events).containsExactly("made /b", "resumed /b", "made /ä/*", "resumed /ä/*");
    assertThat(answer(after, "/b")).isEqualTo("/b3");
    assertThat(answer(after, "/%C3%A4/y")).isEqualTo("/ä/*2");
    assertThat(answer(after, "/c")).isEqualTo("/c1");
    assertThat(after.save(session)).isEqualTo(after.save(session));
  }

  @Test
  void aSessionThatCannotGoOnLeavesNothingOpen() {
    HttpRouter before = router("/b", "/c");
    request(before, "/b");
    for (int i = 0; i < 10; i++) {
      request(before, "/c");
    }
    byte[] saved = before.save(session);
    events.clear();

    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> router("/b", "/c").resumed(session, saved));
    assertThat(events)
        .containsExactly("made /b", "resumed /b", "made /c", "resumed /c", "closed /b ERROR");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> router("/b").resumed(session, saved))
        .withMessageContaining("no route /c");
  }

  @Test
  void whatWasNotSavedByTheRoutesIsRefused() {
    HttpRouter before = router("/b");
    request(before, "/b");
    byte[] saved = before.save(session);
    for (int length = 0; length < saved.length; length++) {
      byte[] cut = Arrays.copyOf(saved, length);
      if (length != 1) { // the version alone: nothing was open
        assertThatIllegalArgumentException()
            .as("%d bytes", length)
            .isThrownBy(() -> router("/b").resumed(session, cut));
      }
    }
    saved[0] = 2;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> router("/b").resumed(session, saved))
        .withMessageContaining("version 2");
  }

  @Test
  void eachRoutesServiceRunsInTheClassLoaderOfItsModule() {
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    List<String> loaders = new ArrayList<>();
    List<HttpRouter.Target> targets = new ArrayList<>();
    for (String jar : List.of("a.jar", "b.jar")) {
      Service<FullHttpRequest, HttpObject> notes =
          (_, _) -> loaders.add(Thread.currentThread().getContextClassLoader().getName());
      ClassLoader loader = new URLClassLoader(jar, new URL[0], before);
      targets.add(HttpRouter.Target.whole("/" + jar, OfModule.of(() -> notes, jar, loader)));
    }
    HttpRouter router = new HttpRouter(new HttpRouter.Table(targets));
    try {
      for (String path : List.of("/a.jar", "/b.jar", "/a.jar", "/a.jar", "/b.jar")) {
        FullHttpRequest request =
            new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1, HttpMethod.GET, path, Unpooled.EMPTY_BUFFER);
        router.received(session, request);
      }
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
    assertThat(loaders).containsExactly("a.jar", "b.jar", "a.jar", "a.jar", "b.jar");
  }
}
