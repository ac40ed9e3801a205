package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.Nightly;
import io.baton.testing.server.Command;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Reloads between releases of Baton that do not know the same sections of a saved session. Each
 * other release is this one's source with a change, unpacked over it.
 */
class SavedFormIT {
  private static final String MIGRATION = "io/baton/worker/migration/";
  private static final int CLIENTS = 20;

  @RegisterExtension final Servers servers = Servers.perTest();

  private TestServer server;
  private Path lib;
  private Path original;

  @BeforeEach
  void starts() throws Exception {
    server = servers.create();
    lib = server.ownHome().resolve("lib/worker");
    original = server.directory.resolve("original.jar");
    Files.copy(workersJar(), original);
    server.start();
  }

  @Test
  void sessionsGoToAReleaseWithAnotherOptionalSectionAndBack() throws Exception {
    try (Streams clients = clients()) {
      unpackReleaseWith("EXTRA(40, false)");
      assertAllMove("reload");
      assertAllMove("recycle");
      unpackThisRelease();
      assertAllMove("reload");
      clients.awaitAnswers();
      clients.assertUnharmed();
    }
  }

  @Tag(Nightly.ONLY)
  @Test
  void sessionsThatNeedACriticalSectionStayWhereItIsRead() throws Exception {
    try (Streams clients = clients()) {
      unpackReleaseWith("EXTRA(40, true)");
      assertAllMove("reload");
      assertAllMove("recycle");
      unpackThisRelease();
      assertRefused("section 40 is not read by every worker");
      assertAllMove("recycle"); // those who read it may be given it again
      clients.awaitAnswers();
      clients.assertUnharmed();
    }
  }

  @Tag(Nightly.ONLY)
  @Test
  void aReleaseThatReadsAnotherFormIsNotGoneOverTo() throws Exception {
    try (Streams clients = clients()) {
      unpackRelease(
          Map.of(
              "SectionKind", List.of("int FORM = 1", "int FORM = 2"), "SavedSession", List.of()));
      assertRefused("saved in form 1; read is form 2");
      clients.awaitAnswers();
      clients.assertUnharmed();
    }
  }

  private Streams clients() throws Exception {
    Streams clients = new Streams(server.echo, CLIENTS);
    clients.awaitAnswers();
    return clients;
  }

  private void assertAllMove(String command) throws Exception {
    Moved moved = Moved.by(server, command);
    assertThat(moved.migrated()).isEqualTo(CLIENTS);
    assertThat(moved.closed()).isZero();
  }

  private void assertRefused(String reason) throws Exception {
    int generation = server.status().generation();
    Command.Result reload = server.script("reload");
    assertThat(reload.exit()).as(reload.toString()).isEqualTo(1);
    assertThat(reload.err()).contains(reason, "generation " + generation);
    assertThat(server.status().generation()).isEqualTo(generation);
    assertThat(server.status().total("workerDeaths")).isZero();
  }

  /** A release that writes one more section, of one byte. */
  private void unpackReleaseWith(String kind) throws Exception {
    unpackRelease(
        Map.of(
            "SectionKind",
            List.of("TOPICS(23, false);", "TOPICS(23, false), " + kind + ";"),
            "SavedSession",
            List.of(
                "case SERVICE -> service;",
                "case SERVICE -> service; case EXTRA -> ByteBuffer.wrap(new byte[] {1});")));
  }

  /**
   * Compiles classes of this release anew, each with a text replaced by another, and puts them into
   * the workers' jar.
   */
  private void unpackRelease(Map<String, List<String>> changes) throws Exception {
    Path classes = Files.createTempDirectory(server.directory, "classes");
    List<String> command =
        new ArrayList<>(
            List.of(
                TestServer.java().resolveSibling("javac").toString(),
                "-proc:none",
                "-nowarn",
                "-d",
                classes.toString(),
                "-cp",
                lib + "/*"));
    for (Map.Entry<String, List<String>> change : changes.entrySet()) {
      command.add(changed(change.getKey(), change.getValue()).toString());
    }
    Command.Result compiled = Shell.run(Map.of(), command);
    assertThat(compiled.exit()).as(compiled.toString()).isZero();
    try (FileSystem jar = FileSystems.newFileSystem(workersJar());
        Stream<Path> files = Files.list(classes.resolve(MIGRATION))) {
      for (Path file : files.toList()) {
        Files.copy(
            file, jar.getPath(MIGRATION + file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private Path changed(String name, List<String> change) throws IOException {
    String file = MIGRATION + name + ".java";
    String source = Files.readString(TestServer.HOME.resolve("worker/src/main/java").resolve(file));
    if (!change.isEmpty()) {
      assertThat(source).contains(change.getFirst());
      source = source.replace(change.getFirst(), change.getLast());
    }
    Path changed = server.directory.resolve("changed").resolve(file);
    Files.createDirectories(changed.getParent());
    return Files.writeString(changed, source);
  }

  private void unpackThisRelease() throws IOException {
    Files.copy(original, workersJar(), StandardCopyOption.REPLACE_EXISTING);
  }

  private Path workersJar() throws IOException {
    try (Stream<Path> files = Files.list(lib)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("baton-worker"))
          .findFirst()
          .orElseThrow();
    }
  }
}
