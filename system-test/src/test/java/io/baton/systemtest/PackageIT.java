package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.server.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The archive that {@code mvn package} makes. */
class PackageIT {
  @RegisterExtension final Servers servers = Servers.perTest();

  /** The one file in {@code dist/target} whose name ends so. */
  static Path made(String ending) throws IOException {
    try (Stream<Path> files = Files.list(TestServer.HOME.resolve("dist/target"))) {
      List<Path> found = files.filter(file -> file.toString().endsWith(ending)).toList();
      assertThat(found).as("files of dist/target that end with " + ending).hasSize(1);
      return found.getFirst();
    }
  }

  @Test
  void theArchiveHasTheScriptsJarsSettingsAndDocumentsOfTheTreeAndNothingElse() throws Exception {
    Command.Result list = Shell.run("tar", "-tzf", made(".tar.gz").toString());

    assertThat(list.exit()).as(list.toString()).isZero();
    List<String> files =
        list.out()
            .lines()
            .filter(name -> !name.endsWith("/"))
            .map(name -> name.substring(name.indexOf('/') + 1))
            .toList();
    assertThat(files).containsExactlyInAnyOrderElementsOf(expected());
  }

  private static List<String> expected() throws IOException {
    return Stream.of(
            Stream.of("LICENSE", "README.md", "CHANGELOG.md"),
            Stream.of("lib/train-manager", "lib/train-worker", "modules/examples.jar"),
            tree("bin", ""),
            tree("conf", ""),
            tree("docs", ""),
            tree("lib/manager", ".jar"),
            tree("lib/worker", ".jar"),
            tree("lib/protocols", ".jar"))
        .flatMap(each -> each)
        .toList();
  }

  private static Stream<String> tree(String directory, String ending) throws IOException {
    try (Stream<Path> files = Files.walk(TestServer.HOME.resolve(directory))) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> TestServer.HOME.relativize(file).toString())
          .filter(name -> name.endsWith(ending))
          .toList()
          .stream();
    }
  }

  @Test
  void anUnpackedArchiveServesWithoutMaven() throws Exception {
    TestServer server = servers.create().configure("workers", 1);
    Path home = unpacked(server.directory);
    server.home(home);
    Path called = server.directory.resolve("mvn-was-called");

    Command.Result started =
        Shell.run(withTrap(server, called), server.command("start", "-Dbaton.workers=1"));

    assertThat(started.exit()).as(started.toString()).isZero();
    assertThat(started.out()).doesNotContain(".aot is not used");
    assertThat(started.err())
        .contains("preparing lib/manager for this machine", "preparing lib/worker");
    assertThat(called).doesNotExist();
    server.visitWeb();
    assertThat(Moved.by(server, "reload").closed()).isZero();
    server.visitWeb();
    server.stop();
    assertThat(Shell.run(withTrap(server, called), server.command("start")).err())
        .as("a second start")
        .isEmpty();
    server.stop();
  }

  private static Path unpacked(Path directory) throws Exception {
    Path home = Files.createDirectory(directory.resolve("unpacked"));
    Command.Result result =
        Shell.run(
            "tar",
            "-xzf",
            made(".tar.gz").toString(),
            "-C",
            home.toString(),
            "--strip-components=1");
    assertThat(result.exit()).as(result.toString()).isZero();
    return home;
  }

  /** In this environment the first mvn on the path leaves a file. */
  private static Map<String, String> withTrap(TestServer server, Path called) throws IOException {
    Path trap = Files.createDirectories(server.directory.resolve("trap"));
    Path mvn = trap.resolve("mvn");
    Files.writeString(mvn, "#!/bin/sh\ntouch '" + called + "'\nexit 1\n");
    Files.setPosixFilePermissions(mvn, PosixFilePermissions.fromString("rwxr-xr-x"));
    return Stream.concat(
            server.environment().entrySet().stream(),
            Stream.of(Map.entry("PATH", trap + ":" + System.getenv("PATH"))))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  @Test
  void theWrapperRunsTheCommandsBesideItAndKnowsThemAll() throws Exception {
    String wrapper = TestServer.HOME.resolve("bin/baton").toString();

    Command.Result help = Shell.run(wrapper, "--help");
    Command.Result unknown = Shell.run(wrapper, "java25");
    Command.Result status = Shell.run(wrapper, "status", "--help");

    try (Stream<Path> scripts = Files.list(TestServer.HOME.resolve("bin"))) {
      String names =
          scripts
              .map(script -> Objects.requireNonNull(script.getFileName()).toString())
              .filter(name -> !name.equals("baton") && !name.equals("java25"))
              .sorted()
              .collect(Collectors.joining(" "));
      assertThat(help.out()).endsWith("COMMAND is one of: " + names + "\n");
    }
    assertThat(unknown.exit()).isEqualTo(2);
    assertThat(unknown.err()).startsWith("baton: there is no command java25\nusage: ");
    assertThat(status.exit()).isZero();
    assertThat(status.out()).startsWith("Usage: bin/status");
  }
}
