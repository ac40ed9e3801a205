package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.systemtest.vsock.PeerModule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who may connect, and who not for a while. */
class AccessIT {
  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        server
            .configure("listener-defaults.placement", "round-robin")
            .configure("listeners.echo.deny", "[\"127.0.0.2\"]")
            .configure("listeners.web.block-after", 2)
            .configure("listeners.web.block-within", "1m")
            .configure("listeners.web.block-for", "2s")
            .configure(
                "listeners.foreign",
                "{ endpoint = \"unix:foreign.sock\", codec = raw, service = echo,"
                    + " allow = [\"uid %d\"] }".formatted(uid() + 1))
            .configure(
                "listeners.machine",
                "{ endpoint = \"vsock+unix://%s?port=4294967294\", codec = line, service = peer, mode = \"0600\" }"
                    .formatted(machine(server)));
        ModuleJar.install(server, PeerModule.class, Map.of());
      });

  private static int uid() throws IOException {
    return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
  }

  private static Path machine(TestServer server) {
    return server.directory.resolve("v.sock");
  }

  /** Whether it is served, not closed without a byte. */
  private static boolean isServed(Client client) throws IOException {
    try (client) {
      return client.echo("hello").equals("hello");
    } catch (IOException _) {
      return false;
    }
  }

  private static void misbehave(int port, String from) throws IOException {
    try (Client client = Client.tcp(port, from)) {
      client.send("this is no request\r\n\r\n");
      assertThat(client.readAll()).startsWith("HTTP/1.1 400");
    }
  }

  @Test
  void whoIsDeniedIsClosedBeforeAnyWorkerAndCounted() throws Exception {
    TestServer server = SERVERS.running();
    assertThat(isServed(Client.tcp(server.echo, "127.0.0.2"))).isFalse();
    assertThat(isServed(Client.tcp(server.echo, "127.0.0.3"))).isTrue();
    assertThat(isServed(server.local())).as("by a listener that denies nobody").isTrue();
    Status status = server.await("two were taken", s -> s.total("taken") == 2);
    assertThat(status.listener("echo").denied()).isOne();
    assertThat(status.listener("echo").accepted()).isEqualTo(2);
    assertThat(status.total("denied")).isOne();
    server.awaitLog("listener echo denies clients: its allow and deny reject tcp:127.0.0.2:");
  }

  @Test
  void aUserIsKnownByTheSocket() throws Exception {
    TestServer server = SERVERS.running();
    Path socket = server.runDir.resolve("foreign.sock");
    assertThat(isServed(Client.unix(socket))).isFalse();
    server.configure("listeners.foreign.allow", "[\"uid %d\"]".formatted(uid()));
    assertThat(server.ask("reload").exit()).isZero();
    assertThat(isServed(Client.unix(socket))).isTrue();
  }

  @Test
  void whoKeepsBreakingTheProtocolIsKeptOutByAllWorkersForAWhile() throws Exception {
    TestServer server = SERVERS.running();
    misbehave(server.web, "127.0.0.2");
    misbehave(server.web, "127.0.0.2"); // with the other worker
    server.await("the offender is blocked", s -> s.total("blockedPeers") == 1);
    try (Client client = Client.tcp(server.web, "127.0.0.2")) {
      assertThat(client.isEnded()).as("closed without a byte").isTrue();
    }
    server.visitWeb();
    assertThat(server.status().listener("web").denied()).isOne();
    server.awaitLog("127.0.0.2 is banned for 2 s after 2 offences within 60 s");
    server.await("the block is over", s -> s.total("blockedPeers") == 0);
    misbehave(server.web, "127.0.0.2"); // it is served again
  }

  @Test
  void theMachineBehindAMonitorsSocketIsThePeer() throws Exception {
    TestServer server = SERVERS.running();
    Path socket = machine(server);
    Path arrivals = Path.of(socket + "_4294967294");
    long pid = ProcessHandle.current().pid();
    String who = "vsock+unix:%s,pid=%d,uid=%d\n".formatted(socket, pid, uid());
    try (Client client = Client.unix(arrivals)) {
      client.send("who am I?\n");
      assertThat(client.readText(who)).isEqualTo(who);
      assertThat(server.ask("reload").exit()).isZero();
      client.send("and now?\n");
      assertThat(client.readText(who)).isEqualTo(who);
    }
    server.stop();
    assertThat(arrivals).doesNotExist();
  }
}
