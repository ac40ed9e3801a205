package io.baton.manager.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AdminSocketTest {
  @TempDir Path directory;

  private Path path() {
    return directory.resolve("admin.sock");
  }

  private AdminSocket echo() throws IOException {
    return new AdminSocket(
        path(),
        command -> {
          if (command.startsWith("refuse")) {
            throw new AdminSocket.CommandException("not " + command);
          }
          return "ok\n" + command;
        });
  }

  private SocketChannel connect() throws IOException {
    return SocketChannel.open(UnixDomainSocketAddress.of(path()));
  }

  private static void send(SocketChannel client, String text) throws IOException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
    while (bytes.hasRemaining()) {
      client.write(bytes);
    }
  }

  private static String answer(SocketChannel client) throws IOException {
    return new String(Channels.newInputStream(client).readAllBytes(), StandardCharsets.UTF_8);
  }

  private String ask(String command) throws IOException {
    try (SocketChannel client = connect()) {
      send(client, command + "\n");
      return answer(client);
    }
  }

  @Test
  void aCommandIsAnswered() throws Exception {
    try (AdminSocket _ = echo()) {
      assertThat(ask("scale 3")).isEqualTo("ok\nscale 3");
      assertThat(ask("refuse it")).isEqualTo("error\nnot refuse it\n");
    }
  }

  @Test
  void aClientThatTakesItsTimeIsWaitedFor() throws Exception {
    try (AdminSocket _ = echo();
        SocketChannel slow = connect()) {
      for (int i = 0; i < 20; i++) {
        assertThat(ask("status")).isEqualTo("ok\nstatus"); // by now the other one is read
      }
      send(slow, "sta");
      assertThat(ask("status")).isEqualTo("ok\nstatus");
      send(slow, "tus\n");
      assertThat(answer(slow)).isEqualTo("ok\nstatus");
    }
  }

  @Test
  void aClientThatSendsTooMuchIsAnsweredAllTheSame() throws Exception {
    try (AdminSocket _ = echo()) {
      assertThat(ask("x".repeat(1_500))).startsWith("ok\nxxx");
    }
  }

  @Test
  void moreClientsThanMayBeServedAtATimeAreRefusedOneByOne() throws Exception {
    try (AdminSocket _ = echo()) {
      List<SocketChannel> silent = new ArrayList<>();
      for (int i = 0; i < 8 + 1; i++) { // those that are served, and one that waits
        silent.add(connect());
      }
      try (SocketChannel next = connect()) {
        assertThat(answer(next)).isEmpty();
      }
      for (SocketChannel each : silent) {
        each.close();
      }
    }
  }

  @Test
  void theFileIsTheOwnersAloneAndGoneAfterTheClose() throws Exception {
    try (AdminSocket socket = echo()) {
      assertThat(Files.getPosixFilePermissions(path())).hasSize(2);
      assertThat(socket.problem()).isNull();
      Files.delete(path());
      assertThat(socket.problem()).contains("was removed or replaced");
      socket.restore();
      assertThat(socket.problem()).isNull();
      assertThat(ask("status")).isEqualTo("ok\nstatus");
    }
    assertThat(path()).doesNotExist();
  }
}
