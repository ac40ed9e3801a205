package io.baton.posix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LastWordsTest {
  private static final String BYE = "nobody is here";

  private final LastWords words = new LastWords(BYE.getBytes(StandardCharsets.UTF_8));

  private static final InetAddress HERE = InetAddress.getLoopbackAddress();

  private int port;

  private ServerSocket listen() throws IOException {
    try (java.net.ServerSocket free = new java.net.ServerSocket(0, 1, HERE)) {
      port = free.getLocalPort();
    }
    return ServerSocket.tcp(HERE, port, 16, 0);
  }

  private Socket connect() throws IOException {
    return new Socket(HERE, port);
  }

  private static Fd accepted(ServerSocket server) throws IOException {
    int fd;
    do {
      fd = server.accept();
    } while (fd < 0);
    return Fd.owning(fd);
  }

  @Test
  void aClientThatHasAlreadySentGetsThemAndNoReset() throws Exception {
    try (ServerSocket server = listen()) {
      for (int sent : new int[] {0, 100, 40_000}) {
        try (Socket client = connect()) {
          client.getOutputStream().write(new byte[sent]);
          words.end(accepted(server));
          InputStream in = client.getInputStream();
          assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(BYE);
        }
      }
    }
  }

  @Test
  void aClientThatIsGoneIsNoTrouble() throws Exception {
    try (ServerSocket server = listen()) {
      Socket client = connect();
      client.setSoLinger(true, 0);
      client.close();
      Fd gone = accepted(server);
      words.end(gone);
      assertThat(gone.isOpen()).isFalse();
    }
  }
}
