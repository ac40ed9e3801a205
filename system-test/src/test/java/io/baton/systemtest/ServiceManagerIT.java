package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.server.Ports;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A server that was started as systemd starts it: with its socket, and told where to report. */
class ServiceManagerIT {
  private static final String SCRIPT = "service-manager.py";

  /** A variable that workers do not get; the log names the first few such, in their order. */
  private static final String PASSWORD = "A0_ORDERS_PASSWORD";

  @RegisterExtension final Servers servers = Servers.perTest();

  /** The service manager, and what it was told. */
  private record ServiceManager(Process process, List<String> told) implements AutoCloseable {
    static ServiceManager of(TestServer server, int port) throws IOException {
      Path script = server.directory.resolve(SCRIPT);
      try (InputStream content =
          Objects.requireNonNull(ServiceManagerIT.class.getResourceAsStream(SCRIPT))) {
        Files.copy(content, script);
      }
      Files.createDirectories(server.logDir);
      List<String> command =
          new ArrayList<>(
              List.of(
                  "python3",
                  script.toString(),
                  Integer.toString(port),
                  server.directory.resolve("notify").toString(),
                  server.logDir.resolve("foreground").toString()));
      command.addAll(server.command("start", "--foreground"));
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
      builder.environment().putAll(server.environment());
      builder.environment().put(PASSWORD, "secret");
      builder.environment().put("ORDERS_URL", "db:one");
      ServiceManager manager = new ServiceManager(builder.start(), new CopyOnWriteArrayList<>());
      Thread.ofPlatform().daemon().name("told").start(manager::hear);
      return manager;
    }

    private void hear() {
      try (BufferedReader says = process.inputReader(StandardCharsets.UTF_8)) {
        for (String line; (line = says.readLine()) != null; ) {
          told.add(line);
        }
      } catch (IOException _) {
        // it has ended
      }
    }

    /** Waits until it was told so much. */
    void await(int messages) {
      Wait.until(messages + " messages of the server", () -> told.size() >= messages);
    }

    void startAgain() throws IOException {
      process.getOutputStream().write('\n');
      process.getOutputStream().flush();
    }

    @Override
    public void close() {
      process.destroy();
    }
  }

  private TestServer server(int port) throws Exception {
    return servers
        .create()
        .configure("workers", 1)
        .configure("worker.environment", "[\"BATON_TEST*\", \"ORDERS_URL\"]")
        .configure(
            "listeners.inherited",
            "{ endpoint = \"tcp://127.0.0.1:%d\", codec = raw, service = echo }".formatted(port));
  }

  private static void assertEchoed(Client client) throws IOException {
    assertThat(client.echo("hello")).isEqualTo("hello");
  }

  @Test
  void clientsWaitAtTheServiceManagersSocketThroughARestart() throws Exception {
    Shell.need("ServiceManagerIT", "python3");
    int port = Ports.free(1).getFirst();
    TestServer server = server(port);
    try (ServiceManager manager = ServiceManager.of(server, port)) {
      manager.await(1);
      try (Client client = Client.tcp(port)) {
        assertEchoed(client);
        assertThat(server.ask("reload").exit()).isZero();
        assertEchoed(client);
      }
      server.stop();
      manager.await(4);
      try (Client waiting = Client.tcp(port)) {
        manager.startAgain();
        assertEchoed(waiting);
      }
      manager.await(5);
      server.stop();
      manager.await(6);
      assertThat(manager.told())
          .satisfiesExactly(
              first -> assertThat(first).startsWith("READY=1 STATUS=Generation 1 serves: 1 worker"),
              reload -> assertThat(reload).matches("RELOADING=1 MONOTONIC_USEC=\\d+ STATUS=.+"),
              done -> assertThat(done).startsWith("READY=1 STATUS=Generation 2 serves: 1 worker"),
              stop ->
                  assertThat(stop).startsWith("STOPPING=1 EXTEND_TIMEOUT_USEC=45000000 STATUS="),
              again -> assertThat(again).startsWith("READY=1 STATUS=Generation 1 serves: "),
              end -> assertThat(end).startsWith("STOPPING=1 "));
    }
    assertThat(Files.readString(server.logDir.resolve("foreground")))
        .contains(
            "listener inherited has the inherited descriptor 3 (inherited), tcp://127.0.0.1:");
  }

  @Test
  void workersGetNoVariableThatIsNotNamed() throws Exception {
    Shell.need("ServiceManagerIT", "python3");
    int port = Ports.free(1).getFirst();
    TestServer server = server(port);
    try (ServiceManager manager = ServiceManager.of(server, port)) {
      manager.await(1);
      long worker = server.status().worker(0).pid();
      String environment =
          Files.readString(
                  Path.of("/proc", Long.toString(worker), "environ"), StandardCharsets.ISO_8859_1)
              .replace('\0', '\n');
      assertThat(environment)
          .contains("ORDERS_URL=db:one\n", "PATH=")
          .doesNotContain(PASSWORD, "secret", "NOTIFY_SOCKET", "LISTEN_");
      assertThat(Files.readString(server.logDir.resolve("foreground")))
          .contains(PASSWORD)
          .doesNotContain("secret");
      server.stop();
    }
  }
}
