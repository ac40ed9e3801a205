package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.server.Command;
import io.baton.testing.server.Ports;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Routes with hosts, methods and parameters, and the files of a directory, as curl sees them. */
class FilesIT {
  @RegisterExtension static final Servers SERVERS = Servers.perClass();

  private static final int LARGE = 64 * 1024 * 1024;

  private static TestServer server;
  private static Path www = Path.of("");
  private static String url = "";

  @BeforeAll
  static void start() throws Exception {
    for (String tool : List.of("curl", "sha256sum", "gzip")) {
      Shell.need("FilesIT", tool);
    }
    int port = Ports.free(1).getFirst();
    url = "http://127.0.0.1:" + port;
    server = SERVERS.create();
    www = server.directory.resolve("www");
    Files.createDirectories(www.resolve("sub"));
    Files.writeString(www.resolve("index.html"), "<p>index");
    Files.writeString(www.resolve("ten.txt"), "0123456789");
    Files.writeString(www.resolve("sub/index.html"), "<p>sub");
    Files.writeString(server.directory.resolve("outside.txt"), "outside");
    Files.createSymbolicLink(www.resolve("link.txt"), server.directory.resolve("outside.txt"));
    try (RandomAccessFile file = new RandomAccessFile(www.resolve("large").toFile(), "rw")) {
      byte[] bytes = new byte[LARGE];
      new Random(LARGE).nextBytes(bytes);
      file.write(bytes);
    }
    Path modules = Files.createDirectory(server.directory.resolve("modules"));
    Files.copy(TestServer.HOME.resolve("modules/examples.jar"), modules.resolve("examples.jar"));
    ModuleJar.write(
        modules.resolve("curl.jar"),
        CurlModule.class,
        Map.of("site/index.html", "", "site/ten.txt", ""));
    server
        .configure("modules-dir", "\"" + modules + "\"")
        .configure("workers", 1)
        .configure(
            "listeners.curl",
            """
            { endpoint = "tcp://127.0.0.1:%d", codec = http, routes {
                "/static/*" = { files = "%s" }, "/plain/*" = { files = "%s", compress = off }
                "files.test/*" = { files = "%s/sub" }
                "POST /mirror/{name}" = mirror, "PUT /mirror/{name}" = mirror } }\
            """
                .formatted(port, www, www, www))
        .start();
  }

