package io.baton.systemtest;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * A local repository of Maven as an installation of this build leaves it: this build's artifacts,
 * and links to all else that the machine's own one has. That one is not changed.
 */
final class MavenRepository {
  /** Of those in {@code lib/worker}, what the project of a module names. */
  private static final List<String> ARTIFACTS = List.of("service", "codec");

  private MavenRepository() {}

  /** Makes it. */
  static Path create(Path directory) throws IOException {
    Path machine =
        Path.of(
            System.getProperty("baton.maven", System.getProperty("user.home") + "/.m2/repository"));
    link(machine, directory, "io");
    link(machine.resolve("io"), directory.resolve("io"), "baton");
    Path ours = directory.resolve("io/baton");
    String version = version();
    Path parent = Files.createDirectories(ours.resolve("baton").resolve(version));
    Files.copy(TestServer.HOME.resolve("pom.xml"), parent.resolve("baton-" + version + ".pom"));
    for (String each : ARTIFACTS) {
      String artifact = "baton-" + each;
      Path to = Files.createDirectories(ours.resolve(artifact).resolve(version));
      String file = artifact + "-" + version;
      Files.copy(
          TestServer.HOME.resolve("lib/worker").resolve(file + ".jar"), to.resolve(file + ".jar"));
      Files.copy(TestServer.HOME.resolve(each).resolve("pom.xml"), to.resolve(file + ".pom"));
    }
    return directory;
  }

  /** Links what is in a directory, but for one name. */
  private static void link(Path from, Path to, String without) throws IOException {
    Files.createDirectories(to);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(from)) {
      for (Path file : files) {
        String name = Objects.requireNonNull(file.getFileName()).toString();
        if (!name.equals(without)) {
          Files.createSymbolicLink(to.resolve(name), file);
        }
      }
    }
  }

  private static String version() throws IOException {
    try (DirectoryStream<Path> jars =
        Files.newDirectoryStream(TestServer.HOME.resolve("lib/worker"), "baton-service-*.jar")) {
      String name = Objects.requireNonNull(jars.iterator().next().getFileName()).toString();
      return name.substring("baton-service-".length(), name.length() - ".jar".length());
    }
  }
}
