package io.baton.manager;

import static java.util.stream.Collectors.joining;

import io.baton.config.Configuration;
import io.baton.config.Settings;
import io.baton.config.Settings.HttpRoute;
import io.baton.manager.admin.AdminHttp;
import io.baton.manager.admin.AdminSocket;
import io.baton.manager.admin.AdminSocket.CommandException;
import io.baton.manager.admin.StatusJson;
import io.baton.manager.admin.StatusTable;
import io.baton.manager.listen.Listener;
import io.baton.manager.process.Launcher;
import io.baton.manager.text.Units;
import io.baton.posix.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import jnr.constants.platform.Signal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A whole server in this process: takes the run directory, binds, opens the admin's doors, runs the
 * manager until it ends, and leaves nothing behind.
 */
final class Server {
  private static final Logger log = LoggerFactory.getLogger(Server.class);

  private final Settings settings;
  private final Manager manager;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();

  private Server(Settings settings, Manager manager) {
    this.settings = settings;
    this.manager = manager;
  }

  /**
   * Runs a server until it ends.
   *
   * @param foreground workers write to our output instead of files
   * @param started told once, with a summary for the operator, when all workers are READY; false
   *     means that nobody waits for it any more, and the server ends
   * @throws Failure if it cannot start; nothing is left running then
   */
  static void run(
      Configuration configuration, Path home, boolean foreground, Predicate<String> started)
      throws Failure {
    Settings settings = configuration.settings();
    long since = System.nanoTime();
    try (RunDirectory _ = RunDirectory.take(settings.runDir())) {
      Files.createDirectories(settings.logDir());
      Launcher launcher = new Launcher(settings, home, foreground);
      CompletableFuture<Server> server = new CompletableFuture<>();
      Manager manager =
          new Manager(
              settings,
              configuration.concluded(),
              launcher,
              () -> server.join().started(started, since));
      server.complete(new Server(settings, manager));
      server.join().run();
    } catch (IOException e) {
      throw new Failure(RunDirectory.describe(e), e);
    }
  }

  private void run() throws IOException, Failure {
    Path socket = settings.runDir().resolve("admin.sock");
    String failure;
    manager.bind();
    try (manager;
        AdminHttp _ =
            new AdminHttp(settings.admin().host(), settings.admin().port(), manager::status);
        AdminSocket _ = new AdminSocket(socket, this::obey)) {
      log.info("{} starts as pid {}", settings.name(), ProcessHandle.current().pid());
      Processes.onSignal(Signal.SIGTERM, () -> manager.stop(false));
      Processes.onSignal(Signal.SIGINT, () -> manager.stop(false));
      failure = manager.run();
      log.info("{} has ended", settings.name());
      ended.complete(null);
    }
    if (!failure.isEmpty()) {
      throw new Failure(failure);
    }
  }

  private void started(Predicate<String> told, long since) {
    if (!told.test(summary(since))) {
      log.warn("whoever started the server has gone away meanwhile: stopping");
      manager.stop(true);
    }
  }

  private String obey(String command) throws CommandException, InterruptedException {
    try {
      return switch (command) {
        case "status" -> StatusTable.render(manager.status());
        case "status --json" -> StatusJson.render(manager.status());
        case "stop" -> stop(false);
        case "stop --now" -> stop(true);
        default ->
            throw new CommandException(
                "unknown command \"" + command + "\"; there are status [--json] and stop [--now]");
      };
    } catch (TimeoutException e) {
      throw new CommandException("the manager's thread does not answer");
    }
  }

  private String stop(boolean now) throws InterruptedException, CommandException {
    long since = System.nanoTime();
    manager.stop(now);
    try {
      ended.get(settings.fleet().drainTimeoutMs() + 10_000, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      throw new CommandException("the server has not ended after its drain-timeout: " + e);
    }
    return "stopped in %s%npid %d%n"
        .formatted(
            Units.duration(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since)),
            ProcessHandle.current().pid());
  }

  private String summary(long since) {
    StringBuilder text = new StringBuilder();
    long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
    text.append(
        "%s is running (pid %d): %d workers ready after %s%n"
            .formatted(
                settings.name(),
                ProcessHandle.current().pid(),
                settings.workers(),
                Units.duration(ms)));
    for (Listener listener : manager.listeners()) {
      Settings.Listener each = listener.settings();
      text.append(
          "  %-12s %-36s %s %s%s%n"
              .formatted(
                  each.name(),
                  each.endpoint(),
                  each.codec(),
                  each.routes().isEmpty()
                      ? each.service()
                      : each.routes().stream().map(HttpRoute::path).collect(joining(" ")),
                  listener.problem() == null ? "" : "  NOT AVAILABLE: " + listener.problem()));
    }
    text.append(
        "  %-12s http://%s:%d/%n"
            .formatted("admin", settings.admin().host(), settings.admin().port()));
    return text.toString();
  }
}
