package io.baton.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.SettingsReader;
import io.baton.pipe.Message;
import io.baton.pipe.Message.Failed;
import io.baton.pipe.Message.Hello;
import io.baton.pipe.Message.Ping;
import io.baton.posix.Fd;
import io.baton.posix.MemFd;
import io.baton.posix.Processes;
import io.baton.posix.Spawn;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import jnr.constants.platform.Signal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Worker processes that do not come up: what the manager is told, and how they end. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // recvmsg heeds no interrupt
final class MainTest {
  @TempDir private Path dir;
  private FakeManager manager = new FakeManager();
  private int pid;

  MainTest() throws Exception {}

  @BeforeEach
  void spawn() throws Exception {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dbaton.home=" + dir,
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName());
    pid = new Spawn(command, List.of(), manager.workersEnd.fd(), dir.resolve("log"), dir).start();
    manager.workersEnd.close();
  }

  @AfterEach
  void end() throws Exception {
    if (pid != 0) {
      Processes.kill(pid, Signal.SIGKILL);
      waitFor();
    }
    manager.close();
  }

  private String waitFor() throws Exception {
    String how = Processes.reap(pid);
    while (how == null) {
      Thread.onSpinWait();
      how = Processes.reap(pid);
    }
    pid = 0;
    return how;
  }

  private void hello(String configuration) throws Exception {
    try (Fd fd = MemFd.sealed("c", configuration.getBytes(StandardCharsets.UTF_8))) {
      manager.send(new Hello(Message.VERSION, 1, 0, 1), fd);
    }
  }

  private void assertFailed(String... said) throws Exception {
    assertThat(manager.receive())
        .singleElement()
        .isInstanceOfSatisfying(Failed.class, failed -> assertThat(failed.reason()).contains(said));
    assertThat(manager.any()).isEmpty();
    assertThat(waitFor()).isEqualTo("exited with 1");
  }

  @Test
  void aListenerWithoutItsServiceIsToldToTheManager() throws Exception {
    Path file = dir.resolve("baton.conf");
    Files.writeString(
        file, "baton.listeners.x { endpoint = \"unix:x.sock\", codec = raw, service = nobody }");
    hello(SettingsReader.read(file, Map.of(), dir).concluded());
    assertFailed("listener x: unknown service nobody; known: none");
  }

  @Test
  void aConfigurationThatIsNoneIsToldToTheManager() throws Exception {
    hello("{");
    assertFailed("reading the configuration: io.baton.config.ConfigurationException");
  }

  @Test
  void anotherVersionIsToldToTheManager() throws Exception {
    manager.send(new Hello(Message.VERSION + 1, 1, 0, 1), null);
    assertFailed("version");
  }

  @Test
  void aManagerThatDoesNotBeginWithHelloIsTold() throws Exception {
    manager.send(new Ping(1), null);
    assertFailed("did not begin with Hello");
  }

  @Test
  void aManagerThatIsGoneBeforeHelloLeavesNoWorker() throws Exception {
    manager.pipe.close();
    assertThat(waitFor()).isEqualTo("exited with 1");
  }
}
