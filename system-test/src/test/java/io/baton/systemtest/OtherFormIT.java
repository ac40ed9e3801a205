package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A release of Baton whose workers read another form of saved sessions is no release that a reload
 * can go over to: it says so, and nobody notices.
 */
class OtherFormIT {
  private static final String SAVED_SESSION = "io/baton/worker/run/SavedSession";
  private static final String VERSION = "byte VERSION = ";

  @RegisterExtension final Servers servers = Servers.perTest();

  @Test
  void workersThatReadAnotherFormOfSavedSessionsAreNotGoneOverTo() throws Exception {
    TestServer server = servers.create();
    Path home = server.ownHome();
    server.start();
    try (Streams clients = new Streams(server.echo, 20)) {
      clients.awaitAnswers();
      writeAnotherForm(home.resolve("lib/worker"), server.directory);

      Shell.Result reload = server.script("reload");

      assertThat(reload.exit()).as(reload.toString()).isEqualTo(1);
      assertThat(reload.err()).contains("saved in version 1; read is version 2", "generation 1");
      clients.awaitAnswers();
      clients.assertUnharmed();
      assertThat(server.status().generation()).isEqualTo(1);
      assertThat(server.status().total("workerDeaths")).isZero();
    }
  }

  /** As if the next release had been unpacked over this one. */
  private static void writeAnotherForm(Path lib, Path directory) throws Exception {
    String file = SAVED_SESSION + ".java";
    String source = Files.readString(TestServer.HOME.resolve("worker/src/main/java").resolve(file));
    assertThat(source).contains(VERSION + 1);
    Path changed = directory.resolve("changed").resolve(file);
    Files.createDirectories(changed.getParent());
    Files.writeString(changed, source.replace(VERSION + 1, VERSION + 2));
    Path classes = Files.createDirectory(directory.resolve("classes"));
    Shell.Result compiled =
        Shell.run(
            Map.of(),
            List.of(
                TestServer.java().resolveSibling("javac").toString(),
                "-proc:none",
                "-nowarn",
                "-d",
                classes.toString(),
                "-cp",
                lib + "/*",
                changed.toString()));
    assertThat(compiled.exit()).as(compiled.toString()).isZero();
    try (FileSystem jar = FileSystems.newFileSystem(workersJar(lib))) {
      Files.copy(
          classes.resolve(SAVED_SESSION + ".class"),
          jar.getPath(SAVED_SESSION + ".class"),
          StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static Path workersJar(Path lib) throws IOException {
    try (Stream<Path> files = Files.list(lib)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("baton-worker"))
          .findFirst()
          .orElseThrow();
    }
  }
}
