package io.baton.manager;

import io.baton.config.Settings;
import io.baton.posix.Fd;
import io.baton.posix.Frame;
import io.baton.posix.PosixException;
import io.baton.posix.SocketPair;
import io.baton.posix.Spawn;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A server in the background: a process of its own, in a session of its own, that reports once over
 * descriptor 3 whether it has started.
 *
 * <p>The report is one packet: a byte, {@code +} or {@code -}, and a text.
 */
final class Daemon {
  private static final int MAX_REPORT = 32 * 1024;
  private static final int REPORT_DESCRIPTOR = 3;
  private static final String OUTPUT = "manager.out";
  private static final String DIED = "the server's process ended without a word; ";

  /** The server logs elsewhere; what it prints is little, and not kept for ever. */
  private static final int MAX_OUTPUT = 1024 * 1024;

  /** A server lives long enough for the second compiler. */
  private static final String FOR_COMMANDS_ONLY = "-XX:TieredStopAtLevel=1";

  private Daemon() {}

  /**
   * Starts it and waits for its report.
   *
   * @return the summary
   * @throws Failure with the reason; nothing is left running then
   */
  static String start(Settings settings, Main.Where where) throws Failure {
    // A server that becomes another user opens the files in log-dir as that user, and not before.
    boolean drops = ServerStart.drop(settings).isNeeded();
    Path output = settings.server().logDir().resolve(OUTPUT);
    if (!drops) {
      Directories.takeLog(settings.server().logDir());
    }
    try {
      for (Path file : List.of(output, settings.server().logDir().resolve("manager.log"))) {
        if (Files.isSymbolicLink(file)) {
          throw new Failure(file + " is a link, and links are not followed there; remove it");
        }
      }
      long before = Files.exists(output) ? Files.size(output) : 0;
      if (before > MAX_OUTPUT) {
        Files.delete(output);
        before = 0;
      }
      SocketPair pair = SocketPair.open();
      try (Fd ours = pair.ours()) {
        try (Fd theirs = pair.theirs()) {
          new Spawn(
                  command(settings, where),
                  Spawn.inheritedEnvironment(),
                  theirs,
                  drops ? null : output,
                  Main.home()) // what the class path is relative to
              .start();
        }
        Frame frame = new Frame(MAX_REPORT);
        int n = frame.receiveWaiting(ours);
        String report =
            n > 0
                ? StandardCharsets.UTF_8.decode(frame.payload()).toString()
                : "-" + (drops ? DIED + "what it printed is above" : died(output, before));
        if (report.startsWith("+")) {
          return report.substring(1);
        }
        throw new Failure(report.substring(1));
      }
    } catch (PosixException e) {
      throw new Failure("the server's process cannot be started: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new Failure(
          "the log directory "
              + settings.server().logDir()
              + " cannot be used: "
              + RunDirectory.describe(e),
          e);
    }
  }

  /**
   * What a server printed that did not even report.
   *
   * @param from where its output begins; an earlier server's may be before, or one that still runs
   */
  private static String died(Path output, long from) throws IOException {
    byte[] all = Files.exists(output) ? Files.readAllBytes(output) : new byte[0];
    int start = (int) Math.min(from, all.length);
    return DIED
        + "its output is in "
        + output
        + ":\n"
        + new String(all, start, all.length - start, StandardCharsets.UTF_8).strip();
  }

  private static List<String> command(Settings settings, Main.Where where) throws Failure {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    // What the scripts gave this JVM, the server's gets too.
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.remove(FOR_COMMANDS_ONLY);
    command.add("-Dbaton.log=" + settings.server().logDir().resolve("manager.log"));
    command.add("-Dbaton.appender=FILE");
    command.add("-Dbaton.output=" + settings.server().logDir().resolve(OUTPUT));
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Main.class.getName());
    command.add("serve");
    command.add("--conf=" + where.file());
    where.overrides.forEach((key, value) -> command.add("-D" + key + "=" + value));
    return command;
  }

  /** The server's process: reports on descriptor 3, then runs to the server's end. */
  static int serve(Main.Where where, Path home) throws IOException {
    Fd report = Fd.owning(REPORT_DESCRIPTOR);
    try {
      Server.run(
          ServerStart.inBackground(where::read, OUTPUT),
          where::read,
          home,
          false,
          summary -> {
            boolean heard = report(report, '+', summary);
            report.release();
            return heard;
          });
      return 0;
    } catch (Failure e) {
      if (!report.isOpen()) {
        throw new IllegalStateException(e);
      }
      report(report, '-', String.valueOf(e.getMessage()));
      return Main.NOT_DONE;
    }
  }

  private static boolean report(Fd to, char kind, String text) {
    Frame frame = new Frame(MAX_REPORT);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    frame.payload().put((byte) kind).put(bytes, 0, Math.min(bytes.length, MAX_REPORT - 1));
    return frame.send(to, null) > 0;
  }
}
