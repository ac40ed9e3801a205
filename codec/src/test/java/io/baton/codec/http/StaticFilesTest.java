package io.baton.codec.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.baton.service.testkit.TestSession;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.LeakPresenceDetector;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StaticFilesTest {
  private static final ClassLoader LOADER = StaticFilesTest.class.getClassLoader();
  private static final List<String> NAMES =
      List.of("index.html", "ten.txt", "css/site.css", "empty.bin", "100%.TXT");

  private final StaticFiles files = StaticFiles.of(LOADER, "static-files", NAMES);
  private final List<FullHttpResponse> responses = new ArrayList<>();

  @AfterEach
  void releases() {
    responses.forEach(ReferenceCountUtil::release);
    LeakPresenceDetector.check();
  }

  private FullHttpResponse ask(StaticFiles of, String method, String target, String... headers) {
    FullHttpRequest request =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1, HttpMethod.valueOf(method), target, Unpooled.EMPTY_BUFFER);
    for (int i = 0; i < headers.length; i += 2) {
      request.headers().add(headers[i], headers[i + 1]);
    }
    TestSession<FullHttpRequest, HttpObject> test = TestSession.of(of);
    test.onRelease(ReferenceCountUtil::release).open();
    test.receive(request);
    FullHttpResponse response = (FullHttpResponse) test.sent().getLast();
    responses.add(response);
    return response;
  }

  private FullHttpResponse get(String target, String... headers) {
    return ask(files, "GET", target, headers);
  }

  private static String text(FullHttpResponse response) {
    return response.content().toString(StandardCharsets.US_ASCII);
  }

  private static String header(FullHttpResponse response, String name) {
    String value = response.headers().get(name);
    assertThat(value).as(name).isNotNull();
    return value == null ? "" : value;
  }

  @ParameterizedTest
  @CsvSource({
    "/, 200, text/html; charset=utf-8",
    "/index.html, 200, text/html; charset=utf-8",
    "/ten.txt?x=1, 200, text/plain; charset=utf-8",
    "/%74en.txt, 200, text/plain; charset=utf-8",
    "http://h/css/site.css, 200, text/css; charset=utf-8",
    "/empty.bin, 200, application/octet-stream",
    "/100%25.TXT, 200, text/plain; charset=utf-8",
    "/100%2525.TXT, 404, text/plain",
    "/100%.TXT, 404, text/plain",
    "/css%2Fsite.css, 404, text/plain",
    "/css, 404, text/plain",
    "/css/, 404, text/plain",
    "/../static-files/ten.txt, 404, text/plain",
    "/css/../ten.txt, 404, text/plain",
    "/%2e%2e/ten.txt, 404, text/plain",
    "//ten.txt, 404, text/plain",
    "ten.txt, 404, text/plain",
    "*, 404, text/plain",
  })
  void onlyWhatIsNamedIsThere(String target, int status, String type) {
    FullHttpResponse response = get(target);
    assertThat(response.status().code()).isEqualTo(status);
    assertThat(header(response, "content-type")).isEqualTo(type);
  }

  @Test
  void aFileComesWithAllThatCachesNeed() {
    FullHttpResponse response = get("/ten.txt");
    assertThat(text(response)).isEqualTo("0123456789");
    assertThat(header(response, "etag")).isEqualTo("\"84d89877f0d4041efb6bf91a\"");
    assertThat(header(response, "cache-control")).isEqualTo("no-cache");
    assertThat(header(response, "accept-ranges")).isEqualTo("bytes");
    assertThat(header(response, "last-modified")).endsWith(" GMT");
    assertThat(header(ask(files.cachedFor(Duration.ofMinutes(1)), "GET", "/"), "cache-control"))
        .isEqualTo("public, max-age=60");
  }

  @Test
  void itCanBeSentAgainAndAgain() {
    for (int i = 0; i < 3; i++) {
      FullHttpResponse response = get("/ten.txt");
      response.content().skipBytes(10); // as the encoder does
      response.release();
    }
    assertThat(text(get("/ten.txt"))).isEqualTo("0123456789");
  }

  @Test
  void aSocketTakesItWithoutACopyAndNobodyCanChangeIt() {
    for (FullHttpResponse response :
        List.of(get("/ten.txt"), get("/ten.txt", "Range", "bytes=2-4"))) {
      assertThat(response.content().isDirect()).isTrue();
      assertThat(response.content().isReadOnly()).isTrue();
      assertThat(response.content().nioBufferCount()).isEqualTo(1);
    }
  }

  @Test
  void itsPathsMayBeBelowARoutesPrefix() {
    StaticFiles below = files.at("/app/*");
    assertThat(ask(below, "GET", "/app/").status().code()).isEqualTo(200);
    assertThat(ask(below, "GET", "/app/ten.txt").status().code()).isEqualTo(200);
    assertThat(ask(below, "GET", "/ten.txt").status().code()).isEqualTo(404);
    assertThat(ask(below, "GET", "/application").status().code()).isEqualTo(404);
    assertThatIllegalArgumentException().isThrownBy(() -> files.at("/app"));
  }

  @Test
  void otherMethodsAreNotAllowed() {
    FullHttpResponse response = ask(files, "POST", "/ten.txt");
    assertThat(response.status().code()).isEqualTo(405);
    assertThat(header(response, "allow")).isEqualTo("GET, HEAD");
  }

  @Test
  void aHeadIsAnsweredLikeTheGetAndIgnoresRanges() {
    FullHttpResponse response = ask(files, "HEAD", "/ten.txt", "Range", "bytes=0-1");
    assertThat(response.status().code()).isEqualTo(200);
    assertThat(header(response, "content-length")).isEqualTo("10");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bytes=0-3      | 206 | 0123       | bytes 0-3/10",
        "bytes=3-3      | 206 | 3          | bytes 3-3/10",
        "bytes=7-       | 206 | 789        | bytes 7-9/10",
        "bytes=-3       | 206 | 789        | bytes 7-9/10",
        "bytes=-99      | 206 | 0123456789 | bytes 0-9/10",
        "bytes=8-99     | 206 | 89         | bytes 8-9/10",
        "BYTES=0-0      | 206 | 0          | bytes 0-0/10",
        "bytes=0-999999999999999999 | 206 | 0123456789 | bytes 0-9/10",
        "bytes=10-      | 416 |            | bytes */10",
        "bytes=-0       | 416 |            | bytes */10",
        "bytes=0-1,3-4  | 200 | 0123456789 |",
        "bytes=4-3      | 200 | 0123456789 |",
        "bytes=-        | 200 | 0123456789 |",
        "bytes=a-b      | 200 | 0123456789 |",
        "bytes=0-9999999999999999999 | 200 | 0123456789 |",
        "lines=0-1      | 200 | 0123456789 |",
        "bytes          | 200 | 0123456789 |",
      })
  void aRangeIsAPart(String range, int status, @Nullable String text, @Nullable String of) {
    FullHttpResponse response = get("/ten.txt", "Range", range);
    assertThat(response.status().code()).isEqualTo(status);
    assertThat(response.headers().get("content-range")).isEqualTo(of);
    if (text != null) {
      assertThat(text(response)).isEqualTo(text);
      assertThat(header(response, "content-length")).isEqualTo("" + text.length());
    }
  }

  @Test
  void noRangeOfAnEmptyFileIsThere() {
    assertThat(get("/empty.bin", "Range", "bytes=0-").status().code()).isEqualTo(416);
    assertThat(get("/empty.bin", "Range", "bytes=-0").status().code()).isEqualTo(416);
    FullHttpResponse last = get("/empty.bin", "Range", "bytes=-5");
    assertThat(last.status().code()).as("a file that is shorter is sent whole").isEqualTo(200);
    assertThat(header(last, "content-length")).isEqualTo("0");
    assertThat(get("/empty.bin").status().code()).isEqualTo(200);
  }

  @Test
  void aRangeIsForTheFileTheClientKnows() {
    String tag = header(get("/ten.txt"), "etag");
    String date = header(get("/ten.txt"), "last-modified");
    assertThat(status("Range", "bytes=1-2", "If-Range", tag)).isEqualTo(206);
    assertThat(status("Range", "bytes=1-2", "If-Range", date)).isEqualTo(206);
    assertThat(status("Range", "bytes=1-2", "If-Range", "W/" + tag)).isEqualTo(200);
    assertThat(status("Range", "bytes=1-2", "If-Range", "\"other\"")).isEqualTo(200);
    assertThat(status("Range", "bytes=1-2", "Range", "bytes=3-4")).isEqualTo(200);
  }

  @Test
  void whatTheClientHasIsNotSentAgain() {
    FullHttpResponse first = get("/ten.txt");
    String tag = header(first, "etag");
    String date = header(first, "last-modified");
    String before = HttpDate.format(Instant.EPOCH);

    FullHttpResponse again = get("/ten.txt", "If-None-Match", tag);
    assertThat(again.status().code()).isEqualTo(304);
    assertThat(again.content().isReadable()).isFalse();
    assertThat(header(again, "etag")).isEqualTo(tag);
    assertThat(header(again, "cache-control")).isEqualTo("no-cache");
    assertThat(status("If-None-Match", "\"a\", W/" + tag)).isEqualTo(304);
    assertThat(status("If-None-Match", "*")).isEqualTo(304);
    assertThat(status("If-None-Match", "\"a\"")).isEqualTo(200);
    assertThat(status("If-None-Match", "\"a\"", "If-Modified-Since", date)).isEqualTo(200);
    assertThat(status("If-Modified-Since", date)).isEqualTo(304);
    assertThat(status("If-Modified-Since", before)).isEqualTo(200);
    assertThat(status("If-Modified-Since", "yesterday")).isEqualTo(200);
    assertThat(status("If-None-Match", tag, "Range", "bytes=0-1")).isEqualTo(304);
  }

  private int status(String... headers) {
    return get("/ten.txt", headers).status().code();
  }

  @Test
  void whatIsNotThereIsSaidAtTheStart() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StaticFiles.of(LOADER, "static-files", List.of("no.html")))
        .withMessage("there is no resource static-files/no.html");
  }

  @Test
  void aVersionThatTheClientDoesNotExpectIsNotSent() {
    String tag = header(get("/ten.txt"), "etag");
    String date = header(get("/ten.txt"), "last-modified");
    String before = HttpDate.format(Instant.EPOCH);
    assertThat(status("If-Match", tag)).isEqualTo(200);
    assertThat(status("If-Match", "\"other\", " + tag)).isEqualTo(200);
    assertThat(status("If-Match", "*")).isEqualTo(200);
    assertThat(status("If-Match", "\"other\"")).isEqualTo(412);
    assertThat(status("If-Match", "W/" + tag)).as("compared strongly").isEqualTo(412);
    assertThat(status("If-Unmodified-Since", date)).isEqualTo(200);
    assertThat(status("If-Unmodified-Since", before)).isEqualTo(412);
    assertThat(status("If-Unmodified-Since", "yesterday")).as("ignored").isEqualTo(200);
    assertThat(status("If-Match", tag, "If-Unmodified-Since", before)).isEqualTo(200);
    assertThat(status("If-Match", "\"other\"", "If-None-Match", tag)).isEqualTo(412);
    assertThat(status("If-Match", tag, "If-None-Match", tag)).isEqualTo(304);
  }

  @Test
  void datesAreReadInEveryFormat() {
    assertThat(status("If-Modified-Since", "Thursday, 01-Jan-70 00:00:00 GMT")).isEqualTo(200);
    assertThat(status("If-Unmodified-Since", "Thu Jan  1 00:00:00 1970")).isEqualTo(412);
  }
}
