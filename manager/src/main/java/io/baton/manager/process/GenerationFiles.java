package io.baton.manager.process;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The jars that the workers of one generation run from. They are copies, made before its first
 * worker starts: a file that is replaced on disk, or written over in place, reaches no worker of a
 * generation that was there before.
 *
 * <pre>
 *   run/generation-3/lib/      copies of lib/worker/*.jar, and of its AOT cache if there is one
 *   run/generation-3/modules/  copies of modules-dir/*.jar
 * </pre>
 *
 * <p>Copying and removing take their time: neither is for the manager's thread.
 */
public final class GenerationFiles {
  private static final Logger log = LoggerFactory.getLogger(GenerationFiles.class);
  private static final String PREFIX = "generation-";

  private final Path directory;
  private boolean removed;

  private GenerationFiles(Path directory) {
    this.directory = directory;
  }

  /**
   * Copies the jars.
   *
   * @param lib the workers' own; must be there
   * @param modules may be missing: no modules then
   * @throws IOException if that cannot be done; nothing is left of it then
   */
  public static GenerationFiles pin(Path runDir, int generation, Path lib, Path modules)
      throws IOException {
    GenerationFiles files = new GenerationFiles(runDir.resolve(PREFIX + generation));
    try {
      removeTree(files.directory);
      copy(lib, "*.{jar,aot}", files.lib());
      if (Files.isDirectory(modules)) {
        copy(modules, "*.jar", files.modules());
      } else {
        Files.createDirectories(files.modules());
      }
      return files;
    } catch (IOException e) {
      files.remove();
      throw e;
    }
  }

  private static void copy(Path from, String which, Path to) throws IOException {
    Files.createDirectories(to);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(from, which)) {
      for (Path file : files) {
        Path copy = to.resolve(Objects.requireNonNull(file.getFileName()));
        // The time, too: the JVM asks whether the jars are the ones that the cache was made with.
        Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  public Path lib() {
    return directory.resolve("lib");
  }

  /** The workers' own jars, in the order of their names, which is the order in its AOT cache. */
  String classPath() {
    try (Stream<Path> files = Files.list(lib())) {
      return files
          .map(Path::toString)
          .filter(name -> name.endsWith(".jar"))
          .sorted()
          .collect(Collectors.joining(File.pathSeparator));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What {@code worker/train} has made. */
  Optional<Path> aotCache() {
    return Optional.of(lib().resolve("worker.aot")).filter(Files::exists);
  }

  public Path modules() {
    return directory.resolve("modules");
  }

  /** Removes them; for the first time only, since the number may be another's afterwards. */
  public synchronized void remove() {
    if (!removed) {
      removed = true;
      removeOrWarn(directory);
    }
  }

  /** Removes those of all generations, as an earlier server may have left them. */
  public static void removeAll(Path runDir) {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(runDir, PREFIX + "*")) {
      all.forEach(GenerationFiles::removeOrWarn);
    } catch (IOException e) {
      log.warn("the files of former generations in {} stay: {}", runDir, e.toString());
    }
  }

  private static void removeOrWarn(Path directory) {
    try {
      removeTree(directory);
    } catch (IOException e) {
      log.warn("{} could not be removed: {}", directory, e.toString());
    }
  }

  private static void removeTree(Path directory) throws IOException {
    List<Path> deepestFirst;
    try (Stream<Path> all = Files.walk(directory)) {
      deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
    } catch (NoSuchFileException _) {
      return;
    }
    for (Path path : deepestFirst) {
      Files.deleteIfExists(path);
    }
  }
}
