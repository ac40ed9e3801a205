package io.baton.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The JVM of a server's worker, as the manager has started it, for another program of ours.
 *
 * @param line its command line
 * @param directory that it runs in, which the names of its jars are relative to
 */
record WorkerJvm(List<String> line, Path directory) {
  static WorkerJvm of(Server server) throws IOException {
    long pid =
        server
            .manager()
            .children()
            .findFirst()
            .orElseThrow(() -> new BenchException("the server has no worker"))
            .pid();
    Path process = Path.of("/proc/" + pid);
    String line = Files.readString(process.resolve("cmdline"), StandardCharsets.UTF_8);
    return new WorkerJvm(List.of(line.split("\0")), Files.readSymbolicLink(process.resolve("cwd")));
  }

  /**
   * Returns the command line of the same JVM with that program.
   *
   * @param more options besides
   */
  List<String> command(Path home, List<String> more, Class<?> program, String... arguments) {
    int path = line.indexOf("-cp");
    List<String> command = new ArrayList<>(line.subList(0, path));
    command.add("-Dbaton.appender=STDOUT"); // the worker's log is the worker's
    command.add("-XX:AOTMode=off"); // its cache is for its own class path
    command.addAll(more);
    command.add("-cp");
    command.add(
        Stream.concat(
                Stream.of(line.get(path + 1).split(":")).map(directory::resolve),
                Stream.of(
                    home.resolve("bench/target/baton-bench.jar"),
                    home.resolve("bench/target/lib/*"))) // behind the worker's own
            .map(Path::toString)
            .collect(Collectors.joining(":")));
    command.add(program.getName());
    command.addAll(List.of(arguments));
    return command;
  }
}
