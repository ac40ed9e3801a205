package io.baton.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.posix.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDirectoryTest {
  private static final boolean ROOT = Processes.effectiveUser() == 0;

  /** Somebody who is neither root nor, unless the tests are run by nobody, us. */
  private static final int NOBODY = 65_534;

  @TempDir private Path dir;

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private static void take(Path runDir) throws Exception {
    RunDirectory.take(runDir).close();
  }

  /** A directory that belongs to somebody else: one that we give away or, if we may not, root's. */
  private Path foreign() throws IOException {
    if (!ROOT) {
      return Path.of("/usr");
    }
    Path run = Files.createDirectory(dir.resolve("run"));
    Files.writeString(run.resolve("lock"), "precious");
    Files.setAttribute(run, "unix:uid", NOBODY);
    return run;
  }

  @Test
  void aMissingOneIsMadeForItsOwnerAlone() throws Exception {
    Path run = dir.resolve("some/where/run");
    take(run);
    assertThat(permissions(run)).isEqualTo("rwx------");
    assertThat(run.resolve("lock")).hasContent(Long.toString(ProcessHandle.current().pid()));
  }

  @Test
  void oneThatOthersMayEnterIsClosedToThem() throws Exception {
    Path run = Files.createDirectory(dir.resolve("run"));
    Files.setPosixFilePermissions(run, PosixFilePermissions.fromString("rwxrwxrwx"));
    take(run);
    assertThat(permissions(run)).isEqualTo("rwx------");
  }

  @Test
  void oneThatBelongsToSomebodyElseIsRefusedAndLeftAsItIs() throws Exception {
    Path run = foreign();
    String before = permissions(run);
    assertThatThrownBy(() -> take(run))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("the run directory " + run + " cannot be used: it belongs to user ")
        .hasMessageContaining("must belong to user " + Processes.effectiveUser());
    assertThat(permissions(run)).isEqualTo(before);
    if (ROOT) {
      assertThat(run.resolve("lock")).hasContent("precious");
    }
  }

  @Test
  void ourLinkToOurDirectoryIsFollowed() throws Exception {
    Path real = Files.createDirectory(dir.resolve("real"));
    Path run = Files.createSymbolicLink(dir.resolve("link"), real);
    take(run);
    assertThat(permissions(real)).isEqualTo("rwx------");
    assertThat(real.resolve("lock")).exists();
  }

  @Test
  void aLinkToSomebodyElsesDirectoryIsRefused() throws Exception {
    Path run = Files.createSymbolicLink(dir.resolve("link"), foreign());
    assertThatThrownBy(() -> take(run))
        .isInstanceOf(Failure.class)
        .hasMessageContaining(run + " cannot be used: it belongs to user ");
  }

  @Test
  void somebodyElsesLinkIsNotFollowed() throws Exception {
    Assumptions.assumeTrue(ROOT, "only root gives links away");
    Path real = Files.createDirectory(dir.resolve("real"));
    Path run = Files.createSymbolicLink(dir.resolve("link"), real);
    Files.setAttribute(run, "unix:uid", NOBODY, LinkOption.NOFOLLOW_LINKS);
    assertThatThrownBy(() -> take(run))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("it is a link that belongs to user 65534");
    assertThat(real).isEmptyDirectory();
  }

  @Test
  void aLinkToNothingIsRefused() throws Exception {
    Path run = Files.createSymbolicLink(dir.resolve("link"), dir.resolve("nothing"));
    assertThatThrownBy(() -> take(run))
        .isInstanceOf(Failure.class)
        .hasMessageContaining(
            "it is a link to " + dir.resolve("nothing") + ", which does not exist");
    assertThat(dir.resolve("nothing")).doesNotExist();
  }

  @Test
  void aLockThatIsALinkIsNotFollowed() throws Exception {
    Path precious = Files.writeString(dir.resolve("precious"), "as it was");
    Path run = Files.createDirectory(dir.resolve("run"));
    Files.createSymbolicLink(run.resolve("lock"), precious);
    assertThatThrownBy(() -> take(run))
        .isInstanceOf(Failure.class)
        .hasMessageContaining(run.resolve("lock").toString());
    assertThat(precious).hasContent("as it was");
  }

  @Test
  void whenItVanishesItComesBackWithItsLock() throws Exception {
    Path run = dir.resolve("run");
    try (RunDirectory held = RunDirectory.take(run)) {
      assertThat(held.restore()).as("it is there").isFalse();
      Files.delete(run.resolve("lock"));
      Files.delete(run);
      assertThat(held.restore()).isTrue();
      assertThat(permissions(run)).isEqualTo("rwx------");
      assertThat(run.resolve("lock")).hasContent(Long.toString(ProcessHandle.current().pid()));
      assertThat(held.restore()).isFalse();
    }
  }

  @Test
  void theLogDirectoryMayBeAGroupsButNotEverybodys() throws Exception {
    Path log = Files.createDirectory(dir.resolve("log"));
    Files.setPosixFilePermissions(log, PosixFilePermissions.fromString("rwxrwx---"));
    Directories.takeLog(log);
    Files.setPosixFilePermissions(log, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThatThrownBy(() -> Directories.takeLog(log))
        .hasMessage(
            "the log directory %s cannot be used: all users may write there (chmod o-w fixes that)"
                .formatted(log));
    Directories.takeLog(dir.resolve("not/there/yet"));
    Directories.takeLog(Path.of("/usr")); // root's
  }

  @Test
  void theLogDirectoryMayNotBeAnotherUsers() throws Exception {
    Assumptions.assumeTrue(ROOT, "only root gives directories away");
    Path log = foreign();
    assertThatThrownBy(() -> Directories.takeLog(log))
        .hasMessageContaining("it belongs to user 65534, and must belong to root or to user 0");
  }
}
