package io.baton.bench;

import io.baton.testing.server.Command;
import io.baton.testing.server.CommandException;
import io.baton.testing.server.Ports;
import io.baton.testing.server.ServerDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server of the benchmark's own: the real scripts, free ports, a directory for its configuration,
 * its sockets and its logs. Stopped when closed, and when the benchmark is interrupted. Its files
 * stay, as evidence, unless all went well.
 *
 * <pre>
 *   /tmp/baton-bench…/baton.conf  run/  log/
 * </pre>
 */
final class Server implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(10);
  private static final Duration RELOAD = Duration.ofMinutes(2);

  /** A million clients that leave at the same time keep two cores busy for longer than a minute. */
  private static final Duration STOP = Duration.ofMinutes(5);

  /** Until the last client's end is known here: loads come each 5 s where nobody is in a hurry. */
  private static final Duration CLOSED = Duration.ofMinutes(5);

  private static final Duration SAMPLE = Duration.ofMillis(50);
  private static final int STATUS_TIMEOUT_MS = 5_000;
  private static final Pattern MIGRATED = total("migrated");
  private static final Pattern ACCEPTED = total("accepted");
  private static final Pattern CLOSED_TOTAL = total("closed");

  private final Path home;
  private final ServerDirectory files;
  private final Lane lane;
  private final int admin;
  private final int web;
  private final int echo;
  private final int burn;

  private volatile boolean leavesNothing;
  private boolean closed;

  private Server(Path home, int workers, Lane lane, String more) throws IOException {
    this.home = home;
    this.lane = lane;
    files = ServerDirectory.create("baton-bench");
    List<Integer> ports = Ports.free(4);
    admin = ports.get(0);
    web = ports.get(1);
    echo = ports.get(2);
    burn = ports.get(3);
    modules();
    Files.writeString(
        files.conf(),
        """
        baton {
          workers = %d
          %s
          modules-dir = "%s"
          admin.port = %d
          listeners {
            web {
              endpoint = "tcp://127.0.0.1:%d"
              codec = http
              lane = %s
              routes {
                "/hello" = hello
                "/echo" = { codec = websocket, service = echo-websocket }
              }
            }
            echo { endpoint = "tcp://127.0.0.1:%d", codec = raw, service = echo, lane = %s }
            burn { endpoint = "tcp://127.0.0.1:%d", codec = raw, service = burn }
          }
        }
        %s
        """
            .formatted(
                workers,
                files.settings(),
                files.path().resolve("modules"),
                admin,
                web,
                lane.key(),
                echo,
                lane.key(),
                burn,
                more));
  }

  /** The examples, and our own, which is in the jar that this class comes from. */
  private void modules() throws IOException {
    Path modules = Files.createDirectory(files.path().resolve("modules"));
    Path examples = home.resolve("modules/examples.jar");
    Files.copy(examples, modules.resolve(examples.getFileName()));
    Path ours = home.resolve("bench/target/baton-bench.jar");
    Files.copy(ours, modules.resolve(ours.getFileName()));
  }

  /** Starts one of two workers, in the standard lane, and returns when it is ready. */
  static Server start(Path home) throws IOException, InterruptedException {
    return start(home, Lane.LOOP);
  }

  /** The same in another lane. */
  static Server start(Path home, Lane lane) throws IOException, InterruptedException {
    return start(home, 2, lane, "");
  }

  /**
   * Starts one.
   *
   * @param lane of all it serves but what is hard on its process
   * @param more lines of its configuration
   */
  static Server start(Path home, int workers, Lane lane, String more)
      throws IOException, InterruptedException {
    Server server = new Server(home, workers, lane, more);
    Runtime.getRuntime().addShutdownHook(new Thread(server::close));
    String said = Command.run(server.script("start"), START).orThrow("bin/start").out();
    System.out.println(said.lines().findFirst().orElse(""));
    return server;
  }

  /** As one to be compared. */
  Peer peer() throws IOException {
    return new Peer(
        lane == Lane.LOOP ? Compare.BATON : Compare.BATON + ", " + lane.key(),
        manager(),
        OptionalInt.of(echo),
        OptionalInt.of(web),
        OptionalInt.of(burn));
  }

  ProcessHandle manager() throws IOException {
    String pid = Files.readString(files.runDir().resolve("lock")).strip();
    return ProcessHandle.of(Long.parseLong(pid))
        .orElseThrow(() -> new BenchException("the server's manager has ended"));
  }

  int echoPort() {
    return echo;
  }

  int webPort() {
    return web;
  }

  URI hello() {
    return URI.create("http://127.0.0.1:" + web + "/hello");
  }

  URI echo() {
    return URI.create("ws://127.0.0.1:" + web + "/echo");
  }

  /** Runs {@code bin/reload} to its end, looking at the status meanwhile. */
  Reload reload() throws IOException, InterruptedException {
    Moves moves = new Moves();
    migrated().ifPresent(moves::saw);
    Command.Result result =
        Command.run(script("reload"), RELOAD, SAMPLE, () -> migrated().ifPresent(moves::saw));
    migrated().ifPresent(moves::saw);
    return Reload.of(result.orThrow("bin/reload").out().strip(), moves);
  }

  /** Connections migrated since the start; empty if the status does not tell. */
  private OptionalLong migrated() {
    return total(MIGRATED, status());
  }

  /** One of the status's totals. */
  private static Pattern total(String name) {
    return Pattern.compile("\"totals\".*\"" + name + "\" *: *(\\d+)", Pattern.DOTALL);
  }

  private static OptionalLong total(Pattern pattern, String status) {
    Matcher matcher = pattern.matcher(status);
    return matcher.find()
        ? OptionalLong.of(Long.parseLong(matcher.group(1)))
        : OptionalLong.empty();
  }

  /**
   * Waits until the workers say that every connection ever accepted is closed, which they do with
   * their next load.
   */
  void awaitNoConnections() throws InterruptedException {
    long deadline = System.nanoTime() + CLOSED.toNanos();
    while (true) {
      String status = status();
      long accepted = total(ACCEPTED, status).orElse(-1);
      if (total(CLOSED_TOTAL, status).orElse(-2) >= accepted) {
        return;
      }
      if (System.nanoTime() - deadline >= 0) {
        throw new BenchException(
            "the server still has connections, "
                + CLOSED.toSeconds()
                + " s after its clients have ended");
      }
      Thread.sleep(SAMPLE);
    }
  }

  /** The status as JSON. */
  private String status() {
    try {
      URLConnection status =
          URI.create("http://127.0.0.1:" + admin + "/status").toURL().openConnection();
      status.setConnectTimeout(STATUS_TIMEOUT_MS);
      status.setReadTimeout(STATUS_TIMEOUT_MS);
      try (InputStream body = status.getInputStream()) {
        return new String(body.readAllBytes(), StandardCharsets.UTF_8);
      }
    } catch (IOException e) {
      throw new BenchException("the server does not tell its status: " + e.getMessage(), e);
    }
  }

  private List<String> script(String name) {
    return files.command(home, name);
  }

  /** All went well: when it is closed, its files go. */
  void leaveNothing() {
    leavesNothing = true;
  }

  /** Stops it, once; whoever comes second, as at an interrupt, waits until that is done. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      if (stop() && leavesNothing) {
        files.delete();
        return;
      }
    } catch (IOException e) {
      System.err.println("bench/run: " + e.getMessage());
    }
    System.err.println("bench/run: the server's logs are kept in " + files.path());
  }

  /** Whether it has ended. */
  private boolean stop() {
    try {
      Command.run(script("stop"), STOP).orThrow("bin/stop");
      return true;
    } catch (IOException | CommandException e) {
      System.err.printf(
          "bench/run: %s; end the server with `bin/stop --conf %s`%n",
          e.getMessage(), files.conf());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    return false;
  }
}
