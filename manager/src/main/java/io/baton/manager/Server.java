package io.baton.manager;

import static java.util.stream.Collectors.joining;

import io.baton.config.Settings;
import io.baton.config.Settings.HttpRoute;
import io.baton.config.Settings.LinkService;
import io.baton.credentials.InstanceSecret;
import io.baton.credentials.ServerSecrets;
import io.baton.manager.admin.AdminHttp;
import io.baton.manager.admin.AdminSocket;
import io.baton.manager.admin.Status;
import io.baton.manager.fleet.Generation;
import io.baton.manager.fleet.StopMode;
import io.baton.manager.listen.Listener;
import io.baton.manager.process.GenerationFiles;
import io.baton.manager.process.WorkerOutputFiles;
import io.baton.manager.text.Names;
import io.baton.manager.text.Units;
import io.baton.posix.PosixException;
import io.baton.posix.Processes;
import io.baton.posix.Scheduling;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * A whole server in this process: takes the run directory, pins the jars, binds, opens the admin's
 * doors, runs the manager until it ends, and leaves nothing behind.
 */
final class Server {
  private static final Logger log = LoggerFactory.getLogger(Server.class);

  private final ServerStart start;
  private final Reloads.Source source;

  /** As it was started. */
  private final Settings settings;

  private final Manager manager;
  private final Reloads reloads;
  private final ServiceNotifier notifier;

  /** Null until it listens. */
  private volatile @Nullable AdminSocket adminSocket;

  private Server(ServerStart start, Reloads.Source source, Manager manager, Reloads reloads) {
    this.start = start;
    this.source = source;
    this.notifier = start.serviceManager().notifier();
    this.settings = start.configuration().settings();
    this.manager = manager;
    this.reloads = reloads;
  }

  /**
   * Runs a server until it ends.
   *
   * @param start what was done before, with the rights that the process was started with
   * @param source of its configuration at each reload
   * @param foreground workers write to our output instead of files
   * @param started told once, with a summary for the operator, when all workers are READY; false
   *     means that nobody waits for it any more, and the server ends
   * @throws Failure if it cannot start; nothing is left running then
   */
  static void run(
      ServerStart start,
      Reloads.Source source,
      Path home,
      boolean foreground,
      Predicate<String> started)
      throws Failure {
    Settings settings = start.configuration().settings();
    if (!foreground) {
      Directories.takeLog(settings.server().logDir());
    }
    try (RunDirectory runDirectory = RunDirectory.take(settings.server().runDir())) {
      GenerationFiles.removeAll(settings.server().runDir());
      Deployer deployer = new Deployer(home, foreground);
      try (RunDirectoryWatch _ = new RunDirectoryWatch(runDirectory, deployer);
          ServiceManager _ = start.serviceManager()) {
        ServerSecrets secrets =
            ServerSecrets.of(
                InstanceSecret.in(settings.server().runDir()), System.currentTimeMillis());
        run(start, source, deployer, secrets, started);
      } finally {
        GenerationFiles.removeAll(settings.server().runDir());
      }
    } catch (IOException e) {
      throw new Failure(RunDirectory.describe(e), e);
    }
  }

  private static void run(
      ServerStart start,
      Reloads.Source source,
      Deployer deployer,
      ServerSecrets secrets,
      Predicate<String> started)
      throws IOException, Failure {
    Settings settings = start.configuration().settings();
    ServiceManager serviceManager = start.serviceManager();
    serviceManager.sockets().used(settings.listeners()).forEach(log::info);
    serviceManager.sockets().unused(settings.listeners()).forEach(log::warn);
    CompletableFuture<Server> server = new CompletableFuture<>();
    Manager manager =
        new Manager(
            deployer.deploy(Generation.first(settings), start.configuration()),
            deployer.foreground()
                ? WorkerOutputFiles.ours()
                : WorkerOutputFiles.files(settings.server().logDir()),
            secrets,
            serviceManager.sockets(),
            lifecycle(server, started));
    try (Reloads reloads = new Reloads(source, deployer, manager, serviceManager.notifier())) {
      server.complete(new Server(start, source, manager, reloads));
      server.join().run();
    }
  }

  private static LifecycleListener lifecycle(
      CompletableFuture<Server> server, Predicate<String> started) {
    return new LifecycleListener() {
      @Override
      public void started() {
        server.join().started(started);
      }

      @Override
      public void stopping(StopMode mode) {
        server.join().stopping(mode);
      }
    };
  }

