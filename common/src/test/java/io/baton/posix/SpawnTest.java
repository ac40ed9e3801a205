package io.baton.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import jnr.constants.platform.Signal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpawnTest {

  private final SocketPair pair = SocketPair.open();
  private final Path dir;
  private Path output;

  SpawnTest(@TempDir Path dir) throws PosixException {
    this.dir = dir;
    output = dir.resolve("output");
  }

  @AfterEach
  void close() {
    pair.ours().close();
    pair.theirs().close();
  }

  @Test
  void theChildHasTheDescriptorsZeroToThreeAlone() throws Exception {
    assertThat(run("/bin/ls", "-l", "/proc/self/fd")).isEqualTo("exited with 0");
    List<String> links =
        Files.readAllLines(output).stream()
            .filter(line -> line.contains(" -> "))
            .map(line -> line.replaceFirst(".* (\\d+ -> )", "$1"))
            .toList();
    assertThat(links).hasSize(5);
    assertThat(links.get(0)).isEqualTo("0 -> /dev/null");
    assertThat(links.get(1)).isEqualTo("1 -> " + output);
    assertThat(links.get(2)).isEqualTo("2 -> " + output);
    assertThat(links.get(3)).startsWith("3 -> socket:");
    assertThat(links.get(4)).matches("4 -> /proc/\\d+/fd"); // what ls itself reads
  }

  @Test
  void descriptorThreeIsTheOneGiven() throws Exception {
    assertThat(run("/bin/sh", "-c", "printf hello >&3")).isEqualTo("exited with 0");
    Frame frame = new Frame(16);
    assertThat(frame.receive(pair.ours())).isEqualTo(5);
    assertThat(pair.theirs().isOpen()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "exit 0, exited with 0",
    "exit 1, exited with 1",
    "exit 255, exited with 255",
    "kill -KILL $$, was killed by SIGKILL",
    // These have other names, too, which nobody uses:
    "kill -6 $$, was killed by SIGABRT",
    "kill -31 $$, was killed by SIGSYS",
    // And these have none:
    "kill -34 $$, was killed by signal 34",
    "kill -40 $$, was killed by signal 40",
    // Neither blocked nor ignored, although the JVM has its way with them:
    "kill -QUIT $$, was killed by SIGQUIT",
    "kill -TERM $$, was killed by SIGTERM",
    "kill -PIPE $$, was killed by SIGPIPE",
    "kill -HUP $$, was killed by SIGHUP"
  })
  void howTheChildEndedIsTold(String script, String end) throws Exception {
    assertThat(run("/bin/sh", "-c", "ulimit -c 0; " + script)).isEqualTo(end);
  }

  @Test
  void aRunningChildIsNotReapedAndEndsWithASignal() throws Exception {
    int pid = spawn("/bin/sleep", "60").start();
    assertThat(Processes.reap(pid)).isNull();
    Processes.kill(pid, Signal.SIGTERM);
    assertThat(awaitEnd(pid)).isEqualTo("was killed by SIGTERM");
  }

  @Test
  void outputIsAppended() throws Exception {
    Files.writeString(output, "before\n");
    run("/bin/sh", "-c", "echo out; echo err >&2");
    assertThat(output).hasContent("before\nout\nerr\n");
  }

  @Test
  void aLinkInThePlaceOfTheOutputIsNotFollowed() throws Exception {
    Path precious = Files.writeString(dir.resolve("precious"), "as it was");
    Files.createSymbolicLink(output, precious);
    assertThatThrownBy(() -> spawn("/bin/echo", "something else").start())
        .isInstanceOf(PosixException.class)
        .hasMessageContaining("ELOOP");
    assertThat(precious).hasContent("as it was");
  }

  @Test
  void theChildBeginsInTheDirectoryThatIsSaid() throws Exception {
    run("/bin/pwd");
    assertThat(output).hasContent(dir.toRealPath().toString());
  }

  @Test
  void theEnvironmentIsWhatIsGiven() throws Exception {
    run("/usr/bin/env");
    assertThat(output).hasContent("NAME=a value\n");
  }

  @Test
  void theChildHasASessionOfItsOwn() throws Exception {
    run("/bin/sh", "-c", "cut -d' ' -f1,6 /proc/$$/stat");
    assertThat(Files.readString(output).strip()).matches("(\\d+) \\1");
  }

  @Test
  void aCommandThatIsNotThereIsToldAtOnceAndLeaksNothing() throws Exception {
    Descriptors.assertNoneLeft(() ->
        assertThatThrownBy(() -> spawn("/no/such/java").start())
            .isInstanceOf(PosixException.class)
            .hasMessage("posix_spawn /no/such/java: No such file or directory (ENOENT)"));
  }

  @Test
  void anOutputThatCannotBeOpenedIsToldAtOnce() {
    output = Path.of("/no/such/directory/output");
    assertThatThrownBy(() -> spawn("/bin/true").start())
        .isInstanceOf(PosixException.class)
        .hasMessageContaining("ENOENT");
  }

  private String run(String... command) throws PosixException {
    return awaitEnd(spawn(command).start());
  }

  private Spawn spawn(String... command) {
    return new Spawn(List.of(command), List.of("NAME=a value"), pair.theirs(), output, dir);
  }

  private static String awaitEnd(int pid) throws PosixException {
    try (Fd pidfd = Processes.pidfd(pid);
        Epoll epoll = new Epoll(1)) {
      epoll.add(pidfd, Epoll.IN, pid);
      assertThat(epoll.await(60_000)).as("the child ends").isEqualTo(1);
      return Objects.requireNonNull(Processes.reap(pid)).toString();
    }
  }
}
