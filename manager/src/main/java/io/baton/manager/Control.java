package io.baton.manager;

import io.baton.manager.fleet.StopMode;
import io.baton.manager.text.Units;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The asking side of {@link io.baton.manager.admin.AdminSocket}. */
final class Control {
  private static final Pattern OK = Pattern.compile("ok(?: (\\d{1,3}))?\n");
  private static final Pattern ERROR = Pattern.compile("error(?<wrong> 2)?\n");

  private static final long LOOK_AGAIN_NANOS = Duration.ofMillis(10).toNanos();

  /** A server that has answered has nothing left to do but to end. */
  private static final Duration MOST_TO_END = Duration.ofSeconds(30);

  private final Path socket;

  Control(Path socket) {
    this.socket = socket;
  }

  /** Gives a command and returns its answer, waiting as long as that takes. */
  Reply ask(String command) throws Failure {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      channel.write(ByteBuffer.wrap((command + "\n").getBytes(StandardCharsets.UTF_8)));
      String answer =
          new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
      Matcher ok = OK.matcher(answer);
      if (ok.lookingAt()) {
        String status = ok.group(1);
        return new Reply(
            status == null ? Reply.DONE : Integer.parseInt(status), answer.substring(ok.end()));
      }
      Matcher error = ERROR.matcher(answer);
      if (!error.lookingAt()) {
        throw new Failure("the server at " + socket + " went away without an answer");
      }
      String why = answer.substring(error.end()).strip();
      throw error.group("wrong") == null ? new Failure(why) : new WrongCommand(why);
    } catch (IOException e) {
      throw new NoServer("no server answers at " + socket + ": " + e.getMessage(), e);
    }
  }

  /**
   * Stops the server and waits for the end of its process.
   *
   * @param form in which the answer is wanted; empty: a text
   */
  String stop(StopMode mode, String form) throws Failure {
    String answer = ask(("stop " + mode.option()).strip() + form).text();
    int pid = answer.lastIndexOf("pid ");
    awaitEnd(answer.substring(pid + 4).strip(), MOST_TO_END);
    return answer.substring(0, pid);
  }

  /** Waits for the end of a process that has said that it ends. */
  static void awaitEnd(String pid, Duration most) throws Failure {
    Path stat = Path.of("/proc", pid, "stat");
    long end = System.nanoTime() + most.toNanos();
    while (runs(stat)) {
      if (System.nanoTime() - end > 0) {
        throw new Failure(
            "the server has stopped, but its process %s has not ended within %s; kill -9 %s ends it"
                .formatted(pid, Units.duration(most.toMillis()), pid));
      }
      LockSupport.parkNanos(LOOK_AGAIN_NANOS);
    }
  }

  /**
   * Not ProcessHandle.onExit(), which looks every few seconds and counts as running what has ended
   * and nobody has waited for, as may happen for long in a container.
   */
  private static boolean runs(Path stat) {
    try {
      String line = Files.readString(stat);
      return line.charAt(line.lastIndexOf(')') + 2) != 'Z';
    } catch (IOException _) {
      return false;
    }
  }
}
