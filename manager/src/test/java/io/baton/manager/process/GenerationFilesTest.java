package io.baton.manager.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerationFilesTest {
  @TempDir private Path dir;
  private Path run;
  private Path lib;
  private Path modules;

  @BeforeEach
  void directories() throws IOException {
    run = Files.createDirectory(dir.resolve("run"));
    lib = Files.createDirectory(dir.resolve("lib"));
    modules = Files.createDirectory(dir.resolve("modules"));
    Files.writeString(lib.resolve("baton-worker.jar"), "worker");
    Files.writeString(lib.resolve(".built"), "");
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void aJarThatIsWrittenOverInPlaceIsStillThereAsItWas() throws Exception {
    Path jar = Files.writeString(modules.resolve("shop.jar"), "as deployed");
    GenerationFiles files = GenerationFiles.pin(run, 3, lib, modules);
    Files.writeString(jar, "something else", StandardOpenOption.TRUNCATE_EXISTING);
    assertThat(files.modules().resolve("shop.jar")).hasContent("as deployed");
    assertThat(names(files.lib())).containsExactly("baton-worker.jar");
    assertThat(files.lib()).isEqualTo(run.resolve("generation-3/lib"));
  }

  @Test
  void theAotCacheComesAlongWithJarsAsOldAsTheyWereWhenItWasMade() throws Exception {
    Files.writeString(lib.resolve("worker.aot"), "cache");
    Files.writeString(lib.resolve("a.jar"), "a");
    FileTime then = FileTime.from(Instant.parse("2024-02-29T12:00:00Z"));
    Files.setLastModifiedTime(lib.resolve("a.jar"), then);
    GenerationFiles files = GenerationFiles.pin(run, 1, lib, modules);
    assertThat(files.aotCache()).hasValue(Path.of("generation-1/lib/worker.aot"));
    assertThat(Files.getLastModifiedTime(files.lib().resolve("a.jar"))).isEqualTo(then);
    assertThat(files.classPath())
        .isEqualTo("generation-1/lib/a.jar:generation-1/lib/baton-worker.jar");
  }

  @Test
  void withoutAnAotCacheThereIsNone() throws Exception {
    assertThat(GenerationFiles.pin(run, 1, lib, modules).aotCache()).isEmpty();
  }

  @Test
  void aLinkedJarIsCopiedNotLinked() throws Exception {
    Path jar = Files.writeString(dir.resolve("shop-1.jar"), "one");
    Files.createSymbolicLink(modules.resolve("shop.jar"), jar);
    GenerationFiles files = GenerationFiles.pin(run, 1, lib, modules);
    assertThat(files.modules().resolve("shop.jar")).isRegularFile().hasContent("one");
    assertThat(Files.isSymbolicLink(files.modules().resolve("shop.jar"))).isFalse();
  }

  @Test
  void whatVanishesIsWrittenAgainAsItWasWhateverItWasMadeFromIsNow() throws Exception {
    Files.writeString(modules.resolve("shop.jar"), "as deployed");
    Files.writeString(lib.resolve("worker.aot"), "cache");
    FileTime then = FileTime.from(Instant.parse("2024-02-29T12:00:00Z"));
    Files.setLastModifiedTime(lib.resolve("baton-worker.jar"), then);
    GenerationFiles files = GenerationFiles.pin(run, 3, lib, modules);
    assertThat(files.restore()).as("nothing is missing").isFalse();
    Files.writeString(modules.resolve("shop.jar"), "the next version");
    Files.writeString(lib.resolve("baton-worker.jar"), "the next version");
    delete(files.modules().resolve("shop.jar"), files.lib().resolve("baton-worker.jar"));
    delete(files.lib().resolve("worker.aot"), files.modules(), files.lib());
    delete(run.resolve("generation-3"), run);
    assertThat(files.areThere()).isFalse();

    Files.createDirectory(run);
    assertThat(files.restore()).isTrue();

    assertThat(files.areThere()).isTrue();
    assertThat(files.modules().resolve("shop.jar")).hasContent("as deployed");
    assertThat(files.lib().resolve("baton-worker.jar")).hasContent("worker");
    assertThat(Files.getLastModifiedTime(files.lib().resolve("baton-worker.jar"))).isEqualTo(then);
    assertThat(names(files.lib())).containsExactly("baton-worker.jar", "worker.aot");
    files.remove();
    assertThat(files.restore()).as("it is removed for good").isFalse();
    assertThat(run).isEmptyDirectory();
  }

  private static void delete(Path... paths) throws IOException {
    for (Path path : paths) {
      Files.delete(path);
    }
  }

  @Test
  void withoutAModulesDirectoryThereAreNoModules() throws Exception {
    GenerationFiles files = GenerationFiles.pin(run, 1, lib, dir.resolve("none"));
    assertThat(files.modules()).isEmptyDirectory();
  }

  @Test
  void whatCannotBePinnedLeavesNothing() {
    assertThatThrownBy(() -> GenerationFiles.pin(run, 1, dir.resolve("none"), modules))
        .isInstanceOf(NoSuchFileException.class);
    assertThat(run).isEmptyDirectory();
  }

  @Test
  void removedTwiceTheSecondTimeIsNobodysLoss() throws Exception {
    GenerationFiles failed = GenerationFiles.pin(run, 2, lib, modules);
    failed.remove();
    GenerationFiles next = GenerationFiles.pin(run, 2, lib, modules);
    failed.remove();
    assertThat(next.lib()).exists();
  }

  @Test
  void whatAnEarlierServerLeftIsRemovedAndNothingElse() throws Exception {
    GenerationFiles.pin(run, 2, lib, modules);
    GenerationFiles.pin(run, 3, lib, modules);
    Files.writeString(run.resolve("lock"), "1");
    GenerationFiles.removeAll(run);
    assertThat(names(run)).containsExactly("lock");
  }
}
