package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.server.Command;
import io.baton.testing.server.Ports;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Bodies of three times the memory that the worker has, sent by curl: to a service that gets them
 * whole and to one that gets them as a stream.
 */
class UploadIT {
  @RegisterExtension static final Servers SERVERS = Servers.perClass();

  private static final int MB = 1_000_000;
  private static final int LARGE = 200 * MB;

  /** More than the worker may write to a file. */
  private static final int TOO_LARGE_FOR_THE_DISK = 270 * MB;

  private static TestServer server;
  private static String url = "";
  private static int port;

  @BeforeAll
  static void start() throws Exception {
    Shell.need("UploadIT", "curl");
    Shell.need("UploadIT", "sha256sum");
    port = Ports.free(1).getFirst();
    url = "http://127.0.0.1:" + port;
    server = SERVERS.create();
    server
        .configure("workers", 1)
        .configure("http.max-content", "300m")
        .configure("worker.max-spooled", "300m")
        .configure(
            "listeners.upload",
            """
            { endpoint = "tcp://127.0.0.1:%d", codec = http, lane = virtual, routes {
                "/whole" = upload
                "/stream" = { codec = http, service = upload, body = stream, max-content = off } } }\
            """
                .formatted(port))
        .launch(0, "heap=-Xmx64m; ulimit -f 500000") // blocks of 512 bytes: 256 MB
        .start();
  }

  private static Path file(int bytes) throws Exception {
    Path file = server.directory.resolve("upload-" + bytes);
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(bytes);
      sparse.writeBytes("the beginning");
    }
    return file;
  }

  private static String curl(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("curl", "-q", "-sS", "--noproxy", "*", "--max-time", "120"));
    command.addAll(List.of(arguments));
    Command.Result result = Shell.run(Map.of(), command);
    assertThat(result.exit()).as("%s: %s", result.command(), result.err()).isZero();
    return result.out();
  }

  private static String expected(Path file, int bytes) throws Exception {
    String hash = Shell.run("sha256sum", file.toString()).out().split(" ", -1)[0];
    return "%d bytes, SHA-256 %s%n".formatted(bytes, hash);
  }

  private static void awaitNothingSpooled() {
    server.await("nothing is spooled any more", status -> status.worker(0).spooledBytes() == 0);
  }

  @Test
  void aBodyLargerThanTheMemoryIsServedWholeAndAsAStream() throws Exception {
    Path file = file(LARGE);
    String expected = expected(file, LARGE);
    String name = file.toString();

    assertThat(
            curl(
                "-w", "%{num_connects}\n", "-T", name, url + "/whole", "-T", name, url + "/stream"))
        .isEqualTo(expected + "1\n" + expected + "0\n");
    assertThat(curl("-H", "Transfer-Encoding: chunked", "-T", name, url + "/whole"))
        .isEqualTo(expected);
    awaitNothingSpooled();
  }

  @Test
  void aBodyThatTheDiskHasNoRoomForIs503() throws Exception {
    long before = server.status().total("refusedForDisk");
    assertThat(
            curl(
                "-w",
                " %{http_code}",
                "-T",
                file(TOO_LARGE_FOR_THE_DISK).toString(),
                url + "/whole"))
        .endsWith(" 503");
    server.await("a refusal is counted", status -> status.total("refusedForDisk") == before + 1);
    awaitNothingSpooled();
  }

  @Test
  void aBodyThatThereIsNoRoomForBesideAnotherIs503BeforeItIsSent() throws Exception {
    long before = server.status().total("refusedForDisk");
    String name = file(LARGE).toString();
    try (Client first = Client.tcp(port)) {
      first.send(
          "POST /whole HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
              .formatted(LARGE));
      assertThat(first.readText("HTTP/1.1 100 Continue\r\n\r\n")).contains("100");
      assertThat(
              curl(
                  "-D",
                  "-",
                  "-w",
                  "%{size_upload}",
                  "-H",
                  "Expect: 100-continue",
                  "-T",
                  name,
                  url + "/whole"))
          .startsWith("HTTP/1.1 503 Service Unavailable\r\n")
          .contains("retry-after: 1\r\n")
          .endsWith("\n0");
      server.await("a refusal is counted", status -> status.total("refusedForDisk") == before + 1);
      // A stream takes no room.
      assertThat(curl("-w", "%{http_code}", "-o", "/dev/null", "-T", name, url + "/stream"))
          .isEqualTo("200");
    }
    awaitNothingSpooled();
  }
}
