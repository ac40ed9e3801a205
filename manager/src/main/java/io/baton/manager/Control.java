package io.baton.manager;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The asking side of {@link io.baton.manager.admin.AdminSocket}. */
final class Control {
  private static final String OK = "ok\n";
  private static final String ERROR = "error\n";

  private final Path socket;

  Control(Path socket) {
    this.socket = socket;
  }

  /** Gives a command and returns its answer, waiting as long as that takes. */
  String ask(String command) throws Failure {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      channel.write(ByteBuffer.wrap((command + "\n").getBytes(StandardCharsets.UTF_8)));
      String answer =
          new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
      if (answer.startsWith(OK)) {
        return answer.substring(OK.length());
      }
      throw new Failure(
          answer.startsWith(ERROR)
              ? answer.substring(ERROR.length()).strip()
              : "the server at " + socket + " went away without an answer");
    } catch (IOException e) {
      throw new NoServer("no server answers at " + socket + ": " + e.getMessage(), e);
    }
  }

  /** Stops the server and waits for the end of its process. */
  String stop(boolean now) throws Failure {
    String answer = ask(now ? "stop --now" : "stop");
    int pid = answer.lastIndexOf("pid ");
    ProcessHandle.of(Long.parseLong(answer.substring(pid + 4).strip()))
        .ifPresent(process -> process.onExit().join());
    return answer.substring(0, pid);
  }
}
