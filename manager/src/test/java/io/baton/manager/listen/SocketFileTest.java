package io.baton.manager.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.posix.Processes;
import io.baton.posix.ServerSocket;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
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
  void theKernelKnowsItByItsOwnNameAndNobodyCanConnectBeforeItsPermissionsAreRight()
      throws Exception {
    Path path = dir.resolve("echo.sock");
    try (SocketFile _ = SocketFile.open(path, 4, 0600)) {
      assertThat(Files.readAllLines(Path.of("/proc/net/unix")))
          .anySatisfy(line -> assertThat(line).endsWith(" " + path));
    }
    // The moment between bind and listen:
    try (ServerSocket half = ServerSocket.bindUnix(path, 0600)) {
      assertThat(half.fd().isOpen()).isTrue();
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
          .isEqualTo("rw-------");
      assertThatThrownBy(() -> connect(path)).isInstanceOf(ConnectException.class);
    }
  }

  @Test
  void aForeignFileOfWhateverNameIsLeftAlone() throws Exception {
    Path foreign = Files.writeString(dir.resolve("~cho.sock"), "precious");
    SocketFile.open(dir.resolve("echo.sock"), 4, 0660).close();
    assertThat(foreign).hasContent("precious");
  }

  @Test
  void aPipeInItsPlaceIsLeftAlone() throws Exception {
    Path path = dir.resolve("echo.sock");
    assertThat(new ProcessBuilder("mkfifo", path.toString()).start().waitFor()).isZero();
    assertThatThrownBy(() -> SocketFile.open(path, 4, 0660))
        .hasMessage("the file there is not a socket; move it away");
    assertThat(path).exists();
  }

  @Test
  void aLinkInItsPlaceIsLeftAloneAndSoIsWhatItLeadsTo() throws Exception {
    Path target = dir.resolve("stale.sock");
    ServerSocket.unix(target, 1).close();
    Path path = Files.createSymbolicLink(dir.resolve("echo.sock"), target);
    assertThatThrownBy(() -> SocketFile.open(path, 4, 0660))
        .hasMessage("the file there is not a socket; move it away");
    assertThat(target).exists();
  }

  @Test
  void aDeadSocketOfAnotherUserIsLeftAlone() throws Exception {
    Assumptions.assumeTrue(Processes.effectiveUser() == 0, "only root gives files away");
    Path path = dir.resolve("echo.sock");
    ServerSocket.unix(path, 1).close();
    Files.setAttribute(path, "unix:uid", 65_534);
    assertThatThrownBy(() -> SocketFile.open(path, 4, 0660))
        .hasMessageStartingWith("a socket of user 65534 is there");
    assertThat(path).exists();
  }

  @Test
  void itIsKnownWhetherTheFileIsStillThere() throws Exception {
    Path path = dir.resolve("echo.sock");
    SocketFile file = SocketFile.open(path, 4, 0660);
    assertThat(file.isInPlace()).isTrue();
    Files.delete(path);
    assertThat(file.isInPlace()).isFalse();
    SocketFile next = SocketFile.open(path, 4, 0660);
    assertThat(file.isInPlace()).isFalse();
    file.close();
    assertThat(next.isInPlace()).isTrue();
    next.close();
  }

  @Test
  void aFileThatIsNoSocketIsLeftAlone() throws Exception {
    Path path = Files.writeString(dir.resolve("echo.sock"), "precious");
    assertThatThrownBy(() -> SocketFile.open(path, 4, 0660))
        .hasMessage("the file there is not a socket; move it away");
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
