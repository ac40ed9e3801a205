package io.baton.systemtest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The JDK of the tests, but its {@code java} does without the second compiler: a manager that lives
 * for seconds would use a third of its processor time for that.
 */
final class QuickJdk {
  private static final Path REAL = Path.of(System.getProperty("java.home"));

  /** Its directory; each of the JVMs that run tests has its own. */
  static final Path HOME = made();

  private QuickJdk() {}

  private static Path made() {
    Path home =
        TestServer.HOME.resolve("system-test/target/jdk-" + System.getProperty("baton.fork", "0"));
    Path bin = home.resolve("bin");
    Path java = bin.resolve("java");
    try {
      Files.createDirectories(bin);
      link(REAL, home);
      link(REAL.resolve("bin"), bin);
      Files.deleteIfExists(java);
      Files.writeString(
          java,
          """
          #!/bin/sh
          exec "%s" -XX:TieredStopAtLevel=1 "$@"
          """
              .formatted(REAL.resolve("bin/java")));
      Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
      return home;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void link(Path from, Path to) throws IOException {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(from)) {
      for (Path each : all) {
        Path link = to.resolve(each.getFileName());
        if (!Files.exists(link)) {
          Files.deleteIfExists(link);
          Files.createSymbolicLink(link, each);
        }
      }
    }
  }
}
