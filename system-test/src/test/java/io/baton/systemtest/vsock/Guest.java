package io.baton.systemtest.vsock;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The server in the guest: its scripts and its status. */
final class Guest {
  static final Path HOME = Path.of("/baton");
  static final Path CONF = Path.of("/lab/baton.conf");

  private static final int ADMIN_PORT = 9901;
  private static final int TIMEOUT_SECONDS = 200;
  private static final int POLL_MS = 200;

  private Guest() {}

  /** What a script left; {@code said} is all of its output. */
  record Result(int exit, String said) {

    /** It ended well. */
    String ok() {
      Lab.require(exit == 0, "exit %d: %s", exit, said);
      return said;
    }

    /** It failed with a line that has all these texts. */
    void failed(String... texts) {
      Lab.require(exit != 0, "it should have failed, but said: %s", said);
      for (String text : texts) {
        Lab.require(said.contains(text), "it should say \"%s\", but says: %s", text, said);
      }
    }
  }

  /** Runs one of the scripts. */
  static Result script(String name, Path conf, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(HOME.resolve("bin/" + name).toString()));
    command.addAll(List.of("--conf", conf.toString()));
    command.addAll(List.of(arguments));
    Path out = Files.createTempFile(name, ".out");
    Process process =
        new ProcessBuilder(command)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile()) // a server left behind does not keep us waiting
            .start();
    if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException(
          "bin/" + name + " does not end; so far it said: " + Files.readString(out));
    }
    return new Result(process.exitValue(), Files.readString(out).strip());
  }

  /** One of the workers. */
  record Worker(long pid, String state, long taken) {}

  /** What the status says; {@code json} is all of it. */
  record Status(List<Worker> workers, String json) {
    private static final Pattern PID = Pattern.compile("\"pid\"\\s*:\\s*(\\d+)");
    private static final Pattern STATE = Pattern.compile("\"state\"\\s*:\\s*\"(\\w+)\"");
    private static final Pattern TAKEN = Pattern.compile("\"taken\"\\s*:\\s*(\\d+)");
    private static final Pattern CONNECTIONS = Pattern.compile("\"connections\"\\s*:\\s*(\\d+)");
    private static final Pattern MIGRATED = Pattern.compile("\"migrated\"\\s*:\\s*(\\d+)");

    static Status parse(String json) {
      String workers = json.substring(json.indexOf("\"workers\""), json.indexOf("\"totals\""));
      List<Worker> list = new ArrayList<>();
      for (String each : workers.split("\"slot\"", -1)) {
        if (each.contains("\"pid\"")) {
          list.add(
              new Worker(
                  Long.parseLong(first(PID, each)),
                  first(STATE, each),
                  Long.parseLong(first(TAKEN, each))));
        }
      }
      return new Status(list, json);
    }

    private static String first(Pattern pattern, String text) {
      Matcher matcher = pattern.matcher(text);
      Lab.require(matcher.find(), "no %s in %s", pattern, text);
      return matcher.group(1);
    }

    boolean allReady() {
      return workers.stream().allMatch(worker -> worker.state().equals("ready"));
    }

    List<Long> taken() {
      return workers.stream().map(Worker::taken).toList();
    }

    List<Long> pids() {
      return workers.stream().map(Worker::pid).toList();
    }

    /** Connections of the workers together. */
    long open() {
      return Long.parseLong(first(CONNECTIONS, json.substring(json.indexOf("\"totals\""))));
    }

    boolean stopping() {
      return first(STATE, json).equals("stopping");
    }

    long migrated() {
      return Long.parseLong(first(MIGRATED, json));
    }
  }

  /** The status, without a JVM being started for it. */
  static Status status() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), ADMIN_PORT)) {
      socket
          .getOutputStream()
          .write(
              "GET /status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.ISO_8859_1));
      try (InputStream in = socket.getInputStream()) {
        return Status.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
  }

  /** Waits until it holds. */
  static void await(String what, Callable<Boolean> holds) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
    while (!holds.call()) {
      Lab.require(System.nanoTime() < end, "still not so: %s", what);
      Thread.sleep(POLL_MS);
    }
  }

  static Status await(String what, Predicate<Status> wanted) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
    for (; ; ) {
      Status status = status();
      if (wanted.test(status)) {
        return status;
      }
      Lab.require(System.nanoTime() < end, "still not so: %s; %s", what, status.json());
      Thread.sleep(POLL_MS);
    }
  }
}