  private void run() throws IOException, Failure {
    String failure;
    CompletableFuture<Void> ended = new CompletableFuture<>();
    try (manager) {
      manager.bind();
      try (AdminHttp _ =
              new AdminHttp(
                  settings.server().admin(),
                  this::status,
                  manager.requests()::session,
                  manager.history(),
                  manager.events());
          AdminSocket socket =
              new AdminSocket(
                  settings.server().runDir().resolve("admin.sock"),
                  new Operator(manager, reloads, this::status, ended))) {
        manager
            .events()
            .report(
                log,
                Level.INFO,
                "%s starts as pid %d"
                    .formatted(settings.server().name(), ProcessHandle.current().pid()));
        adminSocket = socket;
        Signals.handle(settings.server().logDir(), manager, reloads, socket);
        // Only now: the build's training run, which ends earlier, writes beside where it was
        // started.
        Processes.changeDirectory(settings.server().runDir());
        schedule();
        failure = manager.run();
        log.info("{} has ended", settings.server().name());
        ended.complete(null);
      }
    }
    if (!failure.isEmpty()) {
      throw new Failure(failure);
    }
  }

  /** The manager's, and what is wrong with the way to it. */
  private Status status() throws TimeoutException, InterruptedException {
    Status status = manager.requests().status();
    AdminSocket socket = adminSocket;
    String problem = socket == null ? null : socket.problem();
    return problem == null ? status : status.withProblem(problem);
  }

  /** On the manager's own thread, from which its workers inherit it. */
  private void schedule() {
    switch (settings.server().scheduling()) {
      case BATCH -> {
        try {
          if (!Scheduling.batch()) {
            log.info("scheduling: the policy that the server was started under is kept");
          }
        } catch (PosixException e) {
          log.warn("scheduling: {}; the server continues with the policy it has", e.getMessage());
        }
      }
      case INHERIT -> {
        // It is so already.
      }
    }
  }

  private void started(Predicate<String> told) {
    if (!told.test(summary(start.sinceNanos()))) {
      log.warn("the process that started the server has ended meanwhile: stopping");
      manager.requests().stop(StopMode.NOW);
    } else {
      notifier.started(manager.generation());
    }
  }

  private void stopping(StopMode mode) {
    notifier.stopping(
        mode == StopMode.NOW ? 0 : manager.generation().settings().fleet().drainTimeoutMs());
  }

  private String summary(long since) {
    StringBuilder text = new StringBuilder();
    long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
    text.append(
        "%s is running (pid %d): %s ready after %s%n"
            .formatted(
                settings.server().name(),
                ProcessHandle.current().pid(),
                Units.count(settings.workers(), "worker"),
                Units.duration(ms)));
    for (Listener listener : manager.listeners()) {
      Settings.Listener each = listener.settings();
      text.append(
          "  %-12s %-36s %s%s %s%s%n"
              .formatted(
                  each.name(),
                  each.endpoint(),
                  each.codec(),
                  each.options().tls().isOn() ? " tls" : "",
                  serves(each),
                  listener.problem() == null ? "" : "  NOT AVAILABLE: " + listener.problem()));
    }
    text.append(
        "  %-12s http://%s:%d/%n"
            .formatted(
                "admin", settings.server().admin().host(), settings.server().admin().port()));
    warnings()
        .forEach(warning -> {
          manager.events().report(log, Level.WARN, warning);
          append(warning, text);
        });
    // The manager has logged these itself, before it started a worker.
    manager.certificates().problems(Instant.now()).forEach(warning -> append(warning, text));
    return text.toString();
  }

  private static String serves(Settings.Listener listener) {
    if (!listener.services().isEmpty()) {
      return Names.firstOf(listener.services().stream().map(LinkService::name).toList());
    }
    return listener.routes().isEmpty()
        ? listener.service()
        : listener.routes().stream().map(HttpRoute::path).collect(joining(" "));
  }

  private static void append(String warning, StringBuilder text) {
    text.append("warning: ").append(warning).append('\n');
  }

  private Stream<String> warnings() {
    Stream<Long> processes = // the workers are all alike
        Stream.concat(Stream.of(ProcessHandle.current().pid()), manager.workers().limit(1));
    return Stream.of(
            start.warnings(source), MemoryPlan.warnings(settings), AotCaches.warnings(processes))
        .flatMap(List::stream);
  }
}
