package io.baton.manager.process;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
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

  /** What is in {@link #lib}, in the order of the names. */
  private final List<Path> pinned;

  private final List<ModuleVersion> versions;

  private boolean removed;

  private GenerationFiles(Path directory, List<Path> pinned, List<ModuleVersion> versions) {
    this.directory = directory;
    this.pinned = pinned;
    this.versions = List.copyOf(versions);
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
    Path directory = runDir.resolve(PREFIX + generation);
    try {
      removeTree(directory);
      List<Path> pinned = copy(lib, "*.{jar,aot}", directory.resolve("lib"));
      Path copies = directory.resolve("modules");
      List<ModuleVersion> versions = new ArrayList<>();
      if (Files.isDirectory(modules)) {
        for (Path jar : copy(modules, "*.jar", copies)) {
          versions.add(ModuleVersion.of(jar));
        }
      } else {
        Files.createDirectories(copies);
      }
      return new GenerationFiles(directory, pinned, versions);
    } catch (IOException e) {
      removeOrWarn(directory);
      throw e;
    }
  }

  /** Returns the copies, in the order of their names. */
  private static List<Path> copy(Path from, String which, Path to) throws IOException {
    Files.createDirectories(to);
    List<Path> copies = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(from, which)) {
      for (Path file : files) {
        Path copy = to.resolve(Objects.requireNonNull(file.getFileName()));
        // The time, too: the JVM asks whether the jars are the ones that the cache was made with.
        copies.add(Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES));
      }
    }
    Collections.sort(copies);
    return copies;
  }

  public Path lib() {
    return directory.resolve("lib");
  }

  /** The workers' own jars, in the order of their names, which is the order in its AOT cache. */
  String classPath() {
    return pinned.stream()
        .map(Path::toString)
        .filter(name -> name.endsWith(".jar"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** What {@code worker/train} has made. */
  Optional<Path> aotCache() {
    return pinned.stream().filter(file -> file.endsWith("worker.aot")).findFirst();
  }

  public Path modules() {
    return directory.resolve("modules");
  }

  /** What is in {@link #modules}, in the order of the names. */
  public List<ModuleVersion> versions() {
    return versions;
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
