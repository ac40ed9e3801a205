package io.baton.manager;

import io.baton.config.Configuration;
import io.baton.config.ConfigurationException;
import io.baton.config.SettingsReader;
import io.baton.manager.fleet.StopMode;
import io.baton.posix.Processes;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import jnr.constants.platform.Signal;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * What the scripts in {@code bin/} run. Exit status: 0 done, 1 not done (standard error says why),
 * 2 the command line is wrong, 3 there is no server that could do it, and those of {@link Reply}.
 */
@Command(
    name = "baton",
    subcommands = {
      Main.Start.class,
      Main.Serve.class,
      Main.Stop.class,
      Main.Status.class,
      Main.Session.class,
      Main.Reload.class,
      Main.Recycle.class,
      Main.Scale.class,
      SessionsCommand.class,
      CheckCommand.class,
      LogsCommand.class,
      TopCommand.class,
      NewModule.class
    })
final class Main {
  static final int NOT_DONE = 1;
  static final int NO_SERVER = 3;

  private static final String JSON = " --json";

  /** What stands for bytes that are no text. */
  private static final char UNREADABLE = '\uFFFD';

  private static final long SOCKET_BACK_MS = 5_000;

  private Main() {}

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new Main());
    commandLine.setExecutionExceptionHandler((e, command, _) -> {
      int status =
          switch (e) {
            case NoServer _ -> NO_SERVER;
            case WrongCommand _ -> CommandLine.ExitCode.USAGE;
            default -> NOT_DONE;
          };
      if (!(e instanceof Failure)) {
        LoggerFactory.getLogger(Main.class).error("unexpected", e);
      }
      String message = e instanceof Failure ? e.getMessage() : e.toString();
      System.err.println("bin/" + command.getCommandName() + ": " + message);
      if (command.getParseResult().hasMatchedOption("--json")) {
        String name = command.getCommandName();
        System.out.print(CommandJson.failure(name, status, String.valueOf(message)));
      }
      return status;
    });
    for (CommandLine each : commandLine.getSubcommands().values()) {
      each.getCommandSpec()
          .versionProvider(() ->
              new String[] {
                "Baton "
                    + io.baton.manager.admin.Status.buildVersion()
                    + ", JDK "
                    + System.getProperty("java.vm.version")
              });
    }
    return commandLine;
  }

  /** Baton's own directory, which the scripts tell; they also go there. */
  static Path home() throws Failure {
    return path(Objects.requireNonNull(System.getProperty("baton.home"), "baton.home"));
  }

  /** The directory that the command was given in; it may be gone. */
  static Path directory() throws Failure {
    return path(System.getProperty("baton.directory", System.getProperty("user.dir")));
  }

  /** A path as the JVM was told, if that is the one that was meant. */
  static Path path(String text) throws Failure {
    if (text.indexOf(UNREADABLE) >= 0 || !isSayable(text)) {
      throw new Failure(
          "the path "
              + text
              + " has letters that this JVM cannot read: give it another name, or set LC_ALL to a"
              + " UTF-8 locale that this machine has (`locale -a`)");
    }
    return Path.of(text);
  }

  private static boolean isSayable(String text) {
    return Charset.forName(System.getProperty("sun.jnu.encoding")).newEncoder().canEncode(text);
  }

  /** What names the server that a command is about. */
  static final class Where {
    @Option(
        names = {"-h", "--help"},
        usageHelp = true,
        description = "Shows this help.")
    boolean help;

    @Option(
        names = "--version",
        versionHelp = true,
        description = "Shows the version of Baton and of the JDK.")
    boolean version;

    @Option(
        names = "--conf",
        paramLabel = "FILE",
        description = "The configuration file; default: conf/baton.conf.")
    @Nullable Path file;

    @Option(
        names = "-D",
        paramLabel = "KEY=VALUE",
        description = "Overrides a key of the configuration, for example -Dbaton.workers=4.")
    Map<String, String> overrides = new LinkedHashMap<>();

    Path file() throws Failure {
      return file == null
          ? home().resolve("conf/baton.conf")
          : directory().resolve(path(file.toString()));
    }

    Configuration read() throws Failure {
      try {
        return SettingsReader.read(file(), overrides, home());
      } catch (ConfigurationException e) {
        throw mistakes(e);
      }
    }

    /** Of a server that may run with what the file said before somebody made a mistake in it. */
    Path runDir() throws Failure {
      try {
        return SettingsReader.runDir(file(), overrides, home());
      } catch (ConfigurationException e) {
        throw mistakes(e);
      }
    }

    private static Failure mistakes(ConfigurationException e) {
      return mistakes(e.complaints(), e);
    }

    static Failure mistakes(List<String> complaints, @Nullable Throwable cause) {
      int n = complaints.size();
      return new Failure(
          (n == 1 ? "" : "the configuration has " + n + " mistakes:\n  ")
              + String.join("\n  ", complaints),
          cause);
    }
  }

  @Command(
      name = "start",
      customSynopsis = "bin/start [--foreground] [--conf FILE] [-DKEY=VALUE ...]",
      description = "Starts the server; returns when all workers are ready.")
  static final class Start implements Callable<Integer> {
    @Mixin Where where = new Where();

    @Option(
        names = "--foreground",
        description = {
          "Stays in the foreground, logs to standard output and stops",
          "gracefully on SIGTERM."
        })
    boolean foreground;

    @Override
    public Integer call() throws Failure {
      if (foreground) {
        Server.run(
            ServerStart.inForeground(where::read),
            where::read,
            home(),
            true,
            summary -> {
              System.out.print(summary);
              return true;
            });
      } else {
        System.out.print(Daemon.start(where.read().settings(), where));
      }
      return 0;
    }
  }

  @Command(name = "serve", hidden = true, description = "Runs the server itself; start uses it.")
  static final class Serve implements Callable<Integer> {
    @Mixin Where where = new Where();

    @Override
    public Integer call() throws IOException, Failure {
      return Daemon.serve(where, home());
    }
  }

  @Command(
      name = "stop",
      customSynopsis = "bin/stop [--now | --drain] [--json] [--conf FILE] [-DKEY=VALUE ...]",
      description = {
        "Stops the server. Accepted requests are answered first, for at most",
        "drain-timeout."
      })
  static final class Stop implements Callable<Integer> {
    @Mixin Where where = new Where();

    @Option(names = "--json", description = "Prints the result as JSON.")
    boolean json;

    @Option(names = "--now", description = "Stops at once and closes all connections.")
    boolean now;

    @Option(
        names = "--drain",
        description = {
          "Tells clients whose sessions outlive their connections to come back to",
          "another machine of the cluster, and waits, for at most drain-timeout, until",
          "such machines have taken the sessions; prints what has become of them."
        })
    boolean drain;

    @Override
    public Integer call() throws Failure {
      if (now && drain) {
        throw new WrongCommand("--now and --drain exclude each other");
      }
      StopMode mode = now ? StopMode.NOW : drain ? StopMode.DRAIN : StopMode.GRACEFUL;
      System.out.print(control(where).stop(mode, json ? JSON : ""));
      return 0;
    }
  }

  @Command(
      name = "status",
      customSynopsis = "bin/status [--json] [--conf FILE] [-DKEY=VALUE ...]",
      description = "Shows listeners, workers and totals.")
  static final class Status implements Callable<Integer> {
    @Mixin Where where = new Where();

    @Option(names = "--json", description = "Prints the status as JSON.")
    boolean json;

    @Override
    public Integer call() throws Failure {
      return print(control(where).ask(json ? "status --json" : "status"));
    }
  }

  @Command(
      name = "session",
      customSynopsis = "bin/session [--json] [--conf FILE] [-DKEY=VALUE ...] ID",
      description = {
        "Shows one session: where it is, what it is doing and what is under way in it.",
        "Exit status 1: no worker has it, or standard error says which did not answer."
      })
  static final class Session implements Callable<Integer> {
    @Mixin Where where = new Where();

    @Option(names = "--json", description = "Prints the session as JSON.")
    boolean json;

    @Parameters(
        arity = "1",
        paramLabel = "ID",
        description = "The session's number, its id, 32 hexadecimal digits, or its key.")
    String id = "";

    @Override
    public Integer call() throws Failure {
      return print(control(where).ask("session " + id + (json ? " --json" : "")));
    }
  }

  @Command(
      name = "reload",
      customSynopsis = "bin/reload [--abort] [--json] [--conf FILE] [-DKEY=VALUE ...]",
      description = {
        "Switches to the configuration and the jars as they are on disk now, without",
        "closing a connection; returns when all former workers have ended. If the",
        "reload fails, or the new workers cannot continue the first sessions, the",
        "former workers continue to serve. While a reload waits for former workers to",
        "end, another one may begin; the first one then ends.",
        "",
        "Exit status: 0 done; 1 not done, the former workers continue to serve;",
        "2 wrong command line; 3 no server is running; 4 done, but some sessions could",
        "not go on in the new workers: standard output says how many and why;",
        "5 superseded by another reload.",
        "",
        "The options only select the server. The server reads the file that it was",
        "started with, with the same -D options."
      })
  static final class Reload implements Callable<Integer> {
    @Mixin Where where = new Where();

    @Option(names = "--json", description = "Prints the result as JSON.")
    boolean json;

    @Option(
        names = "--abort",
        description = {
          "Undoes the reload that is under way: the former workers serve",
          "again, and connections that have moved go back to them."
        })
    boolean abort;

    @Override
    public Integer call() throws Failure {
      OptionalInt holder = holderWithoutSocket(where);
      if (holder.isPresent()) {
        makeSocketAgain(holder.getAsInt(), socket(where));
      }
      return print(control(where).ask((abort ? "reload --abort" : "reload") + (json ? JSON : "")));
    }
  }

  @Command(
      name = "recycle",
      customSynopsis = "bin/recycle [--json] [--conf FILE] [-DKEY=VALUE ...] [SLOT]",
      description = {
        "Replaces all workers, or the one in a slot, by fresh ones, without closing",
        "a connection."
      })
  static final class Recycle implements Callable<Integer> {
    @Mixin Where where = new Where();

    @Option(names = "--json", description = "Prints the result as JSON.")
    boolean json;

    @Parameters(
        arity = "0..1",
        paramLabel = "SLOT",
        description = "Replaces only the worker in this slot.")
    @Nullable Integer slot;

    @Override
    public Integer call() throws Failure {
      return print(
          control(where).ask("recycle" + (slot == null ? "" : " " + slot) + (json ? JSON : "")));
    }
  }

  @Command(
      name = "scale",
      customSynopsis = "bin/scale [--json] [--conf FILE] [-DKEY=VALUE ...] N",
      description = {
        "Starts or ends workers until there are N of them, without closing a",
        "connection. The next reload restores the number in the configuration."
      })
  static final class Scale implements Callable<Integer> {
    @Mixin Where where = new Where();

    @Option(names = "--json", description = "Prints the result as JSON.")
    boolean json;

    @Parameters(arity = "1", paramLabel = "N", description = "The number of workers, 1 to 256.")
    int workers;

    @Override
    public Integer call() throws Failure {
      return print(control(where).ask("scale " + workers + (json ? JSON : "")));
    }
  }

  static int print(Reply reply) {
    System.out.print(reply.text());
    return reply.status();
  }

  static Control control(Where where) throws Failure {
    Path socket = socket(where);
    OptionalInt holder = holderWithoutSocket(where);
    if (holder.isPresent()) {
      throw new Failure(
          "the server runs as pid %d, but its %s has vanished; bin/reload makes it again"
              .formatted(holder.getAsInt(), socket));
    }
    if (!Files.exists(socket)) {
      throw new NoServer("no server is running (there is no " + socket + ")", null);
    }
    return new Control(socket);
  }

  /** The process of a server that runs and whose socket has vanished. */
  private static OptionalInt holderWithoutSocket(Where where) throws Failure {
    return Files.exists(socket(where)) ? OptionalInt.empty() : RunDirectory.holder(where.runDir());
  }

  private static void makeSocketAgain(int pid, Path socket) {
    Processes.kill(pid, Signal.SIGUSR1);
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SOCKET_BACK_MS);
    while (!Files.exists(socket) && System.nanoTime() < end) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
  }

  private static Path socket(Where where) throws Failure {
    try {
      return where.runDir().resolve("admin.sock");
    } catch (Failure e) {
      throw new Failure(
          e.getMessage() + "\nso its run-dir is not known; a running server is not affected", e);
    }
  }
}
