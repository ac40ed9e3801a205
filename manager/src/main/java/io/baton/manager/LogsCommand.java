package io.baton.manager;

import io.baton.config.ConfigurationException;
import io.baton.config.SettingsReader;
import io.baton.manager.logs.LogEntry;
import io.baton.manager.logs.Logs;
import io.baton.manager.text.Ages;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.SortedSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command that shows the logs of manager and workers together. */
@Command(
    name = "logs",
    customSynopsis = {
      "bin/logs [-f] [--worker SLOT | --manager] [--level LEVEL]",
      "                [--since AGE] [--lines N] [--conf FILE] [-DKEY=VALUE ...]"
    },
    description = {
      "Shows the last entries of the logs of the manager and of all workers, merged by",
      "time. It reads the files in log-dir, and needs no server.",
      "",
      "Exit status: 0 done; 1 there are no files, or they cannot be read; 2 wrong",
      "command line."
    })
final class LogsCommand implements Callable<Integer> {
  private static final int DEFAULT_LINES = 100;
  private static final long POLL_MS = 200;

  @Mixin Main.Where where = new Main.Where();

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  CommandSpec spec;

  @Option(
      names = {"-f", "--follow"},
      description =
          "Goes on with what is logged from now on, also by new workers and after a rotation, until"
              + " it is interrupted.")
  boolean follow;

  @Option(names = "--worker", paramLabel = "SLOT", description = "Only the log of this slot.")
  @Nullable Integer slot;

  @Option(names = "--manager", description = "Only the manager's log.")
  boolean manager;

  @Option(
      names = "--level",
      paramLabel = "LEVEL",
      description = "Only entries that are at least this important: info, warn, error.")
  String level = "trace";

  @Option(
      names = "--since",
      paramLabel = "AGE",
      description = "All entries that are not older: 90s, 10m, 2h, 1d.")
  @Nullable String since;

  @Option(
      names = {"-n", "--lines"},
      paramLabel = "N",
      description =
          "At most so many entries of what is there, the last ones; default: 100, or all with"
              + " --since.")
  @Nullable Integer lines;

  @Override
  public Integer call() throws Failure, InterruptedException {
    Logs.Query query = query();
    Path directory = directory();
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    try (Logs logs = new Logs(directory, query)) {
      if (!follow && !logs.areThere()) {
        requireSlot(logs, directory);
        throw new Failure(
            "there are no log files %sin %s; a server in the foreground logs to its standard output"
                .formatted(
                    query.process().isEmpty() ? "" : "of " + query.process() + " ", directory));
      }
      int last = lines != null ? lines : since == null ? DEFAULT_LINES : Integer.MAX_VALUE;
      logs.read(last, entry -> print(entry, out));
      // An error means that nobody reads any more.
      while (!out.checkError() && follow) {
        Thread.sleep(POLL_MS);
        logs.poll(entry -> print(entry, out));
      }
      return 0;
    } catch (IOException e) {
      throw new Failure(RunDirectory.describe(e), e);
    }
  }

  /** If other workers have logs, there is no such slot. */
  private void requireSlot(Logs logs, Path directory) throws IOException {
    SortedSet<Integer> all = logs.slots();
    if (slot != null && !all.isEmpty()) {
      String slots = all.stream().map(Object::toString).collect(Collectors.joining(", "));
      throw wrong(
          "--worker: found %d, allowed %s: these have logs in %s".formatted(slot, slots, directory),
          null);
    }
  }

  private static void print(LogEntry entry, PrintStream out) {
    out.print(entry.text() + "\n");
  }

  private Logs.Query query() {
    if (slot != null && manager) {
      throw wrong("--worker and --manager exclude each other", null);
    }
    if (lines != null && lines < 0) {
      throw wrong("lines: found %d, allowed 0 or more".formatted(lines), null);
    }
    try {
      Instant from = since == null ? Instant.MIN : Instant.now().minusMillis(Ages.millis(since));
      String process = manager ? "manager" : slot == null ? "" : "worker-" + slot;
      return new Logs.Query(process, LogEntry.Level.parse(level), from);
    } catch (IllegalArgumentException e) {
      throw wrong(e.getMessage(), e);
    }
  }

  private ParameterException wrong(@Nullable String what, @Nullable Throwable cause) {
    return new ParameterException(spec.commandLine(), what, cause);
  }

  private Path directory() throws Failure {
    try {
      return SettingsReader.logDir(where.file(), where.overrides, Main.home());
    } catch (ConfigurationException e) {
      throw Main.Where.mistakes(e.complaints(), e);
    }
  }
}
