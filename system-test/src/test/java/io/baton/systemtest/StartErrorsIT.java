package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.posix.Processes;
import io.baton.testing.server.Command;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A server that cannot start says why in one clear line, and leaves nothing behind. */
class StartErrorsIT {
  @RegisterExtension final Servers servers = Servers.perTest();

  private TestServer server() throws Exception {
    return servers.create().configure("workers", 1);
  }

  /** Starts it, in vain; the one line on standard error is to be looked at. */
  private static AbstractStringAssert<?> assertFailsWithOneLine(TestServer server)
      throws Exception {
    Command.Result start = server.script("start");
    assertThat(start.exit()).isEqualTo(1);
    assertThat(start.out()).isEmpty();
    assertThat(start.errLines()).hasSize(1);
    server.assertNothingIsLeft();
    awaitNobodyListens(server.echo);
    return assertThat(start.err()).startsWith("bin/start: ");
  }

  /** A process that ends is without environment, by which it is found, before its sockets close. */
  private static void awaitNobodyListens(int port) {
    Wait.until(
        "nobody listens at port " + port,
        () -> {
          try (Client _ = Client.tcp(port)) {
            return false;
          } catch (ConnectException _) {
            return true;
          }
        });
  }

  @Test
  void aPortInUse() throws Exception {
    TestServer server = server();
    try (ServerSocket other = new ServerSocket(server.web, 1, InetAddress.getLoopbackAddress())) {
      assertFailsWithOneLine(server)
          .contains("listener web")
          .contains("tcp://127.0.0.1:" + other.getLocalPort())
          .contains("Address already in use");
    }
  }

  /** The JVM knows the jars of a cache by their times. */
  @Test
  void aCopyOfTheTreeThatLostItsTimesStartsMoreSlowlyAndSaysSo() throws Exception {
    TestServer server = server();
    try (Stream<Path> files = Files.list(server.ownHome().resolve("lib/worker"))) {
      Path jar = files.filter(each -> each.toString().endsWith(".jar")).findFirst().orElseThrow();
      Files.setLastModifiedTime(jar, FileTime.from(Instant.now()));
    }
    Command.Result start = server.script("start");
    assertThat(start.exit()).isZero();
    assertThat(start.out())
        .contains("warning: ", "worker.aot is not used, so that processes start more slowly: ")
        .doesNotContain("manager.aot");
  }

  @Test
  void theAdminPortInUse() throws Exception {
    TestServer server = server();
    try (ServerSocket other = new ServerSocket(server.admin, 1, InetAddress.getLoopbackAddress())) {
      assertFailsWithOneLine(server)
          .contains("admin")
          .contains("127.0.0.1:" + other.getLocalPort())
          .contains("Address already in use");
    }
    awaitNobodyListens(server.web);
  }

  @Test
  void aRunDirectoryThatCannotBe() throws Exception {
    TestServer server = server();
    Path runDir = server.conf.resolve("run");
    server.configure("run-dir", "\"" + runDir + "\"");
    assertFailsWithOneLine(server).contains(runDir.toString());
  }

  @Test
  void aLogDirectoryThatCannotBe() throws Exception {
    TestServer server = server();
    Path logDir = server.conf.resolve("log");
    server.configure("log-dir", "\"" + logDir + "\"");
    assertFailsWithOneLine(server).contains(logDir.toString());
  }

  @Test
  void aRunDirectoryThatIsAFile() throws Exception {
    TestServer server = server();
    Path file = Files.writeString(server.directory.resolve("file"), "mine");
    server.configure("run-dir", "\"" + file + "\"");
    assertFailsWithOneLine(server).contains(file.toString(), "not a directory");
    assertThat(file).hasContent("mine");
  }

  /** Its owner would choose what the server overwrites and which jars it runs. */
  @Test
  void aRunDirectoryOfSomebodyElse() throws Exception {
    TestServer server = server();
    Path runDir = Path.of("/usr");
    Path precious = Files.writeString(server.directory.resolve("precious"), "as it was");
    if (Processes.effectiveUser() == 0) {
      runDir = Files.createDirectory(server.directory.resolve("foreign"));
      Files.createSymbolicLink(runDir.resolve("lock"), precious);
      Files.setAttribute(runDir, "unix:uid", 65_534);
    }
    server.configure("run-dir", "\"" + runDir + "\"");
    assertFailsWithOneLine(server)
        .contains("the run directory " + runDir, "belongs to user", "must belong to user");
    assertThat(precious).hasContent("as it was");
  }

