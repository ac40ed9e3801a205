package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.baton.testing.server.Command;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A reload from the release before this one, which is the last tag of the history: built anew, with
 * clients connected, and then with this release's workers unpacked over its own. Under the profile
 * nightly only; skipped as long as there is no tag.
 */
class PreviousReleaseNightly {
  private static final int CLIENTS = 20;

  @RegisterExtension final Servers servers = Servers.perTest();

  @Test
  void sessionsOfTheReleaseBeforeGoOnInThisOne() throws Exception {
    Command.Result tag = git("describe", "--tags", "--abbrev=0");
    assumeTrue(tag.exit() == 0, "there is no release before this one");
    TestServer server = servers.create();
    Path home = Files.createDirectory(server.directory.resolve("previous"));
    unpack(tag.out().strip(), home);
    server.home(home);
    server.start(); // builds it first
    try (Streams clients = new Streams(server.echo, CLIENTS)) {
      clients.awaitAnswers();
      unpackThisReleasesWorkers(home.resolve("lib/worker"));
      Moved moved = Moved.of(server.script("reload"));
      assertThat(moved.migrated()).isEqualTo(CLIENTS);
      assertThat(moved.closed()).isZero();
      clients.awaitAnswers();
      clients.assertUnharmed();
    }
  }

  private static Command.Result git(String... arguments) throws Exception {
    return Shell.run(
        Map.of(),
        Stream.concat(Stream.of("git", "-C", TestServer.HOME.toString()), Stream.of(arguments))
            .toList());
  }

  private static void unpack(String tag, Path home) throws Exception {
    Path archive = home.resolveSibling("previous.tar");
    for (Command.Result step :
        new Command.Result[] {
          git("archive", "--output", archive.toString(), tag),
          Shell.run("tar", "-x", "-f", archive.toString(), "-C", home.toString())
        }) {
      assertThat(step.exit()).as(step.toString()).isZero();
    }
  }

  private static void unpackThisReleasesWorkers(Path lib) throws Exception {
    try (Stream<Path> former = Files.list(lib)) {
      for (Path file : former.toList()) {
        Files.delete(file);
      }
    }
    try (Stream<Path> files = Files.list(TestServer.HOME.resolve("lib/worker"))) {
      for (Path file : files.toList()) {
        Files.copy(file, lib.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }
}
