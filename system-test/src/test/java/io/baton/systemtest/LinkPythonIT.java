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

  private static List<String> run(String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add("python3");
    command.add(TestServer.HOME.resolve("docs/link.py").toString());
    command.addAll(List.of(arguments));
    Process python = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(python.getInputStream().readAllBytes(), UTF_8);
    assertThat(python.waitFor()).as(said).isZero();
    return said.lines().toList();
  }

  @Test
  void itSaysHelloAndIsGreetedAndLeavesInOrder() throws Exception {
    Shell.need("itSaysHelloAndIsGreetedAndLeavesInOrder", "python3");
    TestServer server = SERVERS.running();
    assertThat(run(String.valueOf(port), "greeter", "Anna"))
        .singleElement()
        .asString()
        .startsWith("{\"type\":\"Greeting\",\"text\":\"Hello, Anna!\",\"number\":1,");
    server.awaitQuiet();
    Status status = server.status();
    assertThat(status.total("errors")).isZero();
    assertThat(status.total("lost")).isZero();
  }
}
