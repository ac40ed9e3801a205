package io.baton.testing.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A command under way, without input. Its output goes through files, so that a process it leaves
 * behind cannot keep us waiting. Closing it kills it if it still runs. One thread.
 */
public final class Command implements AutoCloseable {

  /** What a command left. */
  public record Result(List<String> command, int exit, String out, String err) {
    /** Returns the same, unless it failed. */
    public Result orThrow(String what) {
      if (exit != 0) {
        throw new CommandException(
            what + " failed with exit status " + exit + ": " + (err + out).strip());
      }
      return this;
    }

    public List<String> errLines() {
      return err.lines().toList();
    }
  }

  private final List<String> command;
  private final Path out;
  private final Path err;
  private final Process process;

  private Command(Map<String, String> environment, List<String> command) throws IOException {
    this.command = command;
    out = Files.createTempFile("baton-out", "");
    err = Files.createTempFile("baton-err", "");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().putAll(environment);
      process = builder.start();
    } catch (IOException e) {
      Files.delete(out);
      Files.delete(err);
      throw e;
    }
  }

  /** Starts a command; throws if there is none of that name. */
  public static Command start(List<String> command) throws IOException {
    return new Command(Map.of(), command);
  }

  public boolean isRunning() {
    return process.isAlive();
  }

  /** Runs a command to its end. */
  public static Result run(List<String> command, Duration atMost)
      throws IOException, InterruptedException {
    return run(Map.of(), command, atMost);
  }

  /**
   * Runs a command to its end.
   *
   * @param environment is added to ours
   * @throws CommandException if it takes longer; it is killed
   */
  public static Result run(Map<String, String> environment, List<String> command, Duration atMost)
      throws IOException, InterruptedException {
    try (Command running = new Command(environment, command)) {
      return running.await(atMost);
    }
  }

  /** Runs a command likewise, and does something every so often meanwhile. */
  public static Result run(
      List<String> command, Duration atMost, Duration every, Runnable meanwhile)
      throws IOException, InterruptedException {
    try (Command running = start(command)) {
      return running.await(atMost, every, meanwhile);
    }
  }

  /** Waits for its end; throws if that does not come in time. */
  public Result await(Duration atMost) throws IOException, InterruptedException {
    return await(atMost, atMost, () -> {});
  }

  private Result await(Duration atMost, Duration every, Runnable meanwhile)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (!process.waitFor(every.toNanos(), TimeUnit.NANOSECONDS)) {
      if (System.nanoTime() - deadline >= 0) {
        throw new CommandException(
            "%s did not end within %d s; so far it said: %s"
                .formatted(
                    String.join(" ", command),
                    atMost.toSeconds(),
                    (Files.readString(err) + Files.readString(out)).strip()));
      }
      meanwhile.run();
    }
    return new Result(command, process.exitValue(), Files.readString(out), Files.readString(err));
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    Files.delete(out);
    Files.delete(err);
  }
}
