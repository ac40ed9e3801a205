package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * wrk, which asks the same again and again on connections that stay open, until it is told off. On
 * each it pauses before it asks, so that it leaves the machine time for the server.
 */
final class Wrk implements AutoCloseable {
  private static final int PAUSE_MS = 5;

  private final Path out = Files.createTempFile("baton-wrk", "");
  private final Path script = Files.createTempFile("baton-wrk", ".lua");
  private final Process process;

  /**
   * @param clients connections
   */
  Wrk(URI page, int clients) throws IOException {
    Files.writeString(script, "function delay() return %d end%n".formatted(PAUSE_MS));
    process =
        new ProcessBuilder(
                List.of(
                    "wrk",
                    "-t1",
                    "-c" + clients,
                    "-d1h",
                    "--timeout",
                    "60s",
                    "--script",
                    script.toString(),
                    page.toString()))
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(out.toFile())
            .redirectErrorStream(true)
            .start();
  }

  /** Ends it, and asserts that all it asked was answered as it should be. */
  void assertNoFailure() throws IOException, InterruptedException {
    Procs.signal("INT", process.pid());
    assertThat(process.waitFor()).isZero();
    assertThat(Files.readString(out))
        .contains("requests in")
        .doesNotContain("Socket errors", "Non-2xx or 3xx", " 0 requests in");
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    Files.delete(out);
    Files.delete(script);
  }
}
