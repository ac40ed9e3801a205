package io.baton.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.SettingsReader;
import io.baton.credentials.InstanceSecret;
import io.baton.credentials.ServerSecrets;
import io.baton.pipe.DescriptorKind;
import io.baton.pipe.Message;
import io.baton.pipe.Message.Failed;
import io.baton.pipe.Message.Hello;
import io.baton.pipe.Message.Ping;
import io.baton.pipe.MessageCodec;
import io.baton.pipe.Pipe;
import io.baton.posix.Fd;
import io.baton.posix.Frame;
import io.baton.posix.MemFd;
import io.baton.posix.Processes;
import io.baton.posix.Spawn;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import jnr.constants.platform.Signal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Worker processes that do not come up: what the manager is told, and how they end. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // recvmsg heeds no interrupt
final class MainTest {
  private static final long LOOK_AGAIN_NS = 10_000_000;

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
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
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
    Processes.Exit how = Processes.reap(pid);
    while (how == null) {
      LockSupport.parkNanos(LOOK_AGAIN_NS);
      how = Processes.reap(pid);
    }
    pid = 0;
    return how.toString();
  }

  private void hello(String configuration) throws Exception {
    byte[] secrets = ServerSecrets.of(InstanceSecret.in(dir), 0).encode();
    try (Fd file = MemFd.sealed("c", configuration.getBytes(StandardCharsets.UTF_8));
        Fd others = MemFd.sealed("s", secrets)) {
      Hello hello = hello(Message.VERSION, DescriptorKind.CONFIG, DescriptorKind.SECRETS);
      assertThat(manager.pipe.send(List.of(hello), List.of(file, others))).isEqualTo(Pipe.Sent.YES);
    }
  }

  private static Hello hello(int version, DescriptorKind... descriptors) {
    return new Hello(version, 1, 0, 1, List.of(descriptors));
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
    assertFailed(
        "baton.listeners.x.service: found the unknown service nobody, but no module has any service");
  }

  @Test
  void anUnreadableConfigurationIsToldToTheManager() throws Exception {
    hello("{");
    assertFailed("reading the configuration: io.baton.config.ConfigurationException");
  }

  @Test
  void aManagerOfAnotherVersionIsToldSo() throws Exception {
    manager.send(hello(Message.VERSION + 1), null);
    assertFailed(
        "a Hello in version %d of the pipe's messages, not in version %d"
            .formatted(Message.VERSION + 1, Message.VERSION));
  }

  @Test
  void aHelloWithoutTheConfigurationIsToldToTheManager() throws Exception {
    manager.send(hello(Message.VERSION), null);
    assertFailed("the manager's Hello came without a descriptor of kind CONFIG");
  }

  @Test
  void aHelloWhoseDescriptorIsMissingIsToldToTheManager() throws Exception {
    manager.send(hello(Message.VERSION, DescriptorKind.CONFIG), null);
    assertFailed("the manager's Hello announces 1 descriptors, but 0 came with it");
  }

  @Test
  void aHelloWithADescriptorOfUnknownKindIsToldToTheManager() throws Exception {
    Frame frame = Pipe.newFrame();
    ByteBuffer bytes = frame.payload().clear();
    MessageCodec.write(hello(Message.VERSION, DescriptorKind.CONFIG), bytes);
    bytes.put(bytes.position() - 1, (byte) 99); // the kind is the last byte
    try (Fd fd = MemFd.sealed("c", new byte[0])) {
      frame.send(manager.pipe.fd(), fd);
    }
    assertFailed("an unknown kind of descriptor 99");
  }

  @Test
  void aManagerThatDoesNotBeginWithHelloIsToldSo() throws Exception {
    manager.send(new Ping(1), null);
    assertFailed("did not begin with Hello");
  }

  @Test
  void aManagerThatIsGoneBeforeHelloLeavesNoWorker() throws Exception {
    manager.pipe.close();
    assertThat(waitFor()).isEqualTo("exited with 1");
  }
}
