package io.baton.manager.process;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
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
 *   run/generation-3/lib/      copies of lib/worker/*.jar, its native libraries and its AOT cache
 *   run/generation-3/modules/  copies of modules-dir/*.jar
 * </pre>
 *
 * <p>Each copy is also kept open, so that it can be written again, byte for byte, if somebody
 * deletes it: what it was made from may be another version by then.
 *
 * <p>Copying and removing take their time: neither is for the manager's thread.
 */
public final class GenerationFiles {
  private static final Logger log = LoggerFactory.getLogger(GenerationFiles.class);
  private static final String PREFIX = "generation-";

  private final Path runDir;
  private final Path directory;

  /** What is in {@link #lib}, in the order of the names. */
  private final List<Copy> lib;

  private final List<Copy> modules;
  private final List<ModuleVersion> versions;
  private volatile boolean removed;

  /** A copy that is kept open, and when what it was made from was changed last. */
  private record Copy(Path path, FileChannel bytes, FileTime time) {
    static Copy of(Path file, Path to) throws IOException {
      Path path = to.resolve(Objects.requireNonNull(file.getFileName()));
      // The time, too: the JVM asks whether the jars are the ones that the cache was made with.
      Files.copy(file, path, StandardCopyOption.COPY_ATTRIBUTES);
      return new Copy(
          path,
          FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS),
          Files.getLastModifiedTime(path));
    }

    boolean isThere() {
      return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    /** Appears under its name with all of its bytes. */
    void restore() throws IOException {
      Path part = path.resolveSibling(path.getFileName() + ".part");
      Files.deleteIfExists(part);
      try (FileChannel to =
          FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        for (long done = 0; done < bytes.size(); ) {
          done += bytes.transferTo(done, bytes.size() - done, to);
        }
      }
      Files.setLastModifiedTime(part, time);
      Files.move(part, path, StandardCopyOption.ATOMIC_MOVE);
    }

    void close() {
      try {
        bytes.close();
      } catch (IOException e) {
        log.warn("closing {}: {}", path, e.toString());
      }
    }
  }

  private GenerationFiles(
      Path runDir,
      Path directory,
      List<Copy> lib,
      List<Copy> modules,
      List<ModuleVersion> versions) {
    this.runDir = runDir;
    this.directory = directory;
    this.lib = lib;
    this.modules = modules;
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
    List<Copy> libs = new ArrayList<>();
    List<Copy> mods = new ArrayList<>();
    try {
      removeTree(directory);
      copy(lib, "*.{jar,aot,so}", directory.resolve("lib"), libs);
      Path to = Files.createDirectories(directory.resolve("modules"));
      List<ModuleVersion> versions = new ArrayList<>();
      if (Files.isDirectory(modules)) {
        copy(modules, "*.jar", to, mods);
        for (Copy each : mods) {
          versions.add(ModuleVersion.of(each.path));
        }
      }
      return new GenerationFiles(runDir, directory, libs, mods, versions);
    } catch (IOException e) {
      libs.forEach(Copy::close);
      mods.forEach(Copy::close);
      removeOrWarn(directory);
      throw e;
    }
  }

  /** Adds the copies in the order of their names. */
  private static void copy(Path from, String which, Path to, List<Copy> copies) throws IOException {
    Files.createDirectories(to);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(from, which)) {
      for (Path file : files) {
        copies.add(Copy.of(file, to));
      }
    }
    copies.sort(Comparator.comparing(Copy::path));
  }

  /** Whether a worker can start from them. */
  boolean areThere() {
    return all().allMatch(Copy::isThere) && Files.isDirectory(modules());
  }

  private Stream<Copy> all() {
    return Stream.concat(lib.stream(), modules.stream());
  }

  public boolean isRemoved() {
    return removed;
  }

  /**
   * Writes those again that are missing.
   *
   * @return whether any was
   * @throws IOException if that cannot be done now; some may be there again
   */
  public synchronized boolean restore() throws IOException {
    if (removed || areThere()) {
      return false;
    }
    Files.createDirectories(lib());
    Files.createDirectories(modules());
    for (Copy copy : all().filter(each -> !each.isThere()).toList()) {
      copy.restore();
    }
    return true;
  }

  public Path lib() {
    return directory.resolve("lib");
  }

  public Path modules() {
    return directory.resolve("modules");
  }

  /**
   * The workers' own jars, in the order of their names, which is the order in its AOT cache. They
   * are named as seen from the run directory: a class path cannot hold a path with a colon.
   */
  String classPath() {
    return lib.stream()
        .map(copy -> runDir.relativize(copy.path).toString())
        .filter(name -> name.endsWith(".jar"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** What {@code worker/train} has made, as seen from the run directory. */
  Optional<Path> aotCache() {
    return lib.stream()
        .map(Copy::path)
        .filter(file -> file.endsWith("worker.aot"))
        .map(runDir::relativize)
        .findFirst();
  }

  /** What is in {@link #modules}, in the order of the names. */
  public List<ModuleVersion> versions() {
    return versions;
  }

  /** Removes them; for the first time only, since the number may be another's afterwards. */
  public synchronized void remove() {
    if (!removed) {
      removed = true;
      all().forEach(Copy::close);
      removeOrWarn(directory);
    }
  }

  /** Removes those of all generations, as an earlier server may have left them. */
  public static void removeAll(Path runDir) {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(runDir, PREFIX + "*")) {
      all.forEach(GenerationFiles::removeOrWarn);
    } catch (NoSuchFileException _) {
      // Somebody was quicker.
    } catch (IOException e) {
      log.warn("the files of former generations in {} stay: {}", runDir, e.toString());
    }
  }

  static void removeOrWarn(Path directory) {
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
