package io.baton.manager.process;

import io.baton.config.Settings;
import io.baton.posix.Account;
import io.baton.posix.Errno;
import io.baton.posix.Fd;
import io.baton.posix.PosixException;
import io.baton.posix.Spawn;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The command that starts a worker of one generation. */
public final class Launcher {
  /**
   * Number of this machine among those of a cluster, for as long as this manager runs: two servers
   * whose files are copies of each other have different ones.
   */
  private static final long MACHINE = new SecureRandom().nextLong();

  /**
   * Netty would follow some buffers, to complain if one is never released. However few it follows,
   * they are of another class than the rest, and what is compiled for buffers of two classes takes
   * longer. Who looks for a leak turns it on in {@code java-options}, which come later.
   */
  private static final String NO_LEAK_DETECTION = "-Dio.netty.leakDetection.level=disabled";

  /**
   * Buffers come from chunks of 2 MiB at most, and of what is free no more than a little is kept
   * for each of their sizes: by default it could be more than all the memory that a worker has.
   * (Each thread keeps its own all the same: a worker has one event loop, and what that keeps is
   * all there is.)
   */
  private static final List<String> SMALL_POOLS =
      List.of(
          "-Dio.netty.allocator.lowMemory=true",
          "-Dio.netty.allocator.disableThreadLocalMagazinesOnLowMemory=false",
          "-Dio.netty.allocator.threadLocalChunkCacheMaxBytes=1048576",
          "-Dio.netty.allocator.threadLocalChunkCacheMinBytes=262144");

  /**
   * Netty takes and counts its direct memory by itself. The JVM's own way would, when there is no
   * more, sleep for half a second on the event loop before it said so.
   */
  private static final List<String> MEMORY_BY_NETTY =
      List.of(
          "--add-opens=java.base/java.nio=ALL-UNNAMED",
          "-Dio.netty.tryReflectionSetAccessible=true");

  /**
   * Signals that are meant for the manager, or for nobody, and that whoever signals all processes
   * of a unit sends to workers, too: ignored from a worker's first moment on, which posix_spawn
   * cannot do. Once it is up, the worker decides ({@code io.baton.worker.Signals}).
   */
  private static final String IGNORING_SIGNALS =
      "trap '' HUP INT TERM USR1 ALRM VTALRM PROF IO PWR; exec \"$0\" \"$@\"";

  private final Settings settings;
  private final Path home;
  private final GenerationFiles files;
  private final boolean foreground;
  private final WorkerEnvironment environment;

  /**
   * @param foreground workers log to their standard output, not to files
   */
  public Launcher(Settings settings, Path home, GenerationFiles files, boolean foreground) {
    this.settings = settings;
    this.home = home;
    this.files = files;
    this.foreground = foreground;
    this.environment =
        WorkerEnvironment.of(
            environment(settings.server().user()), settings.worker().start().environment());
  }

  /** This process's own; HOME may be that of the user who has started it. */
  private static Map<String, String> environment(String user) {
    Map<String, String> environment = new HashMap<>(System.getenv());
    Account account = user.isEmpty() ? null : Account.named(user);
    if (account != null) {
      environment.putAll(account.environment());
    }
    return environment;
  }

  /** What the workers have of this process's environment. */
  public WorkerEnvironment environment() {
    return environment;
  }

  /**
   * Starts a worker with this end of its pipe as descriptor 3.
   *
   * @param output what it prints is appended to; null: to our own
   * @return its process id
   */
  int start(int slot, Fd pipe, @Nullable Path output) throws PosixException {
    List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", IGNORING_SIGNALS));
    command.addAll(command(slot, output));
    return new Spawn(command, environment.entries(), pipe, output, settings.server().runDir())
        .start();
  }

  /** The JVM's command. What it names of its generation is relative to the run directory. */
  private List<String> command(int slot, @Nullable Path output) throws PosixException {
    List<String> command = new ArrayList<>();
    command.add(java());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-Dbaton.home=" + home);
    command.add("-Dbaton.modules=" + files.modules());
    command.add("-Dbaton.machine=" + Long.toHexString(MACHINE));
    command.add("-Dbaton.log=" + settings.server().logDir().resolve("worker-" + slot + ".log"));
    command.add("-Dbaton.process=worker-" + slot);
    command.add("-XX:ErrorFile=" + crashReport(slot));
    command.add("-Dbaton.appender=" + (foreground ? "STDOUT" : "FILE"));
    if (output != null) {
      command.add("-Dbaton.output=" + output);
    }
    // Their native libraries are beside the jars; else they would be unpacked to /tmp, which may be
    // read-only or noexec, at every start.
    command.add("-Djffi.boot.library.path=" + files.lib());
    command.add("-Djava.library.path=" + files.lib());
    command.add("-Dlogback.configurationFile=" + home.resolve("conf/logback.xml"));
    if (settings.worker().start().javaOptions().stream().noneMatch(Launcher::isAboutSharing)) {
      files.aotCache().ifPresent(cache -> command.add("-XX:AOTCache=" + cache));
    }
    command.add(NO_LEAK_DETECTION);
    command.addAll(SMALL_POOLS);
    command.addAll(MEMORY_BY_NETTY);
    command.addAll(settings.worker().start().javaOptions());
    command.add("-cp");
    command.add(files.classPath());
    command.add("io.baton.worker.Main");
    return command;
  }

  /** The JVM puts its process id in place of %p. */
  private String crashReport(int slot) {
    String logDir = settings.server().logDir().toString().replace("%", "%%");
    return logDir + "/hs_err-worker-" + slot + "-%p.log";
  }

  /**
   * The command is looked for here: the shell's word for it would be in the worker's output only.
   */
  private String java() throws PosixException {
    String configured = settings.worker().start().java();
    String java = configured.isEmpty() ? System.getProperty("java.home") + "/bin/java" : configured;
    if (!Files.isExecutable(Path.of(java))) {
      int errno = Files.exists(Path.of(java)) ? Errno.EACCES : Errno.ENOENT;
      throw new PosixException("posix_spawn " + java, errno);
    }
    return java;
  }

  /** The JVM takes one kind of cache only, and does not start with two. */
  private static boolean isAboutSharing(String option) {
    return option.startsWith("-Xshare")
        || option.startsWith("-XX:SharedArchiveFile")
        || option.startsWith("-XX:AOT");
  }
}
