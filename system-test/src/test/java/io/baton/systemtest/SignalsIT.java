package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.server.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What operators and their tools do to a running server: signals, moved logs, cleaned directories.
 */
class SignalsIT {
  @RegisterExtension static final Servers SERVERS = Servers.perClass();

  private static TestServer server;

  @BeforeAll
  static void start() throws Exception {
    server = SERVERS.create().start();
  }

  @Test
  void aSignalThatIsNotMeantToEndItEndsNobody() throws Exception {
    List<Long> before = server.processes();
    try (Client client = server.echo()) {
      for (String signal :
          List.of(
              "USR1", "PIPE", "ALRM", "VTALRM", "PROF", "IO", "PWR", "STKFLT", "TTIN", "TTOU",
              "TSTP", "WINCH", "URG")) {
        for (long pid : before) {
          Procs.signal(signal, pid);
        }
      }
      // USR2 and QUIT are the JVM's own, which prints; the manager is to print nothing in tests.
      for (String signal : List.of("USR2", "QUIT", "TERM", "INT", "HUP")) {
        for (long worker : server.status().pids()) {
          Procs.signal(signal, worker);
        }
      }
      server.awaitLog("SIGSTKFLT was sent to the manager: ignored");
      for (int slot : List.of(0, 1)) {
        Path log = server.logDir.resolve("worker-" + slot + ".log");
        for (String signal : List.of("TERM", "INT", "HUP")) {
          Wait.until(
              "the worker says so",
              () -> Files.readString(log),
              text -> text.contains("SIG" + signal + ": ignored"));
        }
      }
      assertThat(client.echo("still there")).isEqualTo("still there");
      assertThat(server.processes()).isEqualTo(before);
    }
  }

