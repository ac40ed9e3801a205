package io.baton.manager.listen;

import io.baton.service.Endpoint;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The ports that only root opens, or whoever has CAP_NET_BIND_SERVICE. */
final class PrivilegedPorts {
  private static final Path FIRST_FOR_ALL =
      Path.of("/proc/sys/net/ipv4/ip_unprivileged_port_start");

  /** Of TCP without that file, and of vsock. */
  private static final int USUAL_FIRST = 1024;

  private static final int MAX_DIGITS = 16;

  private PrivilegedPorts() {}

  /** Returns the first TCP port that all users may open. */
  static int firstForAll() {
    // With one system call: such a file has nothing more for the second.
    try (InputStream file = Files.newInputStream(FIRST_FOR_ALL)) {
      String text = new String(file.readNBytes(MAX_DIGITS), StandardCharsets.US_ASCII);
      return Integer.parseInt(text.strip());
    } catch (IOException | NumberFormatException _) {
      return USUAL_FIRST;
    }
  }

  static boolean isPrivileged(Endpoint endpoint) {
    return switch (endpoint) {
      case Endpoint.Tcp tcp -> tcp.port() < firstForAll();
      case Endpoint.Vsock vsock -> vsock.port() < USUAL_FIRST;
      case Endpoint.Unix _, Endpoint.VsockUnix _ -> false;
    };
  }
}
