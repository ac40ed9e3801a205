package io.baton.manager.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class AdminRequestTest {
  private static final String REQUEST = "GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n";

  @Test
  void whatHasComeIsReadThoughTheTimeIsUp() throws Exception {
    try (ServerSocket door = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket client = new Socket(door.getInetAddress(), door.getLocalPort());
        Socket ours = door.accept()) {
      client.getOutputStream().write(REQUEST.getBytes(StandardCharsets.US_ASCII));
      client.shutdownOutput();
      while (ours.getInputStream().available() < REQUEST.length()) {
        Thread.onSpinWait();
      }
      assertThat(AdminRequest.read(ours, 0).path()).isEqualTo("/status");
    }
  }

  @Test
  void whoSaysNothingOrNotAllHasSoMuchTime() throws Exception {
    try (ServerSocket door = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket client = new Socket(door.getInetAddress(), door.getLocalPort());
        Socket ours = door.accept()) {
      assertThatThrownBy(() -> AdminRequest.read(ours, 1))
          .isInstanceOf(SocketTimeoutException.class);
      client.getOutputStream().write("GET /".getBytes(StandardCharsets.US_ASCII));
      assertThatThrownBy(() -> AdminRequest.read(ours, 100))
          .isInstanceOf(SocketTimeoutException.class);
    }
  }
}
