package io.baton.posix;

import static io.baton.posix.LibC.C;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NotifySocketTest {
  @TempDir private Path dir;

  /** What a service manager has. */
  private static Fd receiver(String name) throws PosixException {
    Address address = new Address();
    address.unixOrAbstract(name);
    Fd fd = Fd.owning(PosixException.check("socket", C.socket(Address.AF_UNIX, 2, 0)));
    PosixException.check(
        "bind", LibC.result(C.bind(fd.number(), address.memory.pointer, address.length())));
    return fd;
  }

  private static String received(Fd fd) throws PosixException {
    Memory memory = new Memory(8_192);
    int n =
        PosixException.check("recv", LibC.result(C.recv(fd.number(), memory.pointer, 8_192, 0)));
    byte[] bytes = new byte[n];
    memory.bytes.get(0, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Test
  void aMessageArrivesAtAPathAsOneDatagram() throws Exception {
    String path = dir.resolve("notify").toString();
    try (Fd receiver = receiver(path);
        NotifySocket socket = NotifySocket.connect(path)) {
      socket.send("READY=1\nSTATUS=Grüße");
      socket.send("STOPPING=1");
      assertThat(received(receiver)).isEqualTo("READY=1\nSTATUS=Grüße");
      assertThat(received(receiver)).isEqualTo("STOPPING=1");
    }
  }

  @Test
  void aMessageArrivesAtAnAbstractName() throws Exception {
    String name = "@baton-test-" + ProcessHandle.current().pid();
    try (Fd receiver = receiver(name);
        NotifySocket socket = NotifySocket.connect(name)) {
      socket.send("READY=1");
      assertThat(received(receiver)).isEqualTo("READY=1");
    }
  }

  @Test
  void aLongMessageIsCutOff() throws Exception {
    String path = dir.resolve("notify").toString();
    try (Fd receiver = receiver(path);
        NotifySocket socket = NotifySocket.connect(path)) {
      socket.send("x".repeat(5_000));
      assertThat(received(receiver)).hasSize(4_096);
    }
  }

  @Test
  void namesThatAreNoneAndSocketsThatNobodyReadsAreRefused() throws Exception {
    assertThatThrownBy(() -> NotifySocket.connect("vsock:2:1"))
        .hasMessage("found vsock:2:1, allowed an absolute path or @NAME");
    assertThatThrownBy(() -> NotifySocket.connect("/" + "x".repeat(107)))
        .isInstanceOf(IllegalArgumentException.class);
    String path = dir.resolve("none").toString();
    assertThatThrownBy(() -> NotifySocket.connect(path))
        .hasMessageStartingWith("connect to " + path)
        .hasMessageContaining("ENOENT");
    receiver(path).close();
    assertThatThrownBy(() -> NotifySocket.connect(path)).hasMessageContaining("ECONNREFUSED");
  }
}
