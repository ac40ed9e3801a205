package io.baton.systemtest;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.systemtest.ScriptedWorker.Script;
import io.baton.testing.server.Command;
import io.baton.testing.server.Ports;
import io.baton.testing.server.ServerDirectory;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real server, started and stopped by the real scripts of this source tree, with a directory, a
 * configuration and ports of its own.
 *
 * <pre>
 *   /tmp/baton…/baton.conf  run/  log/  launch  launch-SLOT
 * </pre>
 *
 * <p>All its processes carry {@code BATON_TEST=directory} in their environment, by which they are
 * found, however they came to be.
 */
final class TestServer {
  static final Path HOME =
      Path.of(System.getProperty("basedir", "")).resolve("..").toAbsolutePath().normalize();

  /** For {@code worker.java-options}. */
  static final String LEAKS_LOOKED_FOR =
      "\"-Dio.netty.leakDetection.level=simple\","
          + " \"-Dio.netty.leakDetection.samplingInterval=16\"";

  /** Its loop's and that of its admin socket. */
  private static final long MANAGERS_EPOLLS = 2;

  // As AdminSocket has them.
  private static final Pattern OK = Pattern.compile("ok(?: (\\d{1,3}))?\n");
  private static final Pattern ERROR = Pattern.compile("error(?: (\\d))?\n");

  private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

  private final ServerDirectory files = ServerDirectory.create("baton");
  final Path directory = files.path();
  final Path conf = files.conf();
  final Path runDir = files.runDir();
  final Path logDir = files.logDir();
  final int web;
  final int echo;
  final int admin;

  private final String marker = "BATON_TEST=" + directory;
  private final String oddMarker = "BATON_TEST_ODD=" + directory;
  private Path home = HOME;
  private boolean leaky;

  /** Slots that have a file of their own for the launch. */
  private final Set<Integer> launched = new TreeSet<>();

  // What was before the test that uses it now.
  private @Nullable Status before;
  private int loggedBefore;

  TestServer() throws IOException {
    List<Integer> ports = Ports.free(3);
    web = ports.get(0);
    echo = ports.get(1);
    admin = ports.get(2);
    Files.writeString(
        conf,
        """
        baton {
          workers = 2
          %s
          admin.port = %d
          fleet.start-timeout = 2m # how long that takes is the machine's affair
          fleet.resume-timeout = 1m # likewise
          listeners {
            web { endpoint = "tcp://127.0.0.1:%d", codec = http, service = hello }
            echo { endpoint = "tcp://127.0.0.1:%d", codec = raw, service = echo }
            local { endpoint = "unix:echo.sock", codec = raw, service = echo }
          }
          worker.environment = ["BATON_TEST*"] # by which they are found
          worker.rehearse = false # nobody here minds the first half second
          worker.java-options = [%s]
        }
        """
            .formatted(
                files.settings(),
                admin,
                web,
                echo,
                // No -Xmx, so that a launch can have its own; less compiling, for many short lives.
                "\"-XX:+UseSerialGC\", \"-XX:+UseCompactObjectHeaders\", \"-XX:TieredStopAtLevel=1\","
                    + " \"-XX:+ExitOnOutOfMemoryError\", "
                    + LEAKS_LOOKED_FOR));
  }

  /** Adds a line to the configuration; a later one wins. */
  TestServer configure(String key, Object value) throws IOException {
    Files.writeString(conf, Files.readString(conf) + "baton." + key + " = " + value + "\n");
    return this;
  }

  /** Adds a listener for the raw codec; its port. */
  int listen(String name, String service) throws IOException {
    int port = Ports.free(1).getFirst();
    configure(
        "listeners." + name,
        "{ endpoint = \"tcp://127.0.0.1:%d\", codec = raw, service = %s }"
            .formatted(port, service));
    return port;
  }

