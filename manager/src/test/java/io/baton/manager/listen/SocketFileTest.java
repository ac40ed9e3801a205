package io.baton.manager.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.posix.ServerSocket;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SocketFileTest {
  @TempDir private Path dir;

  private static void connect(Path path) throws IOException {
    SocketChannel.open(UnixDomainSocketAddress.of(path)).close();
  }

  @Test
  void servesAtItsPathWithItsPermissionsAndLeavesNothingBehind() throws Exception {
    Path path = dir.resolve("echo.sock");
    SocketFile file = SocketFile.open(path, 4, 0640);
    connect(path);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-r-----");
    file.close();
    try (Stream<Path> left = Files.list(dir)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void aStaleSocketIsReplaced() throws Exception {
    Path path = dir.resolve("echo.sock");
    ServerSocket.unix(path, 1).close();
    SocketFile file = SocketFile.open(path, 4, 0660);
    connect(path);
    file.close();
  }

  @Test
  void aLiveSocketIsLeftAlone() throws Exception {
    Path path = dir.resolve("echo.sock");
    SocketFile first = SocketFile.open(path, 4, 0660);
    assertThatThrownBy(() -> SocketFile.open(path, 4, 0660))
        .hasMessage("another process serves this socket");
    connect(path);
    first.close();
  }

  @Test
  void aFileThatIsNoSocketIsLeftAlone() throws Exception {
    Path path = Files.writeString(dir.resolve("echo.sock"), "precious");
    assertThatThrownBy(() -> SocketFile.open(path, 4, 0660))
        .hasMessage("a file that is no socket is there; move it away");
    assertThat(path).hasContent("precious");
  }

  @Test
  void whatSomebodyElsePutAtItsPathIsNotRemoved() throws Exception {
    Path path = dir.resolve("echo.sock");
    SocketFile file = SocketFile.open(path, 4, 0660);
    Files.delete(path);
    Files.writeString(path, "somebody's");
    file.close();
    assertThat(path).hasContent("somebody's");
  }
}
