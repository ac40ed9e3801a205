package io.baton.manager.process;

import io.baton.config.Settings;
import io.baton.posix.Fd;
import io.baton.posix.PosixException;
import io.baton.posix.Spawn;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The command that starts a worker of one generation. */
public final class Launcher {
  /**
   * Netty would follow some buffers, to complain if one is never released. However few it follows,
   * they are of another class than the rest, and what is compiled for buffers of two classes takes
   * longer. Who looks for a leak turns it on in {@code java-options}, which come later.
   */
  private static final String NO_LEAK_DETECTION = "-Dio.netty.leakDetection.level=disabled";

  /**
   * Buffers come from chunks of 2 MiB at most, and of what is free no more than a little is kept for
   * each of their sizes: by default it could be more than all the memory that a worker has. (Each
   * thread keeps its own all the same: a worker has one event loop, and what that keeps is all there
   * is.)
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

  private final Settings settings;
  private final Path home;
  private final GenerationFiles files;
  private final boolean foreground;
  private final List<String> environment = Spawn.inheritedEnvironment();

  /**
   * @param foreground workers log to their standard output, not to files
   */
  public Launcher(Settings settings, Path home, GenerationFiles files, boolean foreground) {
    this.settings = settings;
    this.home = home;
    this.files = files;
    this.foreground = foreground;
  }

  /**
   * Starts a worker with this end of its pipe as descriptor 3.
   *
   * @param output what it prints is appended to; null: to our own
   * @return its process id
   */
  int start(int slot, Fd pipe, @Nullable Path output) throws PosixException {
    return new Spawn(command(slot), environment, pipe, output).start();
  }

  private List<String> command(int slot) {
    String java = settings.worker().java();
    List<String> command = new ArrayList<>();
    command.add(java.isEmpty() ? System.getProperty("java.home") + "/bin/java" : java);
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-Dbaton.home=" + home);
    command.add("-Dbaton.modules=" + files.modules());
    command.add("-Dbaton.log=" + settings.logDir().resolve("worker-" + slot + ".log"));
    command.add("-Dbaton.process=worker-" + slot);
    command.add("-Dbaton.appender=" + (foreground ? "STDOUT" : "FILE"));
    command.add("-Dlogback.configurationFile=" + home.resolve("conf/logback.xml"));
    if (settings.worker().javaOptions().stream().noneMatch(Launcher::isAboutSharing)) {
      files.aotCache().ifPresent(cache -> command.add("-XX:AOTCache=" + cache));
    }
    command.add(NO_LEAK_DETECTION);
    command.addAll(SMALL_POOLS);
    command.addAll(MEMORY_BY_NETTY);
    command.addAll(settings.worker().javaOptions());
    command.add("-cp");
    command.add(files.classPath());
    command.add("io.baton.worker.Main");
    return command;
  }

  /** The JVM takes one kind of cache only, and does not start with two. */
  private static boolean isAboutSharing(String option) {
    return option.startsWith("-Xshare")
        || option.startsWith("-XX:SharedArchiveFile")
        || option.startsWith("-XX:AOT");
  }
}
