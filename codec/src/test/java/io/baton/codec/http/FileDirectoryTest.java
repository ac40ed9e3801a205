package io.baton.codec.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.baton.service.CloseReason;
import io.baton.service.testkit.TestSession;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.LeakPresenceDetector;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FileDirectoryTest {
  private static final Instant MODIFIED = Instant.parse("2026-01-02T03:04:05Z");
  private static final String DATE = "Fri, 02 Jan 2026 03:04:05 GMT";
  private static final int PIECES = 200_000;

  @TempDir private Path directory;
  private Path root = Path.of("");

  /** An answer as a client would see it. */
  private record Answer(HttpResponse head, String body, boolean isWhole) {
    int status() {
      return head.status().code();
    }

    String header(String name) {
      return head.headers().get(name, "");
    }
  }

  @BeforeEach
  void files() throws IOException {
    root = Files.createDirectories(directory.resolve("www"));
    write("www/index.html", "<p>index");
    write("www/ten.txt", "0123456789");
    write("www/sub/index.html", "<p>sub");
    write("www/sub/%.bin", "percent");
    write("www/empty/x", "");
    write("www/.secret", "hidden");
    write("www/.git/config", "hidden");
    write("outside.txt", "outside");
    Files.createSymbolicLink(root.resolve("link.txt"), directory.resolve("outside.txt"));
    Files.createSymbolicLink(root.resolve("inside.txt"), root.resolve("ten.txt"));
    Files.createSymbolicLink(root.resolve("up"), directory);
  }

  @AfterEach
  void releases() {
    LeakPresenceDetector.check();
  }

  private void write(String name, String content) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
    Files.setLastModifiedTime(file, FileTime.from(MODIFIED));
  }

  private TestSession<FullHttpRequest, HttpObject> session(Executor executor) {
    var test =
        TestSession.of(new FileDirectory(root, "/static/*", new GzipCache(), executor).get());
    test.onRelease(ReferenceCountUtil::release).open();
    return test;
  }

  private static FullHttpRequest request(String method, String target, String... headers) {
    FullHttpRequest request =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1, HttpMethod.valueOf(method), target, Unpooled.EMPTY_BUFFER);
    for (int i = 0; i < headers.length; i += 2) {
      request.headers().add(headers[i], headers[i + 1]);
    }
    return request;
  }

  private Answer ask(String method, String target, String... headers) {
    var test = session(Runnable::run);
    test.receive(request(method, target, headers));
    assertThat(test.unprocessed()).isZero();
    return answer(test.sent());
  }

  private static Answer answer(List<HttpObject> sent) {
    StringBuilder body = new StringBuilder();
    for (HttpObject each : sent) {
      if (each instanceof HttpContent content) {
        body.append(content.content().toString(StandardCharsets.ISO_8859_1));
      }
      ReferenceCountUtil.release(each);
    }
    return new Answer(
        (HttpResponse) sent.getFirst(), body.toString(), sent.getLast() instanceof LastHttpContent);
  }

  private Answer get(String target, String... headers) {
    return ask("GET", target, headers);
  }

  @Test
  void aFileHasItsTypeLengthAndValidators() {
    Answer answer = get("/static/ten.txt?v=1");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("0123456789");
    assertThat(answer.isWhole()).isTrue();
    assertThat(answer.header("content-type")).isEqualTo("text/plain; charset=utf-8");
    assertThat(answer.header("content-length")).isEqualTo("10");
    assertThat(answer.header("last-modified")).isEqualTo(DATE);
    assertThat(answer.header("etag")).matches("\"[0-9a-f]+-a\"");
    assertThat(answer.header("accept-ranges")).isEqualTo("bytes");
    assertThat(answer.head().headers().contains("vary")).isFalse();
  }

  @Test
  void aHeadHasTheHeadOfTheGet() {
    Answer head = ask("HEAD", "/static/ten.txt");
    assertThat(head.head().headers()).isEqualTo(get("/static/ten.txt").head().headers());
    assertThat(head.body()).isEmpty();
    assertThat(head.isWhole()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "BREW"})
  void otherMethodsAreNotAllowed(String method) {
    Answer answer = ask(method, "/static/ten.txt");
    assertThat(answer.status()).isEqualTo(405);
    assertThat(answer.header("allow")).isEqualTo("GET, HEAD");
  }

  @ParameterizedTest
  @CsvSource({
    "/static/,                 <p>index",
    "/static/index.html,       <p>index",
    "/static/sub/,             <p>sub",
    "/static/sub/%25.bin,      percent",
    "/static/%74en.txt,        0123456789",
    "http://h/static/ten.txt,  0123456789",
  })
  void aPathIsFollowedNameByName(String target, String body) {
    assertThat(get(target).body()).isEqualTo(body);
  }

  @ParameterizedTest
  @CsvSource({
    "/static/sub,            /static/sub/",
    "/static/sub?a=b,        /static/sub/?a=b",
    "http://h:80/static/sub, /static/sub/",
  })
  void aDirectoryIsAskedForWithASlash(String target, String location) {
    Answer answer = get(target);
    assertThat(answer.status()).isEqualTo(301);
    assertThat(answer.header("location")).isEqualTo(location);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/static/empty/",
        "/static/nothing",
        "/static/ten.txt/",
        "/static/ten.txt/x",
        "/static/..",
        "/static/../outside.txt",
        "/static/../www/ten.txt",
        "/static/sub/../ten.txt",
        "/static/%2e%2e/outside.txt",
        "/static/%2E./outside.txt",
        "/static/..%2Foutside.txt",
        "/static/..%2foutside.txt",
        "/static/%2e%2e%2foutside.txt",
        "/static/%252e%252e/outside.txt",
        "/static/sub%2Findex.html",
        "/static/..\\outside.txt",
        "/static/..%5Coutside.txt",
        "/static/%5C..%5Coutside.txt",
        "/static//ten.txt",
        "/static//etc/passwd",
        "/static/./ten.txt",
        "/static/%2e/ten.txt",
        "/static/ten.txt%00",
        "/static/ten.txt%00.html",
        "/static/%0a",
        "/static/%ff",
        "/static/%zz",
        "/static/%c0%ae%c0%ae/outside.txt",
        "/static/.secret",
        "/static/%2esecret",
        "/static/.git/config",
        "/static/link.txt",
        "/static/inside.txt",
        "/static/up/outside.txt",
        "/static/up/www/ten.txt",
        "/static",
        "/other/ten.txt",
        "*",
        "",
      })
  void aHostilePathIsNotFound(String target) {
    assertThat(get(target).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(ints = {251, 255, 256, 4_097, 100_000})
  void aLongPathIsNotFound(int length) {
    assertThat(get("/static/" + "x".repeat(length)).status()).isEqualTo(404);
    assertThat(get("/static/" + "x/".repeat(length / 2)).status()).isEqualTo(404);
    assertThat(get("/static/" + "/".repeat(length)).status()).isEqualTo(404);
  }

  @Test
  void noPathOfRandomPartsLeavesTheDirectory() {
    List<String> parts =
        List.of(
            "/",
            "..",
            ".",
            "%2e",
            "%2F",
            "%5c",
            "\\",
            "up",
            "sub",
            "ten.txt",
            "outside.txt",
            "%00",
            "%25",
            "2e",
            "www",
            "link.txt",
            ".secret",
            "?",
            "#",
            ";",
            "~",
            "%",
            "\u00e4");
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 3_000; i++) {
      StringBuilder target = new StringBuilder("/static/");
      for (int n = random.nextInt(8); n >= 0; n--) {
        target.append(parts.get(random.nextInt(parts.size())));
      }
      Answer answer = get(target.toString());
      assertThat(answer.body()).as("seed %d: %s", seed, target).doesNotContain("outside", "hidden");
      assertThat(answer.status()).as("seed %d: %s", seed, target).isIn(200, 301, 404);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bytes=0-0     | 206 | 0          | bytes 0-0/10",
        "bytes=2-4     | 206 | 234        | bytes 2-4/10",
        "bytes=7-      | 206 | 789        | bytes 7-9/10",
        "bytes=-3      | 206 | 789        | bytes 7-9/10",
        "bytes=-99     | 206 | 0123456789 | bytes 0-9/10",
        "bytes=5-99    | 206 | 56789      | bytes 5-9/10",
        "bytes=4-2     | 200 | 0123456789 | ''",
        "bytes=0-1,3-4 | 200 | 0123456789 | ''",
        "lines=1-2     | 200 | 0123456789 | ''",
      })
  void aRangeIsAPartOfTheFile(String range, int status, String body, String said) {
    Answer answer = get("/static/ten.txt", "Range", range);
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.body()).isEqualTo(body);
    assertThat(answer.header("content-range")).isEqualTo(said);
    assertThat(answer.header("content-length")).isEqualTo(String.valueOf(body.length()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes=10-", "bytes=-0", "bytes=99-100"})
  void aRangeOutsideOfTheFileIsToldItsSize(String range) {
    Answer answer = get("/static/ten.txt", "Range", range);
    assertThat(answer.status()).isEqualTo(416);
    assertThat(answer.header("content-range")).isEqualTo("bytes */10");
  }

  @Test
  void aRangeCountsOnlyForTheVersionThatIfRangeNames() {
    String tag = get("/static/ten.txt").header("etag");
    String range = "bytes=1-1";
    assertThat(get("/static/ten.txt", "Range", range, "If-Range", tag).status()).isEqualTo(206);
    assertThat(get("/static/ten.txt", "Range", range, "If-Range", DATE).status()).isEqualTo(206);
    assertThat(get("/static/ten.txt", "Range", range, "If-Range", "\"x\"").status()).isEqualTo(200);
  }

  @Test
  void aVersionThatTheClientHasIsNotSent() {
    String tag = get("/static/ten.txt").header("etag");
    for (Answer answer :
        List.of(
            get("/static/ten.txt", "If-None-Match", tag),
            get("/static/ten.txt", "If-None-Match", "\"x\", W/" + tag),
            ask("HEAD", "/static/ten.txt", "If-None-Match", "*"),
            get("/static/ten.txt", "If-Modified-Since", DATE))) {
      assertThat(answer.status()).isEqualTo(304);
      assertThat(answer.body()).isEmpty();
      assertThat(answer.header("etag")).isEqualTo(tag);
      assertThat(answer.isWhole()).isTrue();
    }
    assertThat(get("/static/ten.txt", "If-None-Match", "\"x\"").status()).isEqualTo(200);
    assertThat(get("/static/ten.txt", "If-Match", "\"x\"").status()).isEqualTo(412);
  }

  @Test
  void anotherVersionHasAnotherTag() throws IOException {
    String tag = get("/static/ten.txt").header("etag");
    Files.setLastModifiedTime(root.resolve("ten.txt"), FileTime.from(MODIFIED.plusNanos(1_000)));
    assertThat(get("/static/ten.txt", "If-None-Match", tag).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gzip                  | gzip | packed by gzip",
        "GZIP;q=0.5, identity  | gzip | packed by gzip",
        "gzip, br              | br   | packed by brotli",
        "gzip;q=0, br;q=0.000  | ''   | 0123456789",
        "deflate               | ''   | 0123456789",
        "''                    | ''   | 0123456789",
      })
  void aCompressedFormIsSentToWhomAcceptsIt(String accepts, String encoding, String body)
      throws IOException {
    write("www/ten.txt.gz", "packed by gzip");
    write("www/ten.txt.br", "packed by brotli");
    Answer answer = get("/static/ten.txt", "Accept-Encoding", accepts);
    assertThat(answer.body()).isEqualTo(body);
    assertThat(answer.header("content-encoding")).isEqualTo(encoding);
    assertThat(answer.header("content-type")).isEqualTo("text/plain; charset=utf-8");
    assertThat(answer.header("vary")).isEqualTo("accept-encoding");
  }

  @Test
  void aCompressedFormThatIsOlderThanTheFileOrALinkIsNotSent() throws IOException {
    write("www/ten.txt.gz", "packed");
    Files.setLastModifiedTime(root.resolve("ten.txt.gz"), FileTime.from(MODIFIED.minusSeconds(1)));
    Files.createSymbolicLink(root.resolve("ten.txt.br"), directory.resolve("outside.txt"));
    Answer answer = get("/static/ten.txt", "Accept-Encoding", "gzip, br");
    assertThat(answer.body()).isEqualTo("0123456789");
    assertThat(answer.head().headers().contains("vary")).isFalse();
  }

  @Test
  void aLongFileIsSentPieceByPieceWheneverTheSessionIsWritable() throws Exception {
    write("www/long.bin", "x".repeat(PIECES));
    List<Thread> threads = new ArrayList<>();
    var test = session(task -> threads.add(Thread.ofPlatform().start(task)));
    test.setWritable(false);
    test.receive(request("GET", "/static/long.bin"));
    test.setWritable(true);
    threads.getFirst().join();
    Answer answer = answer(test.sent());
    assertThat(answer.body()).isEqualTo("x".repeat(PIECES));
    assertThat(answer.isWhole()).isTrue();
    assertThat(test.sent().size()).isGreaterThan(4);
  }

  @Test
  void aFileThatNobodyTakesIsClosedWithItsSession() throws Exception {
    write("www/long.bin", "x".repeat(PIECES));
    List<Thread> threads = new ArrayList<>();
    var test = session(task -> threads.add(Thread.ofPlatform().start(task)));
    test.setWritable(false);
    test.receive(request("GET", "/static/long.bin"));
    test.end(CloseReason.TIMEOUT);
    threads.getFirst().join();
    assertThat(test.sent()).noneMatch(HttpContent.class::isInstance);
  }

  @Test
  void aDirectoryThatIsGoneHasNothing() throws IOException {
    root = directory.resolve("gone");
    assertThat(get("/static/ten.txt").status()).isEqualTo(404);
    root = directory.resolve("up");
    Files.createSymbolicLink(root, directory.resolve("www"));
    assertThat(get("/static/ten.txt").status()).isEqualTo(200); // it may be a link itself
  }

  @Test
  void aRouteOfFilesEndsWithAStar() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FileDirectory(root, "/static", new GzipCache()));
  }

  private static String unpacked(String body) throws IOException {
    try (GZIPInputStream in =
        new GZIPInputStream(new ByteArrayInputStream(body.getBytes(StandardCharsets.ISO_8859_1)))) {
      return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  @Test
  void aTextIsCompressedForThoseWhoAcceptIt() throws IOException {
    String text = "compressible ".repeat(500);
    write("www/text.json", text);
    Answer packed = get("/static/text.json", "Accept-Encoding", "br, gzip");
    assertThat(packed.status()).isEqualTo(200);
    assertThat(packed.header("content-encoding")).isEqualTo("gzip");
    assertThat(packed.header("content-length")).isEqualTo("" + packed.body().length());
    assertThat(packed.header("content-type")).isEqualTo("application/json");
    assertThat(packed.header("vary")).isEqualTo("accept-encoding");
    assertThat(packed.header("etag")).matches("W/\"[0-9a-f]+-[0-9a-f]+-gzip\"");
    assertThat(packed.head().headers().contains("accept-ranges")).isFalse();
    assertThat(packed.isWhole()).isTrue();
    assertThat(packed.body()).hasSizeLessThan(text.length() / 10);
    assertThat(unpacked(packed.body())).isEqualTo(text);
    Answer head = ask("HEAD", "/static/text.json", "Accept-Encoding", "gzip");
    assertThat(head.head().headers()).isEqualTo(packed.head().headers());
    assertThat(head.body()).isEmpty();
    for (String accepted : List.of("br", "gzip;q=0", "identity")) {
      Answer plain = get("/static/text.json", "Accept-Encoding", accepted);
      assertThat(plain.body()).as(accepted).isEqualTo(text);
      assertThat(plain.header("vary")).isEqualTo("accept-encoding");
      assertThat(plain.header("accept-ranges")).isEqualTo("bytes");
      assertThat(plain.head().headers().contains("content-encoding")).isFalse();
      assertThat(plain.header("etag")).doesNotStartWith("W/");
    }
  }

  @Test
  void theCompressedFormHasAValidatorButNoRanges() throws IOException {
    String text = "compressible ".repeat(500);
    write("www/text.txt", text);
    String tag = get("/static/text.txt", "Accept-Encoding", "gzip").header("etag");
    Answer known = get("/static/text.txt", "Accept-Encoding", "gzip", "If-None-Match", tag);
    assertThat(known.status()).isEqualTo(304);
    assertThat(known.header("etag")).isEqualTo(tag);
    assertThat(known.header("vary")).isEqualTo("accept-encoding");
    assertThat(get("/static/text.txt", "If-None-Match", tag).status()).isEqualTo(200);
    Answer part = get("/static/text.txt", "Accept-Encoding", "gzip", "Range", "bytes=0-3");
    assertThat(part.status()).isEqualTo(206);
    assertThat(part.body()).isEqualTo("comp");
    String strong = get("/static/text.txt").header("etag");
    assertThat(part.header("etag")).isEqualTo(strong);
    Answer whole =
        get("/static/text.txt", "Accept-Encoding", "gzip", "Range", "bytes=0-3", "If-Range", tag);
    assertThat(whole.status()).isEqualTo(200);
    assertThat(whole.body()).isEqualTo(text);
    assertThat(get("/static/text.txt", "Accept-Encoding", "gzip", "If-Match", strong).status())
        .isEqualTo(200);
    assertThat(get("/static/text.txt", "Accept-Encoding", "gzip", "If-Match", tag).status())
        .isEqualTo(412);
  }

  @Test
  void aChangedFileIsCompressedAnew() throws IOException {
    var directory = new FileDirectory(root, "/static/*", new GzipCache(), Runnable::run);
    for (String text : List.of("first ".repeat(500), "second ".repeat(500))) {
      write("www/text.txt", text);
      for (int time = 0; time < 2; time++) {
        var test = TestSession.of(directory.get());
        test.onRelease(ReferenceCountUtil::release).open();
        test.receive(request("GET", "/static/text.txt", "Accept-Encoding", "gzip"));
        assertThat(unpacked(answer(test.sent()).body())).isEqualTo(text);
      }
    }
  }

  @Test
  void routesThatShareTheFormsKeepOneOfEachFile() throws IOException {
    write("www/text.txt", "compressible ".repeat(500));
    GzipCache forms = new GzipCache();
    Set<Integer> held = new HashSet<>();
    for (String route : List.of("/static/*", "/files/*")) {
      var test = TestSession.of(new FileDirectory(root, route, forms, Runnable::run).get());
      test.onRelease(ReferenceCountUtil::release).open();
      test.receive(request("GET", route.replace("*", "text.txt"), "Accept-Encoding", "gzip"));
      assertThat(answer(test.sent()).header("content-encoding")).isEqualTo("gzip");
      held.add(forms.held());
    }
    assertThat(held).singleElement().isNotEqualTo(0);
  }

  @Test
  void onlyTextsOfSomeSizeThatBecomeSmallerAreCompressed() throws IOException {
    byte[] noise = new byte[5_000];
    new Random(1).nextBytes(noise);
    Files.write(root.resolve("noise.txt"), noise);
    write("www/small.txt", "x".repeat(1023));
    write("www/large.txt", "x".repeat(1024 * 1024 + 1));
    write("www/image.png", "x".repeat(5_000));
    for (String name : List.of("noise.txt", "small.txt", "large.txt", "image.png")) {
      Answer answer = get("/static/" + name, "Accept-Encoding", "gzip");
      assertThat(answer.head().headers().contains("content-encoding")).as(name).isFalse();
      assertThat(answer.header("etag")).as(name).doesNotStartWith("W/");
      assertThat(answer.body()).hasSize((int) Files.size(root.resolve(name)));
    }
    write("www/least.txt", "x".repeat(1024));
    write("www/most.svg", "x".repeat(1024 * 1024));
    for (String name : List.of("least.txt", "most.svg")) {
      Answer answer = get("/static/" + name, "Accept-Encoding", "gzip");
      assertThat(answer.header("content-encoding")).as(name).isEqualTo("gzip");
    }
  }

  @Test
  void aRouteMayLeaveItsFilesAsTheyAre() throws IOException {
    write("www/text.txt", "compressible ".repeat(500));
    var test = TestSession.of(new FileDirectory(root, "/static/*", null, Runnable::run).get());
    test.onRelease(ReferenceCountUtil::release).open();
    test.receive(request("GET", "/static/text.txt", "Accept-Encoding", "gzip"));
    Answer answer = answer(test.sent());
    assertThat(answer.head().headers().contains("content-encoding")).isFalse();
    assertThat(answer.head().headers().contains("vary")).isFalse();
  }

  @Test
  void theFormsThatAreKeptAreBounded() throws IOException {
    GzipCache cache = new GzipCache();
    FileTree tree = new FileTree(root, "/static/*");
    AcceptedEncodings none = new AcceptedEncodings(Set.of());
    byte[] digits = new byte[1024 * 1024];
    Random random = new Random(1);
    for (int at = 0; at < digits.length; at++) {
      digits[at] = (byte) ('0' + random.nextInt(10)); // these make 0.4 of it
    }
    for (int i = 0; i < 25; i++) {
      Files.write(root.resolve("digits%d.txt".formatted(i)), digits);
      if (tree.find("/static/digits%d.txt".formatted(i), none)
          instanceof FileTree.Found.File file) {
        try (var _ = file.channel()) {
          assertThat(cache.of(file)).isNotNull();
        }
      }
      assertThat(cache.held()).isBetween(1, GzipCache.MAX_BYTES);
    }
    assertThat(cache.held()).isGreaterThan(GzipCache.MAX_BYTES - 600_000);
  }
}
