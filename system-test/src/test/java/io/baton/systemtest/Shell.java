package io.baton.systemtest;

import io.baton.testing.server.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/**
 * Runs commands to their end (the longest builds a release), none of which takes longer than {@link
 * #AT_MOST}.
 */
final class Shell {
  private static final Duration AT_MOST = Duration.ofMinutes(10);

  private Shell() {}

  static Command.Result run(String... command) throws IOException, InterruptedException {
    return run(Map.of(), List.of(command));
  }

  static Command.Result run(Map<String, String> environment, List<String> command)
      throws IOException, InterruptedException {
    return Command.run(environment, command, AT_MOST);
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