  @Test
  void aLogDirectoryThatEverybodyMayWriteTo() throws Exception {
    TestServer server = server();
    Files.createDirectory(server.logDir);
    Files.setPosixFilePermissions(server.logDir, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertFailsWithOneLine(server)
        .contains("the log directory " + server.logDir, "all users may write there");
    assertThat(server.logDir).isEmptyDirectory();
  }

  @Test
  void aSecondStart() throws Exception {
    TestServer server = server().start();
    long pid = server.status().pid();
    Command.Result second = server.script("start");
    assertThat(second.exit()).isEqualTo(1);
    assertThat(second.out()).isEmpty();
    assertThat(second.errLines())
        .singleElement()
        .asString()
        .contains("already running as pid " + pid);
    assertThat(server.status().pid()).isEqualTo(pid);
    // The second one may take a moment to be gone after its answer.
    Wait.until("manager and worker alone", server::processes, all -> all.size() == 2);
    server.visitWeb();
    try (Client local = server.local()) {
      assertThat(local.echo("ping")).isEqualTo("ping");
    }
    // Not even the first one's log is touched.
    server.awaitLog("starts as pid " + pid);
  }

  @Test
  void aJdkThatIsTooOld() throws Exception {
    TestServer server = server();
    Path jvms = server.directory.resolve("jvm");
    Path old = jvms.resolve("old");
    Path java = old.resolve("bin/java");
    Files.createDirectories(old.resolve("bin"));
    Files.writeString(java, "#!/bin/sh\nexit 99\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    Files.writeString(old.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"17.0.15\"\n");
    Map<String, String> environment = new HashMap<>(server.environment());
    environment.put("JAVA_HOME", old.toString());
    environment.put("BATON_JVM_DIR", jvms.toString());
    Command.Result start = Shell.run(environment, server.command("start"));
    assertThat(start.exit()).isEqualTo(1);
    assertThat(start.errLines())
        .singleElement()
        .asString()
        .contains("needs a JDK 25", old + " (17)");
    server.assertNothingIsLeft();

    environment.remove("BATON_JVM_DIR");
    environment.put("BATON_JVM_DIR", server.directory.resolve("nothing").toString());
    environment.put("JAVA_HOME", "");
    Command.Result none = Shell.run(environment, server.command("start"));
    assertThat(none.exit()).isEqualTo(1);
    assertThat(none.errLines()).singleElement().asString().contains("needs a JDK 25", "found none");
  }

  @Test
  void aStaleUnixSocketIsReplaced() throws Exception {
    TestServer server = server();
    Files.createDirectory(server.runDir);
    bind(server.runDir.resolve("echo.sock")).close(); // which leaves its file
    assertThat(server.runDir.resolve("echo.sock")).exists();
    server.start();
    try (Client local = server.local()) {
      assertThat(local.echo("ping")).isEqualTo("ping");
    }
  }

  @Test
  void aUnixSocketThatIsServed() throws Exception {
    TestServer server = server();
    Path socket = server.directory.resolve("other.sock");
    server.configure("listeners.local.endpoint", "\"unix://" + socket + "\"");
    try (ServerSocketChannel other = bind(socket)) {
      assertFailsWithOneLine(server).contains("listener local", socket.toString(), "serves");
      try (Client client = Client.unix(socket)) {
        assertThat(client).isNotNull();
        try (SocketChannel first = other.accept()) {
          assertThat(first.isConnected()).isTrue();
        }
      }
    }
  }

  @Test
  void aFileInAUnixSocketsPlace() throws Exception {
    TestServer server = server();
    Path file = Files.writeString(server.directory.resolve("file"), "mine");
    server.configure("listeners.local.endpoint", "\"unix://" + file + "\"");
    assertFailsWithOneLine(server).contains("listener local", file.toString(), "not a socket");
    assertThat(file).hasContent("mine");
  }

  @Test
  void aUnixPathThatIsTooLong() throws Exception {
    TestServer server = server();
    String path = "/tmp/" + "x".repeat(103);
    server.configure("listeners.local.endpoint", "\"unix://" + path + "\"");
    assertFailsWithOneLine(server).contains(server.conf + ":", "listeners.local.endpoint", "107");
  }

  @Test
  void aServiceThatNoModuleHas() throws Exception {
    TestServer server = server().configure("listeners.web.service", "goodbye");
    assertFailsWithOneLine(server).contains("goodbye", "hello");
  }

  @Test
  void allMistakesInTheConfigurationAreToldAtOnce() throws Exception {
    TestServer server =
        server()
            .configure("workers", "0")
            .configure("fleet.hang-timeout", "soon")
            .configure("listeners.web.codek", "http")
            .configure("listener-defaults.placement", "by-magic");
    Command.Result start = server.script("start");
    assertThat(start.exit()).isEqualTo(1);
    assertThat(start.out()).isEmpty();
    assertThat(start.err())
        .contains("4 mistakes")
        .contains("baton.workers", "baton.fleet.hang-timeout", "baton.listeners.web.codek")
        .contains("baton.listener-defaults.placement", "by-magic", "round-robin");
    assertThat(start.errLines().stream().filter(line -> line.contains(server.conf + ":")))
        .hasSize(4);
    server.assertNothingIsLeft();
    assertThat(server.runDir).doesNotExist();
    assertThat(server.logDir).doesNotExist();
  }

  @Test
  void aConfigurationThatIsNotThere() throws Exception {
    TestServer server = server();
    Files.delete(server.conf);
    assertFailsWithOneLine(server).contains(server.conf.toString());
  }

  @Test
  void inTheForegroundItFailsTheSameWay() throws Exception {
    TestServer server = server().configure("listeners.web.service", "goodbye");
    Command.Result start = server.script("start", "--foreground");
    assertThat(start.exit()).isEqualTo(1);
    assertThat(start.err()).contains("bin/start: ").contains("goodbye");
    server.assertNothingIsLeft();
    awaitNobodyListens(server.web);
  }

  private static ServerSocketChannel bind(Path path) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    return server.bind(UnixDomainSocketAddress.of(path));
  }
}
