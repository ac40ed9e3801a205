package io.baton.manager;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Maven's local repository, where the projects of modules find what they are compiled against. */
final class LocalRepository {
  /**
   * With {@code -am}: what a module may name, what that needs, and the parent with the versions.
   */
  private static final String INSTALL =
      "mvn -q install -DskipTests -pl codec,link-service,link-json -am";

  private LocalRepository() {}

  /** Returns the command that installs, for a shell in Baton's source tree. */
  static String command() {
    return INSTALL;
  }

  /**
   * Builds Baton's own artifacts from its source tree and installs them.
   *
   * @param again the command as the user would repeat it
   * @throws Failure with what can be done
   */
  static void install(Path home, String again) throws Failure {
    if (!Files.exists(home.resolve("pom.xml"))) {
      throw notInstalled("there are no sources in " + home, again);
    }
    System.err.println(
        "bin/new-module: installing Baton's own artifacts into Maven's local repository (this may"
            + " take a minute)");
    try {
      int exit =
          new ProcessBuilder("/bin/sh", "-c", "exec " + INSTALL + " --batch-mode >&2")
              .directory(home.toFile())
              .inheritIO()
              .start()
              .waitFor();
      if (exit != 0) {
        throw notInstalled("mvn failed with exit status " + exit, again);
      }
    } catch (IOException e) {
      throw notInstalled("/bin/sh cannot be run: " + e.getMessage(), again);
    } catch (InterruptedException _) {
      throw notInstalled("interrupted", again);
    }
  }

  private static Failure notInstalled(String why, String again) {
    return new Failure(
        "the project is made, but Baton's own artifacts are not installed: "
            + why
            + "\nMend that, or take a source tree of the same version, run\n  "
            + again
            + "\nand go on with README.md in the project.");
  }
}
