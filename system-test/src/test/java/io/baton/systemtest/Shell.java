package io.baton.systemtest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Runs commands to their end. */
final class Shell {
  private static final int TIMEOUT_MINUTES = 3;

  private Shell() {}

  /** What a command left. */
  record Result(List<String> command, int exit, String out, String err) {
    List<String> errLines() {
      return err.lines().toList();
    }
  }

  static Result run(String... command) throws IOException, InterruptedException {
    return run(Map.of(), List.of(command));
  }

  /**
   * Runs a command without input. Its output goes through files, so that a process it leaves behind
   * cannot keep us waiting.
   */
  static Result run(Map<String, String> environment, List<String> command)
      throws IOException, InterruptedException {
    Path out = Files.createTempFile("baton-out", "");
    Path err = Files.createTempFile("baton-err", "");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().putAll(environment);
      Process process = builder.start();
      if (!process.waitFor(TIMEOUT_MINUTES, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new AssertionError(
            command
                + " does not end; so far it said:\n"
                + Files.readString(out)
                + Files.readString(err));
      }
      return new Result(command, process.exitValue(), Files.readString(out), Files.readString(err));
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }

  /** Skips the test, visibly, where the machine lacks a tool it cannot do without. */
  static void need(String test, String tool) {
    boolean there =
        Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":", -1))
            .anyMatch(dir -> Files.isExecutable(Path.of(dir, tool)));
    if (!there) {
      String line = "SKIPPED: " + test + " needs " + tool;
      System.out.println(line);
      Assumptions.abort(line);
    }
  }
}
