package io.baton.systemtest;

import io.baton.testing.server.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A nats-server of Debian's package, on a port of its own, that is killed, stopped and restarted.
 */
final class NatsServer implements AutoCloseable {
  private final int port = Ports.free(1).getFirst();
  private final Path log;
  private final List<String> options;
  private @Nullable Process process;

  /**
   * @param log what it prints
   * @param options of the command, besides its address
   */
  NatsServer(Path log, String... options) throws IOException {
    this.log = log;
    this.options = List.of(options);
    start();
  }

  String url() {
    return "nats://127.0.0.1:" + port;
  }

  String encryptedUrl() {
    return "tls://127.0.0.1:" + port;
  }

  void start() throws IOException {
    List<String> command =
        new ArrayList<>(List.of("nats-server", "-a", "127.0.0.1", "-p", Integer.toString(port)));
    command.addAll(options);
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    Wait.until(
        "nats-server listens on " + port,
        () -> {
          try (Socket _ = connect()) {
            return true;
          } catch (IOException _) {
            return false;
          }
        });
  }

  private Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), port);
  }

  /** Publishes as anybody may who can connect. */
  void publish(String subject, String message) throws IOException {
    try (Socket socket = connect()) {
      String commands =
          "CONNECT {\"verbose\":false}\r\nPUB %s %d\r\n%s\r\nPING\r\n"
              .formatted(subject, message.length(), message);
      socket.getOutputStream().write(commands.getBytes(StandardCharsets.US_ASCII));
      StringBuilder answer = new StringBuilder();
      while (answer.indexOf("PONG") < 0) {
        answer.append((char) socket.getInputStream().read());
      }
    }
  }

  void kill() throws IOException, InterruptedException {
    Process its = process;
    if (its != null) {
      Procs.signal("KILL", its.pid());
      its.waitFor();
      process = null;
    }
  }

  void stop() throws IOException, InterruptedException {
    if (process != null) {
      Procs.stop(process.pid());
    }
  }

  void resume() throws IOException, InterruptedException {
    if (process != null) {
      Procs.signal("CONT", process.pid());
    }
  }

  /** Reads its configuration again. */
  void reload() throws IOException, InterruptedException {
    if (process != null) {
      Procs.signal("HUP", process.pid());
    }
  }

  @Override
  public void close() {
    Process its = process;
    if (its != null) {
      its.destroyForcibly().onExit().join();
      process = null;
    }
  }
}
