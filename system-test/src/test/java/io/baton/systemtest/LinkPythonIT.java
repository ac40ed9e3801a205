package io.baton.systemtest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.server.Ports;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The client of docs/link.py, which was written from docs/PROTOCOLS.md alone. */
class LinkPythonIT {
  private static int port;

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        port = Ports.free(1).getFirst();
        server.configure(
            "listeners.greeter",
            "{ endpoint = \"tcp://127.0.0.1:%d\", codec = link, services { greeter = greeter-json } }"
                .formatted(port));
      });

  private static List<String> run(int exit, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add("python3");
    command.add(TestServer.HOME.resolve("docs/link.py").toString());
    command.add(String.valueOf(port));
    command.addAll(List.of(arguments));
    Process python = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(python.getInputStream().readAllBytes(), UTF_8);
    assertThat(python.waitFor()).as(said).isEqualTo(exit);
    return said.lines().toList();
  }

  @Test
  void itSaysHelloAndAsksAndLeavesInOrder() throws Exception {
    Shell.need("itSaysHelloAndAsksAndLeavesInOrder", "python3");
    TestServer server = SERVERS.running();
    List<String> said = run(0, "greeter", "Anna", "Otto");
    assertThat(said).hasSize(2);
    assertThat(said.getFirst())
        .startsWith("{\"type\":\"Greeting\",\"text\":\"Hello, Anna!\",\"number\":1,");
    assertThat(said.getLast())
        .startsWith("{\"type\":\"Greeting\",\"text\":\"Hello, Otto!\",\"number\":2,");
    server.awaitQuiet();
    Status status = server.status();
    assertThat(status.total("errors")).isZero();
    assertThat(status.total("lost")).isZero();
  }

  @Test
  void itPrintsCodeAndTextOfARefusal() throws Exception {
    Shell.need("itPrintsCodeAndTextOfARefusal", "python3");
    var _ = SERVERS.running();
    assertThat(run(1, "nothing", "Anna")).containsExactly("3 there is no service nothing");
  }
}
