package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Clients of others, each on an X server of its own that shows nothing. */
final class RealSpiceClients implements AutoCloseable {
  private final Path files;
  private final int port;
  private final String password;
  private final List<RealClient> clients = new ArrayList<>();

  private record RealClient(Process display, Process program, Path directory) {
    Path log() {
      return directory.resolve("log");
    }
  }

  RealSpiceClients(Path files, int port, String password) {
    this.files = files;
    this.port = port;
    this.password = password;
  }

  /** Starts a client. */
  void open(String program) throws IOException {
    Path directory = Files.createDirectories(files.resolve("client" + clients.size()));
    Path number = directory.resolve("display");
    Process display =
        start(
            directory.resolve("xvfb.log"),
            "",
            directory,
            List.of(
                "sh",
                "-c",
                // the pointer, in the middle, lies beside the client's window
                "exec Xvfb -displayfd 3 -screen 0 1600x1200x24 -fbdir %s -nolisten tcp 3>%s"
                    .formatted(directory, number)));
    Wait.until(
        "Xvfb is there",
        () -> Files.exists(number) ? Files.readString(number) : "",
        text -> text.endsWith("\n"));
    List<String> command =
        program.equals("spicy")
            ? List.of("spicy", "-h", "127.0.0.1", "-p", Integer.toString(port), "-w", password)
            : List.of(program, connection(directory).toString());
    Process client =
        start(directory.resolve("log"), ":" + Files.readString(number).strip(), directory, command);
    clients.add(new RealClient(display, client, directory));
  }

  private static Process start(Path log, String display, Path home, List<String> command)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put("DISPLAY", display);
    builder.environment().put("HOME", home.toString());
    builder.environment().put("NO_AT_BRIDGE", "1");
    builder.environment().put("GSETTINGS_BACKEND", "memory");
    builder.environment().remove("DBUS_SESSION_BUS_ADDRESS");
    return builder.start();
  }

  /** Writes the file that tells remote-viewer the password. */
  private Path connection(Path directory) throws IOException {
    return Files.writeString(
        directory.resolve("connection.vv"),
        """
        [virt-viewer]
        type=spice
        host=127.0.0.1
        port=%d
        password=%s
        """
            .formatted(port, password));
  }

  /** Waits until this picture is on the screens of all clients, pixel by pixel. */
  void awaitPicture(int[] picture, int width) {
    for (RealClient each : clients) {
      Wait.until(
          each.program.info().command().orElse("a client") + " shows the picture",
          () ->
              !each.program.isAlive()
                  || shows(
                      Files.readAllBytes(each.directory.resolve("Xvfb_screen0")), picture, width));
    }
  }

  /** Whether a picture is part of an X server's screen, which is a file in the format XWD. */
  private static boolean shows(byte[] xwd, int[] picture, int width) {
    ByteBuffer head = ByteBuffer.wrap(xwd);
    int line = head.getInt(4 * 12) / Integer.BYTES;
    int columns = head.getInt(4 * 4);
    int rows = head.getInt(4 * 5);
    int start = head.getInt(0) + head.getInt(4 * 19) * 12;
    int[] screen = new int[line * rows];
    head.position(start).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(screen);
    int height = picture.length / width;
    for (int y = 0; y <= rows - height; y++) {
      for (int x = 0; x <= columns - width; x++) {
        if (isAt(screen, y * line + x, line, picture, width)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isAt(int[] screen, int at, int line, int[] picture, int width) {
    for (int i = 0; i < picture.length; i++) {
      if ((screen[at + ((i / width) * line) + (i % width)] & 0xFFFFFF) != picture[i]) {
        return false;
      }
    }
    return true;
  }

  /** None has left, or has said that its connection is lost. */
  void assertAllRun() throws IOException {
    for (RealClient each : clients) {
      String log = Files.readString(each.log());
      assertThat(each.program.isAlive()).as("a client runs: %s", log).isTrue();
      assertThat(log).doesNotContainIgnoringCase("disconnect").doesNotContain("CRITICAL");
    }
  }

  @Override
  public void close() {
    for (RealClient each : clients) {
      end(each.program);
      end(each.display);
    }
  }

  private static void end(Process process) {
    process.destroy();
    process
        .onExit()
        .completeOnTimeout(process, 10, TimeUnit.SECONDS)
        .thenAccept(Process::destroyForcibly)
        .join();
  }
}
