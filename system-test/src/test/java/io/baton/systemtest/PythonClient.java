package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A client that nobody here wrote: Python's {@code ssl} and {@code http.client}, in a script that
 * talks on one connection all the time, compares what comes back, and counts.
 */
final class PythonClient implements AutoCloseable {
  private static final String SCRIPT = "tls-client.py";

  private final Process process;
  private final AtomicLong rounds = new AtomicLong();
  private volatile String last = "";

  /**
   * @param kind {@code echo}, or {@code https} for the service {@code upload}
   * @param directory for the script
   */
  PythonClient(String kind, int port, String authority, Path directory) throws IOException {
    Path script = directory.resolve(SCRIPT);
    try (InputStream content =
        Objects.requireNonNull(PythonClient.class.getResourceAsStream(SCRIPT))) {
      Files.copy(content, script, StandardCopyOption.REPLACE_EXISTING);
    }
    process =
        new ProcessBuilder("python3", script.toString(), kind, Integer.toString(port), authority)
            .redirectErrorStream(true)
            .start();
    Thread.ofPlatform().daemon().name("python").start(this::hear);
  }

  private void hear() {
    try (BufferedReader says = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line; (line = says.readLine()) != null; ) {
        if (line.equals("round")) {
          rounds.incrementAndGet();
        } else {
          last = line;
        }
      }
    } catch (IOException e) {
      last = e.toString();
    }
  }

  /** Waits until it was answered what it says from now on. */
  void awaitRounds() {
    long before = rounds.get();
    Wait.until(
        "more rounds of python's client",
        () -> {
          assertThat(process.isAlive()).as("it runs; it said: " + last).isTrue();
          return rounds.get() > before + 1;
        });
  }

  /** Has it finish its round and leave; it has met nothing that was wrong. */
  void finish() throws IOException, InterruptedException {
    process.getOutputStream().close();
    assertThat(process.waitFor()).as(last).isZero();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
