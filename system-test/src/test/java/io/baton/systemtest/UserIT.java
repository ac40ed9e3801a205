package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.posix.Account;
import io.baton.posix.Processes;
import io.baton.testing.server.Command;
import io.baton.testing.server.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A server that root starts and that becomes another user. Where the tests are not root's, it is
 * refused, and that is tested.
 */
class UserIT {
  private static final boolean ROOT = Processes.effectiveUser() == 0;
  private static final Account NOBODY = Objects.requireNonNull(Account.named("nobody"));

  @RegisterExtension final Servers servers = Servers.perTest();

  /** It is in directories that this user may enter. */
  private TestServer server() throws Exception {
    TestServer server = servers.create().configure("workers", 1);
    Files.setPosixFilePermissions(server.directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path home = Files.createDirectory(server.directory.resolve("home"));
    for (String part : List.of("bin", "conf", "lib", "modules")) {
      Command.Result copied =
          Shell.run("cp", "-a", TestServer.HOME.resolve(part).toString(), home.toString());
      assertThat(copied.exit()).as(copied.toString()).isZero();
    }
    Files.deleteIfExists(home.resolve("lib/.built"));
    server.home(home);
    return server.configure("user", "nobody");
  }

  /** A port that only root may open. */
  private static int lowPort(int below) throws IOException {
    for (int port = below - 1; port > 0; port--) {
      try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return port;
      } catch (IOException _) {
        // somebody has it
      }
    }
    throw new IOException("no port below " + below + " is free");
  }

  private static String echo(int port) {
    return "{ endpoint = \"tcp://127.0.0.1:%d\", codec = raw, service = echo }".formatted(port);
  }

  private static void assertEchoes(int port) throws IOException {
    try (Client client = Client.tcp(port)) {
      assertThat(client.echo("hello")).isEqualTo("hello");
    }
  }

  /** What /proc says of all threads of all its processes. */
  private static void assertAllThreadsAreNobodys(TestServer server) throws IOException {
    List<Long> processes = server.processes();
    assertThat(processes).as("a manager and a worker").hasSize(2);
    for (long process : processes) {
      List<String> statuses = statuses(process);
      assertThat(statuses).as("threads of " + Procs.commandLine(process)).hasSizeGreaterThan(5);
      assertThat(statuses)
          .allSatisfy(status ->
              assertThat(status)
                  .contains(line("Uid", NOBODY.user()), line("Gid", NOBODY.group()))
                  .containsPattern("\nGroups:\t" + NOBODY.group() + " *\n")
                  .containsPattern("\nCapPrm:\t0+\n")
                  .containsPattern("\nCapEff:\t0+\n"));
    }
  }

  private static String line(String key, int number) {
    return key + ":" + ("\t" + number).repeat(4) + "\n";
  }

  private static List<String> statuses(long process) throws IOException {
    List<String> statuses = new ArrayList<>();
    try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(process), "task"))) {
      for (Path task : tasks.toList()) {
        try {
          statuses.add(Files.readString(task.resolve("status")));
        } catch (IOException _) {
          // it has ended
        }
      }
    }
    return statuses;
  }

  private static void assertAllFilesAreNobodys(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      assertThat(files.toList())
          .hasSizeGreaterThan(1)
          .allSatisfy(file ->
              assertThat(Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS))
                  .as("owner of " + file)
                  .isEqualTo(NOBODY.user()));
    }
  }

  private static void assertRefused(TestServer server) throws Exception {
    Command.Result refused = server.script("start");
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.err())
        .startsWith("bin/start: user is nobody, but the server is started by user ")
        .contains("start it as root or as nobody");
    server.assertNothingIsLeft();
  }

  @Test
  void rootOpensPortsAndTheUserServesAndReloads() throws Exception {
    TestServer server = server();
    if (!ROOT) {
      assertRefused(server);
      return;
    }
    int low = lowPort(1024);
    server.configure("listeners.low", echo(low));

    Command.Result started = server.script("start");

    assertThat(started.exit()).as(started.toString()).isZero();
    assertThat(started.out()).doesNotContain("warning: ");
    assertAllThreadsAreNobodys(server);
    assertAllFilesAreNobodys(server.runDir);
    assertAllFilesAreNobodys(server.logDir);
    try (Client client = Client.tcp(low)) {
      assertThat(client.echo("hello")).isEqualTo("hello");
      assertThat(Moved.by(server, "reload").migrated()).isEqualTo(1);
      assertThat(client.echo("and after")).isEqualTo("and after");
    }
    assertAllThreadsAreNobodys(server);
    assertEchoes(low);

    int another = lowPort(low);
    server.configure("listeners.another", echo(another));
    assertThat(server.ask("reload").err())
        .contains("listener another cannot listen on tcp://127.0.0.1:" + another)
        .contains("Permission denied (EACCES); only root opens ports below ")
        .contains("CAP_NET_BIND_SERVICE");
    server
        .configure("listeners.another", echo(Ports.free(1).getFirst()))
        .configure("user", "daemon");
    assertThat(server.ask("reload").err())
        .contains("user cannot be changed by a reload: it is \"nobody\" and would be \"daemon\"");
    assertEchoes(low);

    server.configure("user", "nobody");
    assertThat(server.script("start").err()).contains("already running as pid ");
    server.stop();
  }

  @Test
  void aSecretThatOnlyRootMayReadIsReadAtTheStartAndRefusesReloads() throws Exception {
    TestServer server = server();
    if (!ROOT) {
      assertRefused(server);
      return;
    }
    Path token = Files.writeString(server.directory.resolve("token"), "0123456789abcdef0123\n");
    Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
    server.configure(
        "listeners.secret",
        """
        {
          endpoint = "unix:secret.sock", codec = link
          services = { greeter = { service = greeter, token-files = ["%s"] } }
        }\
        """
            .formatted(token));

    Process foreground = server.startInForeground();

    assertAllThreadsAreNobodys(server);
    assertAllFilesAreNobodys(server.runDir);
    assertThat(Files.readString(server.logDir.resolve("foreground")))
        .contains(
            "warning: reloads will be refused, because user nobody cannot read what root could")
        .contains("found %s, which user nobody may not read".formatted(token));
    assertThat(server.ask("reload").err())
        .contains("found %s, which user nobody may not read".formatted(token))
        .contains("generation 1 goes on");
    Files.setAttribute(token, "unix:uid", NOBODY.user());
    assertThat(server.ask("reload").exit()).isZero();
    server.stop();
    assertThat(foreground.waitFor()).isZero();
  }

  @Test
  void filesOfRootInTheLogDirectoryAreRefusedAndNotLost() throws Exception {
    TestServer server = server();
    if (!ROOT) {
      assertRefused(server);
      return;
    }
    Files.createDirectory(server.logDir);
    Files.setAttribute(server.logDir, "unix:uid", NOBODY.user());
    Path log = Files.writeString(server.logDir.resolve("manager.log"), "of root\n");

    Command.Result refused = server.script("start");

    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.err())
        .contains("user nobody may not write to " + log + " (chown fixes that)");
    assertThat(log).hasContent("of root");
    server.assertNothingIsLeft();
  }

  @Test
  void aServerOfRootSaysThatItIsOne() throws Exception {
    TestServer server = servers.create().configure("workers", 1);
    Command.Result started = server.script("start");
    assertThat(started.exit()).as(started.toString()).isZero();
    assertThat(
            started.out().contains("warning: the server and all services have the rights of root"))
        .as(started.out())
        .isEqualTo(ROOT);
  }
}
