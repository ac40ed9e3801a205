package io.baton.manager.process;

import io.baton.config.Settings;
import io.baton.posix.Fd;
import io.baton.posix.PosixException;
import io.baton.posix.Spawn;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The command that starts a worker, and where its output goes: in the foreground to ours, else to
 * {@code log/worker-SLOT.out}, of which one earlier copy is kept.
 */
public final class Launcher {
  private static final int MAX_LAST_WORDS = 400;
  private static final int TAIL_BYTES = 4_096;

  private final Settings settings;
  private final Path home;
  private final boolean foreground;
  private final List<String> environment;

  public Launcher(Settings settings, Path home, boolean foreground) {
    this.settings = settings;
    this.home = home;
    this.foreground = foreground;
    this.environment = Spawn.inheritedEnvironment();
  }

  /**
   * Starts a worker with this end of its pipe as descriptor 3.
   *
   * @return its process id
   */
  int start(int slot, Fd pipe) throws PosixException {
    return new Spawn(command(slot), environment, pipe, freshOutput(slot)).start();
  }

  private List<String> command(int slot) {
    String java = settings.worker().java();
    List<String> command = new ArrayList<>();
    command.add(java.isEmpty() ? System.getProperty("java.home") + "/bin/java" : java);
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-Dbaton.home=" + home);
    command.add("-Dbaton.log=" + settings.logDir().resolve("worker-" + slot + ".log"));
    command.add("-Dbaton.process=worker-" + slot);
    command.add("-Dbaton.appender=" + (foreground ? "STDOUT" : "FILE"));
    command.add("-Dlogback.configurationFile=" + home.resolve("conf/logback.xml"));
    command.addAll(settings.worker().javaOptions());
    command.add("-cp");
    command.add(home.resolve("lib/worker") + "/*");
    command.add("io.baton.worker.Main");
    return command;
  }

  private @Nullable Path freshOutput(int slot) {
    if (foreground) {
      return null;
    }
    Path output = output(slot);
    try {
      Files.createDirectories(settings.logDir()); // somebody may have cleaned up
      if (Files.exists(output)) {
        Files.move(
            output,
            output.resolveSibling(output.getFileName() + ".1"),
            StandardCopyOption.REPLACE_EXISTING);
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path output(int slot) {
    return settings.logDir().resolve("worker-" + slot + ".out");
  }

  /** The last line that the slot's worker printed, shortened; null if there is none to be had. */
  @Nullable String lastWords(int slot) {
    if (foreground) {
      return null;
    }
    try (var file = Files.newByteChannel(output(slot))) {
      file.position(Math.max(0, file.size() - TAIL_BYTES));
      var tail = ByteBuffer.allocate(TAIL_BYTES);
      file.read(tail);
      String text = new String(tail.array(), 0, tail.position(), StandardCharsets.UTF_8);
      String last = text.strip().lines().reduce("", (_, line) -> line).strip();
      return last.isEmpty() ? null : last.substring(0, Math.min(MAX_LAST_WORDS, last.length()));
    } catch (IOException _) {
      return null;
    }
  }
}