  @Test
  void logFilesThatWereRotatedOrDeletedAreOpenedAnew() throws Exception {
    rotate();
    for (String name : List.of("manager.log", "manager.out", "worker-0.log")) {
      assertThat(server.logDir.resolve(name + ".1")).exists();
    }
    awaitOpenedAnew();
    assertThat(server.log()).doesNotContain("starts as pid");

    try (Stream<Path> all = Files.walk(server.logDir)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
    Procs.signal("USR1", server.status().pid());
    awaitOpenedAnew();
  }

  /** As docs/OPERATIONS.md shows it, with logrotate where there is one. */
  private static void rotate() throws IOException, InterruptedException {
    long pid = server.status().pid();
    if (Shell.run("sh", "-c", "command -v logrotate").exit() == 0) {
      Path conf = server.directory.resolve("logrotate.conf");
      Files.writeString(
          conf,
          """
          %s/*.log %s/*.out {
            rotate 2
            ifempty
            nocreate
            sharedscripts
            postrotate
              kill -USR1 $(cat %s/lock)
            endscript
          }
          """
              .formatted(server.logDir, server.logDir, server.runDir));
      Files.setPosixFilePermissions(conf, PosixFilePermissions.fromString("rw-------"));
      Command.Result result =
          Shell.run(
              "logrotate",
              "-f",
              "-s",
              server.directory.resolve("state").toString(),
              conf.toString());
      assertThat(result.exit()).as(result.err()).isZero();
    } else {
      try (Stream<Path> all = Files.list(server.logDir)) {
        for (Path path : all.filter(each -> !each.toString().endsWith(".1")).toList()) {
          Files.move(path, Path.of(path + ".1"), StandardCopyOption.REPLACE_EXISTING);
        }
      }
      Procs.signal("USR1", pid);
    }
  }

  /** All files are there, and what is written goes into them. */
  private static void awaitOpenedAnew() throws IOException, InterruptedException {
    long worker = server.status().worker(0).pid();
    String output =
        Arrays.stream(Procs.commandLine(worker).split(" "))
            .filter(each -> each.startsWith("-Dbaton.output="))
            .map(each -> each.substring(each.indexOf('=') + 1))
            .findFirst()
            .orElseThrow();
    for (String name :
        List.of("manager.log", "manager.out", "worker-0.log", "worker-1.log", output)) {
      Wait.until(name + " is there", () -> Files.exists(server.logDir.resolve(name)));
    }
    Procs.signal("ALRM", worker);
    Wait.until(
        "the worker logs there",
        () -> Files.readString(server.logDir.resolve("worker-0.log")).contains("SIGALRM"));
    Procs.signal("QUIT", worker);
    Wait.until(
        "the worker prints there",
        () -> Files.readString(Path.of(output)).contains("Full thread dump"));
  }

  @Test
  void aRunDirectoryThatVanishedComesBackAndABrokenWayIsMadeAgainByAReload() throws Exception {
    try (Client client = server.echo()) {
      assertThat(client.echo("before")).isEqualTo("before");
      assertThat(Shell.run("rm", "-r", server.runDir.toString()).exit()).isZero();
      Path lock = server.runDir.resolve("lock");
      Wait.until("the run directory is back", () -> Files.exists(lock));
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(server.runDir)))
          .isEqualTo("rwx------");

      long victim = server.status().worker(1).pid();
      Procs.signal("KILL", victim);
      server.await("it is replaced", s -> s.worker(1).pid() != victim && s.allReady());

      Status status = server.status();
      assertThat(status.listener("local").state()).isEqualTo("unreachable");
      assertThat(status.listener("local").problem()).contains("bin/reload makes it again");
      assertThat(status.json().get("problems")).asString().contains("admin.sock was removed");
      Command.Result stop = server.script("stop");
      assertThat(stop.exit()).isEqualTo(1);
      assertThat(stop.errLines()).singleElement().asString().contains("has vanished");

      Command.Result reload = server.script("reload");
      assertThat(reload.exit()).as(reload.err()).isZero();
      assertThat(server.status().listener("local").state()).isEqualTo("listening");
      assertThat(server.status().json()).containsEntry("problems", List.of());
      assertThat(server.script("status").exit()).isZero();
      try (Client local = server.local()) {
        assertThat(local.echo("after")).isEqualTo("after");
      }
      assertThat(Files.readString(Path.of("/proc/net/unix")))
          .contains(" " + server.runDir.resolve("echo.sock") + "\n");
    }
  }

  @Test
  void itRunsWhereverItLiesAndWhateverTheLocaleAndTmpAre() throws Exception {
    TestServer other = SERVERS.create();
    other.configure("run-dir", "run").configure("log-dir", "log").configure("workers", 1);
    other.configure(
        "listeners.site", "{ endpoint = \"unix:web.sock\", codec = http, service = hello }");
    Map<String, String> environment =
        Map.of(
            "BATON_TEST",
            other.directory.toString(),
            "JAVA_HOME",
            System.getProperty("java.home"),
            // The native libraries cannot be unpacked there:
            "JDK_JAVA_OPTIONS",
            "-Djava.io.tmpdir=/proc/no/such/directory",
            "LC_ALL",
            "C");
    // Java may not be able to say the name of that directory here, a shell is.
    String script =
        """
        set -e
        home=$0/$(printf 'ba ton:\\303\\274')
        mkdir "$home" "$home/gone" "$0/links"
        cp -r "$1/bin" "$1/conf" "$home/"
        ln -s "$1/lib" "$1/modules" "$home/"
        ln -s "$home/bin/start" "$0/links/absolute"
        ln -s absolute "$0/links/begin"
        cd "$home/gone"
        rmdir "$home/gone"
        "$0/links/begin" --conf "$0/baton.conf" >/dev/null
        curl -sS --unix-socket "$home/run/web.sock" http://localhost/hello
        grep -c "$home/run/admin.sock" /proc/net/unix
        kill -KILL $(cat "$home/run/lock" | xargs pgrep -P)
        until "$home/bin/status" --conf "$0/baton.conf" --json | grep -q '"restarts" : 1'; do :; done
        until curl -sS --unix-socket "$home/run/web.sock" http://localhost/hello; do :; done
        "$home/bin/reload" --conf "$0/baton.conf" | cut -d, -f1
        "$home/bin/stop" --conf "$0/baton.conf" >/dev/null
        ls "$home/run"
        """;
    Command.Result result =
        Shell.run(
            environment,
            List.of("sh", "-c", script, other.directory.toString(), TestServer.HOME.toString()));
    assertThat(result.exit()).as("%s%s", result.out(), result.err()).isZero();
    assertThat(result.out())
        .isEqualTo(
            "Hello, World!1\nHello, World!generation 1 → 2: 1 worker replaced\ninstance\nlock\n");
    Shell.run("rm", "-r", other.directory.toString());
    Files.createDirectory(other.directory);
  }
}
