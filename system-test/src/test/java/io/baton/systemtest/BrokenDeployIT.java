package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.Nightly;
import io.baton.testing.server.Command;
import io.baton.testing.server.Ports;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What must not be deployed is not, and says why; what runs goes on, for every one of its clients.
 */
@SuppressWarnings("NullAway.Init")
class BrokenDeployIT {
  private static final int CLIENTS = 50;

  @RegisterExtension static final Servers SERVERS = Servers.perClass();
  private static TestServer server;
  private static Streams clients;

  private String good;

  @BeforeAll
  static void start() throws Exception {
    server = SERVERS.create();
    ModuleJar.install(server, MovingModule.class, Map.of());
    server.start();
    clients = new Streams(server.echo, CLIENTS);
  }

  @AfterAll
  static void leave() throws Exception {
    clients.close();
  }

  @BeforeEach
  void keepWhatIsGood() throws Exception {
    good = Files.readString(server.conf);
  }

  @AfterEach
  void reloadWhatIsGood() throws Exception {
    Files.writeString(server.conf, good);
    int generation = server.status().generation();
    Moved moved = Moved.by(server, "reload");
    assertThat(moved.to()).isEqualTo(generation + 1);
    assertThat(moved.closed()).isZero();
    clients.awaitAnswers();
    clients.assertUnharmed();
  }

  /** Reloads, in vain. */
  private static void assertRefused(String... reasons) throws Exception {
    Status before = server.status();
    Command.Result reload = server.script("reload");
    assertThat(reload.exit()).isEqualTo(1);
    assertThat(reload.out()).isEmpty();
    assertThat(reload.err()).startsWith("bin/reload: ").contains(reasons);
    Status after = server.status();
    assertThat(after.pids()).isEqualTo(before.pids());
    assertThat(after.generation()).isEqualTo(before.generation());
    assertThat(after.total("migrated")).isEqualTo(before.total("migrated"));
    server.awaitOnlyFilesOf(before.generation());
    clients.awaitAnswers();
    clients.assertUnharmed();
    server.visitWeb();
  }

  @Test
  void aMistakeInTheConfiguration() throws Exception {
    server.configure("fleet.hang-timeout", "soon");
    assertRefused("baton.fleet.hang-timeout", "soon");
  }

  @Tag(Nightly.ONLY)
  @Test
  void anAdminPortThatIsAnother() throws Exception {
    server.configure("admin.port", Ports.free(1).getFirst());
    assertRefused("admin.port", Integer.toString(server.admin), "restart");
  }

  @Test
  void anAddressThatIsInUse() throws Exception {
    int port = server.listen("other", "echo");
    try (ServerSocket other = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      assertRefused("listener other", ":" + other.getLocalPort(), "Address already in use");
    }
  }

  @Test
  void aServiceThatNoModuleHas() throws Exception {
    server.configure("listeners.web.service", "goodbye");
    assertRefused("goodbye", "generation " + server.status().generation() + " goes on");
  }

  @Test
  void aModuleThatThrowsWhenItStarts() throws Exception {
    server.configure("modules.moving.start", "throws");
    assertRefused("the database is on fire", " did not come up", " goes on");
  }

  @Tag(Nightly.ONLY)
  @Test
  void aModuleThatHangsWhenItStarts() throws Exception {
    server.configure("modules.moving.start", "hangs").configure("fleet.start-timeout", "3s");
    assertRefused("start-timeout", " did not come up", " goes on");
  }
}
