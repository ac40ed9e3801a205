package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.server.Command;
import io.baton.testing.server.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** HTTP as curl speaks it. */
class CurlIT {
  @RegisterExtension static final Servers SERVERS = Servers.perClass();

  private static final String PAGE = "<!doctype html>\n<title>Baton</title>\n";

  private static TestServer server;
  private static String url = "";

  @BeforeAll
  static void start() throws Exception {
    Shell.need("CurlIT", "curl");
    int port = Ports.free(1).getFirst();
    url = "http://127.0.0.1:" + port;
    server = SERVERS.create();
    Path modules = Files.createDirectory(server.directory.resolve("modules"));
    Files.copy(TestServer.HOME.resolve("modules/examples.jar"), modules.resolve("examples.jar"));
    ModuleJar.write(
        modules.resolve("curl.jar"),
        CurlModule.class,
        Map.of("site/index.html", PAGE, "site/ten.txt", "0123456789"));
    server
        .configure("modules-dir", "\"" + modules + "\"")
        .configure(
            "listeners.curl",
            """
            { endpoint = "tcp://127.0.0.1:%d", codec = http, routes {
                "/site/*" = site, "/mirror" = mirror, "/events" = events
                "/number" = number, "/amount/*" = amount } }\
            """
                .formatted(port))
        .start();
  }

  /** What curl writes; it must be content. */
  private static String curl(String... arguments) throws Exception {
    Command.Result result = run(arguments);
    assertThat(result.exit()).as("%s: %s", result.command(), result.err()).isZero();
    return result.out();
  }

  private static Command.Result run(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("curl", "-q", "-sS", "--noproxy", "*", "--max-time", "60"));
    command.addAll(List.of(arguments));
    return Shell.run(Map.of(), command);
  }

  private static Path file(int size) throws IOException {
    return Files.writeString(
        Files.createTempFile(server.directory, "upload", ""), "x".repeat(size));
  }

  @Test
  void aPageIsFetched() throws Exception {
    assertThat(curl("--http1.1", url + "/site/")).isEqualTo(PAGE);
    assertThat(curl("-o", "/dev/null", "-w", "%{http_code} %{content_type}", url + "/nowhere"))
        .isEqualTo("404 text/plain");
  }

  @Test
  void aHeadHasTheHeadOfTheGet() throws Exception {
    assertThat(curl("-I", url + "/site/ten.txt"))
        .startsWith("HTTP/1.1 200 OK\r\n")
        .containsIgnoringCase("\r\ncontent-length: 10\r\n")
        .containsIgnoringCase("\r\netag: \"")
        .endsWith("\r\n\r\n");
  }

  @Test
  void aFormIsPosted() throws Exception {
    assertThat(curl("-d", "a=b", url + "/mirror")).isEqualTo("POST HTTP/1.1\na=b");
  }

  @Test
  void anUploadWaitsForItsContinue() throws Exception {
    Command.Result result =
        run("-v", "-T", file(300_000).toString(), "-H", "Expect: 100-continue", url + "/mirror");
    assertThat(result.out()).isEqualTo("PUT HTTP/1.1\n" + "x".repeat(300_000));
    assertThat(result.err()).contains("< HTTP/1.1 100 Continue").contains("< HTTP/1.1 200 OK");
  }

  @Test
  void anUploadOfUnknownLengthComesInChunks() throws Exception {
    assertThat(
            curl(
                "-T",
                file(300_000).toString(),
                "-H",
                "Transfer-Encoding: chunked",
                url + "/mirror"))
        .isEqualTo("PUT HTTP/1.1\n" + "x".repeat(300_000));
  }

  @Test
  void anUploadThatIsTooLargeIsToldBeforeItIsSent() throws Exception {
    assertThat(
            curl(
                "-T",
                file(2_000_000).toString(),
                "-H",
                "Expect: 100-continue",
                "-o",
                "/dev/null",
                "-w",
                "%{http_code} %{size_upload}",
                url + "/mirror"))
        .isEqualTo("413 0");
  }

  @Test
  void aDownloadGoesOnWhereItStopped() throws Exception {
    assertThat(curl("--range", "2-4", url + "/site/ten.txt")).isEqualTo("234");
    assertThat(curl("-C", "7", url + "/site/ten.txt")).isEqualTo("789");
    assertThat(curl("-o", "/dev/null", "-w", "%{http_code}", "-r", "10-", url + "/site/ten.txt"))
        .isEqualTo("416");
  }

  @Test
  void whatIsKnownIsNotFetchedAgain() throws Exception {
    Path tag = server.directory.resolve("etag");
    curl("--etag-save", tag.toString(), url + "/site/ten.txt");
    assertThat(curl("-w", "%{http_code}", "--etag-compare", tag.toString(), url + "/site/ten.txt"))
        .isEqualTo("304");
    Path copy = server.directory.resolve("copy");
    curl("-R", "-o", copy.toString(), url + "/site/ten.txt");
    assertThat(curl("-w", "%{http_code}", "-z", copy.toString(), url + "/site/ten.txt"))
        .isEqualTo("304");
  }

  @Test
  void a10ClientIsServedAndClosed() throws Exception {
    Command.Result result = run("-0", "-i", url + "/mirror");
    assertThat(result.out())
        .startsWith("HTTP/1.1 200 OK\r\n")
        .contains("connection: close\r\n")
        .endsWith("\r\n\r\nGET HTTP/1.0\n");
  }

  @Test
  void aConnectionIsUsedAgain() throws Exception {
    assertThat(curl("-w", "%{num_connects}\n", url + "/mirror", url + "/mirror", url + "/nowhere"))
        .isEqualTo("GET HTTP/1.1\n1\nGET HTTP/1.1\n0\nNot Found\n0\n");
  }

  @Test
  void eventsAreStreamed() throws Exception {
    assertThat(
            curl("-N", "-H", "Accept: text/event-stream", "-w", "%{content_type}", url + "/events"))
        .isEqualTo("data: 1\n\ndata: 2\n\ndata: 3\n\ntext/event-stream");
  }

  @Test
  void theLogNamesTheRequestThatAServiceFailedAtAndNobodyForgesItsLines() throws Exception {
    for (String path : List.of("/number", "/amount/of/all")) {
      String target = url + path + "?n=1%0AERROR%20forged";
      assertThat(curl("-o", "/dev/null", "-w", "%{http_code}", target)).isEqualTo("500");
    }
    String log =
        Wait.until(
            "both mistakes in the logs of the workers",
            server::workerLogs,
            all ->
                all.contains("at GET /number, route /number")
                    && all.contains("at GET /amount/of/all, route /amount/*"));
    assertThat(log).contains("For input string: \"1\\nERROR forged\"");
    assertThat(log.lines()).noneMatch(line -> line.startsWith("ERROR"));
  }
}
