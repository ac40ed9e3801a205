package io.baton.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.baton.config.Configuration;
import io.baton.config.Settings;
import io.baton.credentials.Credentials;
import io.baton.credentials.InstanceSecret;
import io.baton.credentials.ServerSecrets;
import io.baton.manager.fleet.Generation;
import io.baton.manager.fleet.StopMode;
import io.baton.manager.fleet.TestSettings;
import io.baton.manager.history.ServerEvent;
import io.baton.manager.listen.InheritedSockets;
import io.baton.manager.process.WorkerOutputFiles;
import io.baton.manager.text.Units;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.event.Level;

/** What goes wrong before the manager is asked, and when it is too late to ask it. */
class ReloadsTest {
  @TempDir private Path dir;
  private Deployer deployer;
  private Manager manager;

  /** What the service manager was told. */
  private final List<String> told = new ArrayList<>();

  private final ServiceNotifier notifier = new ServiceNotifier(told::add, () -> {}, () -> 7);

  @BeforeEach
  void bind() throws IOException {
    Files.createDirectories(dir.resolve("lib/worker"));
    deployer = new Deployer(dir, false);
    Configuration first = configuration(9_901, "echo.sock");
    manager =
        new Manager(
            deployer.deploy(Generation.first(first.settings()), first),
            WorkerOutputFiles.files(dir),
            ServerSecrets.of(InstanceSecret.in(dir.resolve("lib")), 0),
            InheritedSockets.NONE,
            new LifecycleListener() {
              @Override
              public void started() {
                throw new AssertionError("no worker is ever ready");
              }

              @Override
              public void stopping(StopMode mode) {
                throw new AssertionError("nobody stops it");
              }
            });
    manager.bind();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  /** With a command instead of java that is not there. */
  private Configuration configuration(int adminPort, String socket) {
    String hocon =
        """
        admin.port = %d
        modules-dir = "modules"
        listeners.l0 { endpoint = "unix:%s", codec = raw, service = echo }
        worker.java = "%s"
        """
            .formatted(adminPort, socket, dir.resolve("no-java"));
    Settings settings = TestSettings.settings(hocon, dir);
    return new Configuration(settings, "{}", Credentials.NONE);
  }

  private Reloads reloads(Reloads.Source source) {
    return new Reloads(source, deployer, manager, notifier);
  }

  private List<String> left() throws IOException {
    try (Stream<Path> all = Files.list(dir)) {
      return all.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void aConfigurationWithAMistakeIsRefusedWithIt() throws Exception {
    try (Reloads reloads =
        reloads(() -> {
          throw new Failure("baton.conf:3: a mistake");
        })) {
      assertThatThrownBy(() -> reloads.reload("a test"))
          .isInstanceOf(Failure.class)
          .hasMessage("baton.conf:3: a mistake\ngeneration 1 goes on");
    }
  }

  @Test
  void whatOnlyARestartCanChangeIsRefused() throws Exception {
    try (Reloads reloads = reloads(() -> configuration(9_902, "echo.sock"))) {
      assertThatThrownBy(() -> reloads.reload("a test"))
          .hasMessage(
              "admin.port cannot be changed by a reload: it is 9901 and would be 9902; restart the"
                  + " server for that\ngeneration 1 goes on");
    }
  }

  @Test
  void aListenerThatCannotBeBoundLeavesNothingBehind() throws Exception {
    try (Reloads reloads = reloads(() -> configuration(9_901, "lib"))) {
      assertThatThrownBy(() -> reloads.reload("a test"))
          .hasMessageStartingWith(
              "generation 2 did not come up, generation 1 goes on: listener l0 cannot listen on")
          .hasMessageEndingWith("the file there is not a socket; move it away");
      assertThat(left()).containsExactly("echo.sock", "generation-1", "lib");
    }
  }

  @Test
  void jarsThatCannotBePinnedLeaveNothingBehind() throws Exception {
    Files.delete(dir.resolve("lib/worker"));
    try (Reloads reloads = reloads(() -> configuration(9_901, "other.sock"))) {
      assertThatThrownBy(() -> reloads.reload("a test"))
          .hasMessageStartingWith("generation 2 did not come up, generation 1 goes on: ")
          .hasMessageContaining("lib/worker");
      assertThat(left()).containsExactly("echo.sock", "generation-1", "lib");
    }
  }

  @Test
  void whenTheServerHasEndedAReloadIsUndone() throws Exception {
    try (Reloads reloads = reloads(() -> configuration(9_901, "other.sock"))) {
      assertThat(manager.run()).contains("no-java");
      assertThatThrownBy(() -> reloads.reload("a test"))
          .hasMessage("generation 2 did not come up, generation 1 goes on: the server has ended");
      assertThat(left()).doesNotContain("generation-2", "other.sock");
    }
  }

  @Test
  void theEventsOfAReloadSayWhoAsksWhatChangesAndHowItEnds() throws Exception {
    try (Reloads reloads = reloads(() -> configuration(9_901, "other.sock"))) {
      assertThat(manager.run()).contains("no-java");
      int before = manager.events().all().size();
      assertThatThrownBy(() -> reloads.reload("a test")).isInstanceOf(Failure.class);
      assertThat(manager.events().all().stream().skip(before))
          .extracting(ServerEvent::level, ServerEvent::text)
          .containsExactly(
              tuple(Level.INFO, "reload, requested by a test: begins"),
              tuple(Level.INFO, "reload: generation 2: changed listeners l0"),
              tuple(Level.WARN, "a reload is refused: the server has ended"),
              tuple(
                  Level.ERROR,
                  "reload: generation 2 did not come up, generation 1 goes on: the server has"
                      + " ended"));
    }
  }

  @Test
  void whenTheServerHasEndedNoReloadBegins() throws Exception {
    Reloads reloads = reloads(() -> configuration(9_901, "echo.sock"));
    reloads.close();
    assertThatThrownBy(() -> reloads.reload("a test")).hasMessage("the server has ended");
    assertThat(manager.events().all())
        .extracting(ServerEvent::text)
        .containsExactly("reload, requested by a test: refused, the server has ended");
  }

  @Test
  void theServiceManagerIsToldOfAReloadAndOfItsEndWhateverComesOfIt() throws Exception {
    try (Reloads reloads = reloads(() -> configuration(9_902, "echo.sock"))) {
      assertThatThrownBy(() -> reloads.reload("a test")).isInstanceOf(Failure.class);
      assertThat(told).as("the server has not started yet").isEmpty();
      notifier.started(manager.generation());
      told.clear();
      assertThatThrownBy(() -> reloads.reload("a test")).isInstanceOf(Failure.class);
    }
    assertThat(told)
        .containsExactly(
            "RELOADING=1\nMONOTONIC_USEC=7\nSTATUS=Reloading",
            "READY=1\nSTATUS=Generation 1 serves: %s, 1 listener"
                .formatted(Units.count(manager.generation().settings().workers(), "worker")));
  }
}
