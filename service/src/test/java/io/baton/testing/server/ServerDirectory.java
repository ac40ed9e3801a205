package io.baton.testing.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The directory of a server of one's own, which the real scripts of a tree start and stop:
 *
 * <pre>
 *   /tmp/NAME…/baton.conf  run/  log/
 * </pre>
 *
 * @param path the directory
 */
public record ServerDirectory(Path path) {

  /** Makes one, empty. */
  public static ServerDirectory create(String name) throws IOException {
    return new ServerDirectory(Files.createTempDirectory(name));
  }

  public Path conf() {
    return path.resolve("baton.conf");
  }

  public Path runDir() {
    return path.resolve("run");
  }

  public Path logDir() {
    return path.resolve("log");
  }

  /** Returns the lines of a configuration that say where it keeps its files. */
  public String settings() {
    return "run-dir = \"%s\"\n  log-dir = \"%s\"".formatted(runDir(), logDir());
  }

  /**
   * Returns the command line of a script.
   *
   * @param home the tree with the scripts
   */
  public List<String> command(Path home, String script, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(home.resolve("bin").resolve(script).toString());
    command.add("--conf");
    command.add(conf().toString());
    command.addAll(List.of(arguments));
    return command;
  }

  /** Deletes it with all that is in it. */
  public void delete() throws IOException {
    delete(path);
  }

  /** Deletes any directory with all that is in it. */
  public static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