  /**
   * It has Baton in a directory of its own, in which {@code lib/worker} may be changed.
   *
   * @return that directory
   */
  Path ownHome() throws IOException {
    Path own = Files.createDirectory(directory.resolve("home"));
    for (String part : List.of("bin", "conf", "lib/worker")) {
      Path to = Files.createDirectories(own.resolve(part));
      try (Stream<Path> files = Files.list(HOME.resolve(part))) {
        for (Path file : files.toList()) {
          Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
    }
    for (String part : List.of("lib/manager", "modules")) {
      Files.createSymbolicLink(own.resolve(part), HOME.resolve(part));
    }
    home = own;
    return own;
  }

  /** It has Baton in this directory from now on. */
  void home(Path directory) {
    home = directory;
  }

  // How its workers are launched.

  /**
   * Workers of this slot are launched differently from now on.
   *
   * @param shell runs before the worker's JVM, in the process that becomes it
   */
  TestServer launch(int slot, String shell) throws IOException {
    Path launch = directory.resolve("launch");
    if (!Files.exists(launch)) {
      Files.writeString(
          launch,
          """
          #!/bin/sh
          for argument in "$@"; do
            case "$argument" in -Dbaton.process=worker-*) slot=${argument##*-} ;; esac
          done
          heap=-Xmx128m
          if [ -s "%s-$slot" ]; then
            export %s
            . "%s-$slot"
          fi
          exec "%s" $heap "$@"
          """
              .formatted(launch, oddMarker, launch, java()));
      assertThat(launch.toFile().setExecutable(true)).isTrue();
      configure("worker.java", "\"" + launch + "\"");
    }
    // Moved into place, because a launch may read it at any time.
    Path next = directory.resolve("next");
    Files.writeString(next, shell);
    Files.move(next, directory.resolve("launch-" + slot), StandardCopyOption.ATOMIC_MOVE);
    launched.add(slot);
    return this;
  }

  /** Workers of this slot are scripted ones from now on. */
  TestServer launch(int slot, Script script) throws IOException {
    String classes = System.getProperty("java.class.path").replace(File.pathSeparator, "\n");
    String tests =
        classes.lines().filter(path -> path.endsWith("/test-classes")).findFirst().orElseThrow();
    return launch(
        slot,
        "exec \"%s\" %s -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx64m -cp \"%s:%s/*\" %s %s"
            .formatted(
                java(),
                "--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow",
                tests,
                HOME.resolve("lib/worker"),
                ScriptedWorker.class.getName(),
                script));
  }

  /** Workers of this slot are real ones again. */
  TestServer launchReal(int slot) throws IOException {
    return launch(slot, "");
  }

  /**
   * Puts a worker that is launched differently in the place of the one in this slot. Its successors
   * are real ones, and the test's counts begin when it is ready.
   *
   * @return the status then
   */
  Status putInPlace(int slot, Script script) throws Exception {
    launch(slot, script);
    return putInPlace(slot);
  }

  /** The same with a piece of shell, as {@link #launch(int, String)} takes it. */
  Status putInPlace(int slot, String shell) throws Exception {
    launch(slot, shell);
    return putInPlace(slot);
  }

  private Status putInPlace(int slot) throws Exception {
    long victim = awaitAllReady().worker(slot).pid();
    Procs.signal("KILL", victim);
    await("another worker in its place", s -> s.allReady() && s.worker(slot).pid() != victim);
    launchReal(slot);
    beginTest();
    return status();
  }

  static Path java() {
    return JAVA_HOME.resolve("bin/java");
  }

  // Start and stop.

  /** Runs one of the scripts with this server's configuration. */
  Command.Result script(String name, String... arguments) throws IOException, InterruptedException {
    return Shell.run(environment(), command(name, arguments));
  }

  /**
   * Gives the server a command as the script of that name does, without its JVM. The result is what
   * the script would leave.
   */
  Command.Result ask(String name, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(name));
    command.addAll(List.of(arguments));
    String answer;
    try (Client client = Client.unix(runDir.resolve("admin.sock"))) {
      client.send(String.join(" ", command) + "\n");
      answer = client.readAll();
    }
    Matcher ok = OK.matcher(answer);
    if (ok.lookingAt()) {
      int exit = ok.group(1) == null ? 0 : Integer.parseInt(ok.group(1));
      return new Command.Result(command, exit, answer.substring(ok.end()), "");
    }
    Matcher error = ERROR.matcher(answer);
    assertThat(error.lookingAt()).as(answer).isTrue();
    int exit = error.group(1) == null ? 1 : Integer.parseInt(error.group(1));
    String reason = answer.substring(error.end()).strip();
    return new Command.Result(command, exit, "", "bin/%s: %s%n".formatted(name, reason));
  }

  /** Gives it a command while the test goes on. */
  FutureTask<Command.Result> begin(String name, String... arguments) {
    return begin(() -> ask(name, arguments));
  }

  /** Runs one of the scripts while the test goes on. */
  FutureTask<Command.Result> beginScript(String name, String... arguments) {
    return begin(() -> script(name, arguments));
  }

  private static FutureTask<Command.Result> begin(Callable<Command.Result> command) {
    FutureTask<Command.Result> task = new FutureTask<>(command);
    Thread.ofPlatform().name("command").start(task);
    return task;
  }

  /** What this server's processes have in their environment. */
  Map<String, String> environment() {
    return Map.of("BATON_TEST", directory.toString(), "JAVA_HOME", QuickJdk.HOME.toString());
  }

  List<String> command(String name, String... arguments) {
    return files.command(home, name, arguments);
  }

  TestServer start(String... arguments) throws IOException, InterruptedException {
    Command.Result result = script("start", arguments);
    assertThat(result.exit()).as("bin/start said: %s%s", result.out(), result.err()).isZero();
    return this;
  }

  /** Starts it, and workers with it, under limits set by a piece of shell. */
  TestServer startUnder(String shell) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("sh", "-c", shell + "; exec \"$0\" \"$@\""));
    command.addAll(command("start"));
    Command.Result result = Shell.run(environment(), command);
    assertThat(result.exit()).as("bin/start said: %s%s", result.out(), result.err()).isZero();
    return this;
  }

  /**
   * Starts it in the foreground, with its output in {@code log/foreground}; returns once it is
   * ready.
   */
  Process startInForeground() throws IOException {
    Files.createDirectories(logDir);
    ProcessBuilder builder =
        new ProcessBuilder(command("start", "--foreground"))
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(logDir.resolve("foreground").toFile())
            .redirectErrorStream(true);
    builder.environment().putAll(environment());
    Process process = builder.start();
    Wait.until(
        "the server in the foreground is ready",
        () -> {
          assertThat(process.isAlive()).as("the server in the foreground runs").isTrue();
          return isReady();
        });
    return process;
  }

  private boolean isReady() {
    try {
      return http("/readyz").code() == 200;
    } catch (IOException _) {
      return false; // not there yet
    }
  }

  void stop(String... arguments) throws IOException, InterruptedException {
    Command.Result result = script("stop", arguments);
    assertThat(result.exit()).as("bin/stop said: %s%s", result.out(), result.err()).isZero();
  }

  // How it is.

  Client.Answer http(String path) throws IOException {
    try (Client client = Client.tcp(admin)) {
      client.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
      Client.Answer answer = client.answer();
      // Looking must not change what is seen: from now on the manager's end is closed, too.
      assertThat(client.isEnded()).isTrue();
      return answer;
    }
  }

  /**
   * Has a reader of the status keep the manager waiting. The JDK opens epoll sets for virtual
   * threads when the first of them waits, once for good: who counts descriptors calls this first.
   */
  void openForReaders() throws IOException {
    long manager = status().pid();
    try (Client client = Client.tcp(admin)) {
      client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n");
      Wait.until(
          "its thread waits",
          () ->
              Procs.descriptors(manager).getOrDefault("anon_inode:[eventpoll]", 0L)
                  > MANAGERS_EPOLLS);
      client.send("Connection: close\r\n\r\n");
      assertThat(client.answer().code()).isEqualTo(200);
      assertThat(client.isEnded()).isTrue();
    }
  }

  /** Its counts begin with the test. */
  Status status() throws IOException {
    Status status = statusSinceStart();
    return before == null ? status : status.since(before);
  }

  private Status statusSinceStart() throws IOException {
    Client.Answer answer = http("/status");
    assertThat(answer.code()).as(answer.body()).isEqualTo(200);
    return Status.parse(answer.body());
  }

  Status await(String what, Predicate<Status> wanted) {
    return Wait.until(what, this::status, wanted);
  }

  Status awaitAllReady() {
    return await("all workers are ready", Status::allReady);
  }

  /** Waits until its workers serve nobody, and everybody who has left is counted. */
  Status awaitQuiet() {
    return await(
        "all is quiet",
        s ->
            s.isSettled()
                && s.listeners().stream().allMatch(listener -> listener.open() == 0)
                // Who has left is counted in the same report that says that nobody is left.
                && s.workers().stream().allMatch(w -> w.connections() + w.untaken() == 0));
  }

  /** What the manager has logged since the test began. */
  String log() throws IOException {
    return logSinceStart().substring(loggedBefore);
  }

  private String logSinceStart() throws IOException {
    return Files.readString(logDir.resolve("manager.log"));
  }

  /** All that the workers of the first two slots have logged. */
  String workerLogs() throws IOException {
    return Files.readString(logDir.resolve("worker-0.log"))
        + Files.readString(logDir.resolve("worker-1.log"));
  }

  /** Waits until all these texts are there: what the status shows may not be written yet. */
  void awaitLog(String... texts) {
    awaitAll(this::log, texts);
  }

  /** Waits until all these texts are in the log of a worker's slot. */
  String awaitWorkerLog(int slot, String... texts) {
    return awaitAll(() -> Files.readString(logDir.resolve("worker-" + slot + ".log")), texts);
  }

  private static String awaitAll(Callable<String> log, String... texts) {
    return Wait.until(
        String.join(", and ", texts) + " in the log",
        log,
        all -> Arrays.stream(texts).allMatch(all::contains));
  }

  /** Waits until the files of this generation, and no other's, are in its run directory. */
  void awaitOnlyFilesOf(int generation) {
    Wait.until(
        "only the files of generation " + generation,
        () -> {
          try (Stream<Path> files = Files.list(runDir)) {
            return files
                .map(file -> file.getFileName().toString())
                .filter(name -> name.startsWith("generation-"))
                .toList();
          }
        },
        List.of("generation-" + generation)::equals);
  }

  /** All processes that belong to it. */
  List<Long> processes() throws IOException {
    return Procs.withEnvironment(marker);
  }

  void assertNothingIsLeft() throws IOException {
    Wait.until("every process has ended", this::leftProcesses, List::isEmpty);
    if (Files.exists(runDir)) {
      try (Stream<Path> files = Files.list(runDir)) {
        assertThat(files.map(f -> f.getFileName().toString()))
            .as("in run/")
            .isSubsetOf("lock", "instance");
      }
    }
  }

  private List<String> leftProcesses() throws IOException {
    return processes().stream().map(pid -> pid + " " + Procs.commandLine(pid)).toList();
  }

  // Clients.

  Client web() throws IOException {
    return Client.tcp(web);
  }

  Client echo() throws IOException {
    return Client.tcp(echo);
  }

  Client local() throws IOException {
    return Client.unix(runDir.resolve("echo.sock"));
  }

  /** A visit to the web listener. */
  void visitWeb() throws IOException {
    try (Client client = web()) {
      assertThat(client.get("/hello").body()).isEqualTo("Hello, World!");
    }
  }

  /** A visit to the echo listener. */
  void visitEcho() throws IOException {
    try (Client client = echo()) {
      assertThat(client.echo("ping")).isEqualTo("ping");
    }
  }

  /** Visits until the status is as wanted. */
  Status visitUntil(String what, Predicate<Status> wanted) {
    return Wait.until(
        what,
        () -> {
          visitEcho();
          return status();
        },
        wanted);
  }

  /** So many clients, connected one after the other and each answered once. */
  List<Client> guests(int n) throws IOException {
    List<Client> guests = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      Client guest = echo();
      assertThat(guest.echo("here")).isEqualTo("here");
      guests.add(guest);
    }
    return guests;
  }

  // Between tests that share it.

  /** Another test begins: what was counted and logged up to now is not its affair. */
  TestServer beginTest() throws IOException {
    before = statusSinceStart();
    loggedBefore = logSinceStart().length();
    return this;
  }

  /**
   * Makes it again as it was before a test, of which nothing may be left.
   *
   * @param configuration what its configuration file said then
   */
  void restore(String configuration) throws Exception {
    for (int slot : launched) {
      launchReal(slot);
    }
    int workers = requireNonNull(before).workers().size();
    if (awaitQuiet().workers().size() != workers) {
      ask("scale", Integer.toString(workers));
    }
    if (!Files.readString(conf).equals(configuration)) {
      Files.writeString(conf, configuration);
      Command.Result reload = ask("reload");
      assertThat(reload.exit()).as(reload.toString()).isZero();
    }
    for (long odd : Procs.withEnvironment(oddMarker)) {
      Procs.signal("KILL", odd);
    }
    Wait.until("no such worker is left", () -> Procs.withEnvironment(oddMarker).isEmpty());
    awaitOnlyFilesOf(awaitQuiet().generation());
  }

  // Its end.

  /** Its services may forget buffers; what it says of that is in {@link #leaks}. */
  TestServer leaky() {
    leaky = true;
    return this;
  }

  /** What its workers' logs say of buffers that nobody released. */
  List<String> leaks() throws IOException {
    List<String> leaks = new ArrayList<>();
    if (Files.isDirectory(logDir)) {
      try (Stream<Path> files = Files.list(logDir)) {
        for (Path log : files.filter(TestServer::isLog).toList()) {
          String all = Files.readString(log);
          int leak = all.indexOf("LEAK: ");
          if (leak >= 0) {
            leaks.add(log.getFileName() + ": " + all.substring(leak));
          }
        }
      }
    }
    return leaks;
  }

  private static boolean isLog(Path file) {
    String name = file.getFileName().toString();
    return name.contains(".log") || name.equals("foreground");
  }

  /** Stops what still runs. After a failure nothing is asserted, and the evidence stays. */
  void end(boolean failed) throws IOException, InterruptedException {
    if (failed) {
      printEvidence();
      killAll();
      return;
    }
    try {
      if (!processes().isEmpty()) {
        Command.Result stop = ask("stop", "--now");
        assertThat(stop.exit()).as(stop.toString()).isZero();
      }
      assertNothingIsLeft();
      assertThat(logDir.resolve("manager.out"))
          .satisfiesAnyOf(
              out -> assertThat(out).doesNotExist(), out -> assertThat(out).isEmptyFile());
      if (!leaky) {
        assertThat(leaks()).as("what the workers say of buffers nobody released").isEmpty();
      }
      files.delete();
    } catch (IOException | AssertionError e) {
      printEvidence();
      throw e;
    } finally {
      killAll();
    }
  }

  private void killAll() throws IOException, InterruptedException {
    for (long pid : processes()) {
      Procs.signal("KILL", pid);
    }
  }

  private void printEvidence() throws IOException {
    System.out.println("---- the evidence is kept in " + directory);
    for (String left : leftProcesses()) {
      System.out.println("running: " + left);
    }
    if (!Files.isDirectory(logDir)) {
      return;
    }
    try (Stream<Path> files = Files.list(logDir)) {
      for (Path file : files.sorted().toList()) {
        List<String> lines = Files.readString(file).lines().toList();
        System.out.println("---- " + file.getFileName() + ": " + lines.size() + " lines");
        lines.stream().skip(Math.max(0, lines.size() - 40)).forEach(System.out::println);
      }
    }
  }
}
