package io.baton.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A command under way, without input. Its output goes through files, so that a process it leaves
 * behind cannot keep us waiting. Closing it kills it if it still runs. One thread.
 */
final class Command implements AutoCloseable {
  /** What a command left. */
  record Result(int exit, String out, String err) {
    /** The same, unless it failed. */
    Result orThrow(String what) {
      if (exit != 0) {
        throw new BenchException(
            what + " failed with exit status " + exit + ": " + (err + out).strip());
      }
      return this;
    }
  }

  private final List<String> command;
  private final Path out;
  private final Path err;
  private final Process process;

  private Command(List<String> command) throws IOException {
    this.command = command;
    out = Files.createTempFile("baton-bench-out", "");
    err = Files.createTempFile("baton-bench-err", "");
    try {
      process =
          new ProcessBuilder(command)
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
    } catch (IOException e) {
      Files.delete(out);
      Files.delete(err);
      throw e;
    }
  }

  /** Throws if there is no such command. */
  static Command start(List<String> command) throws IOException {
    return new Command(command);
  }

  boolean isRunning() {
    return process.isAlive();
  }

  /** Runs one to its end; one that takes longer than allowed is killed, which is a failure. */
  static Result run(List<String> command, Duration atMost)
      throws IOException, InterruptedException {
    return run(command, atMost, atMost, () -> {});
  }

  /** Runs one likewise, and does something every so often meanwhile. */
  static Result run(List<String> command, Duration atMost, Duration every, Runnable meanwhile)
      throws IOException, InterruptedException {
    try (Command running = start(command)) {
      return running.await(atMost, every, meanwhile);
    }
  }

  /** Waits for its end; throws if that does not come in time. */
  Result await(Duration atMost) throws IOException, InterruptedException {
    return await(atMost, atMost, () -> {});
  }

  private Result await(Duration atMost, Duration every, Runnable meanwhile)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (!process.waitFor(every.toNanos(), TimeUnit.NANOSECONDS)) {
      if (System.nanoTime() - deadline >= 0) {
        throw new BenchException(
            String.join(" ", command) + " did not end within " + atMost.toSeconds() + " s");
      }
      meanwhile.run();
    }
    return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    Files.delete(out);
    Files.delete(err);
  }
}