  private static Command.Result run(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("curl", "-q", "-sS", "--noproxy", "*", "--max-time", "120"));
    command.addAll(List.of(arguments));
    return Shell.run(Map.of(), command);
  }

  private static String curl(String... arguments) throws Exception {
    Command.Result result = run(arguments);
    assertThat(result.exit()).as("%s: %s", result.command(), result.err()).isZero();
    return result.out();
  }

  private static String status(String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of("-o", "/dev/null", "-w", "%{http_code}"));
    all.addAll(List.of(arguments));
    return curl(all.toArray(String[]::new));
  }

  private static String hash(Path file) throws Exception {
    return Shell.run("sha256sum", file.toString()).out().split(" ", -1)[0];
  }

  @Test
  void filesAreServedWithIndexTypeAndHead() throws Exception {
    assertThat(curl(url + "/static/", "-w", " %{content_type}"))
        .isEqualTo("<p>index text/html; charset=utf-8");
    assertThat(curl("-L", url + "/static/sub")).isEqualTo("<p>sub");
    assertThat(curl("-I", url + "/static/ten.txt"))
        .startsWith("HTTP/1.1 200 OK\r\n")
        .containsIgnoringCase("\r\ncontent-length: 10\r\n");
    assertThat(curl("-w", "%{num_connects}", url + "/static/ten.txt", url + "/static/ten.txt"))
        .isEqualTo("0123456789101234567890");
  }

  @Test
  void rangesAndValidatorsAreObserved() throws Exception {
    assertThat(curl("--range", "2-4", url + "/static/ten.txt")).isEqualTo("234");
    assertThat(status("-r", "10-", url + "/static/ten.txt")).isEqualTo("416");
    Path tag = server.directory.resolve("etag");
    curl("--etag-save", tag.toString(), url + "/static/ten.txt");
    assertThat(status("--etag-compare", tag.toString(), url + "/static/ten.txt")).isEqualTo("304");
    Path copy = server.directory.resolve("copy");
    curl("-R", "-o", copy.toString(), url + "/static/ten.txt");
    assertThat(status("-z", copy.toString(), url + "/static/ten.txt")).isEqualTo("304");
  }

  @Test
  void aCompressedFormIsSentAndUnpacked() throws Exception {
    String text = "compressible ".repeat(1_000);
    Path file = Files.writeString(www.resolve("text.txt"), text);
    assertThat(Shell.run("gzip", "-k9", file.toString()).exit()).isZero();
    assertThat(curl(url + "/static/text.txt")).isEqualTo(text);
    assertThat(curl("--compressed", url + "/static/text.txt")).isEqualTo(text);
    assertThat(
            curl(
                "-o",
                "/dev/null",
                "-D",
                "-",
                "-H",
                "Accept-Encoding: gzip",
                url + "/static/text.txt"))
        .contains("content-encoding: gzip\r\n")
        .contains("vary: accept-encoding\r\n");
  }

  @Test
  void aTextWithoutACompressedFormIsCompressedUnlessItsRouteSaysNo() throws Exception {
    String text = "compressible ".repeat(5_000);
    Files.writeString(www.resolve("alone.txt"), text);
    Path tag = server.directory.resolve("weak-etag");
    String packed = url + "/static/alone.txt";
    for (int time = 0; time < 2; time++) {
      assertThat(curl("--compressed", "--etag-save", tag.toString(), packed)).isEqualTo(text);
    }
    assertThat(curl("--compressed", "-o", "/dev/null", "-D", "-", "-w", "%{size_download}", packed))
        .contains("content-encoding: gzip\r\n")
        .contains("vary: accept-encoding\r\n")
        .contains("etag: W/\"")
        .doesNotContain("accept-ranges")
        .containsPattern("\r\n\r\n\\d{3}$"); // of 65,000
    assertThat(status("--compressed", "--etag-compare", tag.toString(), packed)).isEqualTo("304");
    assertThat(curl("--compressed", "-r", "0-3", packed)).isEqualTo("comp");
    assertThat(curl(packed)).isEqualTo(text);
    assertThat(curl("--compressed", "-D", "-", url + "/plain/alone.txt"))
        .doesNotContain("content-encoding", "vary")
        .endsWith(text);
  }

  @Test
  void noPathLeavesTheDirectory() throws Exception {
    for (String path :
        List.of("../outside.txt", "%2e%2e/outside.txt", "..%2Foutside.txt", "link.txt", "%00")) {
      assertThat(status("--path-as-is", url + "/static/" + path)).as(path).isEqualTo("404");
    }
  }

  @Test
  void hostAndMethodChooseTheRoute() throws Exception {
    assertThat(curl("-H", "Host: files.test:80", url + "/")).isEqualTo("<p>sub");
    assertThat(status(url + "/")).isEqualTo("404");
    assertThat(curl("-d", "a=b", url + "/mirror/x")).isEqualTo("POST HTTP/1.1\na=b");
    assertThat(curl("-i", url + "/mirror/x"))
        .startsWith("HTTP/1.1 405 ")
        .containsIgnoringCase("\r\nallow: POST, PUT\r\n");
    assertThat(status("-d", "a=b", url + "/static/ten.txt")).isEqualTo("405");
  }

  @Test
  void aDownloadIsCompletedThroughAReload() throws Exception {
    Path copy = server.directory.resolve("download");
    Process download =
        new ProcessBuilder(
                "curl",
                "-q",
                "-sS",
                "--noproxy",
                "*",
                "--max-time",
                "120",
                "--limit-rate",
                "16M",
                "-o",
                copy.toString(),
                url + "/static/large")
            .redirectErrorStream(true)
            .redirectOutput(server.directory.resolve("download.err").toFile())
            .start();
    Wait.until("it has begun", () -> Files.exists(copy) ? Files.size(copy) : 0L, n -> n > 0);
    assertThat(server.script("reload").exit()).isZero();
    assertThat(download.waitFor()).isZero();
    assertThat(hash(copy)).isEqualTo(hash(www.resolve("large")));
    assertThat(curl(url + "/static/ten.txt")).isEqualTo("0123456789");
  }
}
