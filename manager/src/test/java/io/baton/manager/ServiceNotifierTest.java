package io.baton.manager;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.manager.fleet.Generation;
import io.baton.manager.fleet.TestSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceNotifierTest {
  @TempDir private Path dir;
  private Generation generation;
  private final List<String> told = new ArrayList<>();
  private final ServiceNotifier notifier =
      new ServiceNotifier(told::add, () -> told.add("closed"), () -> 1_234);

  @BeforeEach
  void make() {
    generation =
        Generation.first(
            TestSettings.settings(
                """
                workers = 3
                listeners.a { endpoint = "unix:a", codec = raw, service = echo }
                """,
                dir));
  }

  @Test
  void aServerIsReadyThenReloadingThenReadyThenStopping() {
    notifier.started(generation);
    notifier.reloading();
    notifier.reloaded(generation.next(generation.settings()));
    notifier.stopping(30_000);
    notifier.close();
    assertThat(told)
        .containsExactly(
            "READY=1\nSTATUS=Generation 1 serves: 3 workers, 1 listener",
            "RELOADING=1\nMONOTONIC_USEC=1234\nSTATUS=Reloading",
            "READY=1\nSTATUS=Generation 2 serves: 3 workers, 1 listener",
            "STOPPING=1\nEXTEND_TIMEOUT_USEC=45000000\nSTATUS=Stopping",
            "closed");
  }

  @Test
  void aServerThatStopsIsNotReadyAgain() {
    notifier.started(generation);
    notifier.reloading();
    notifier.stopping(0);
    told.clear();
    notifier.reloaded(generation);
    notifier.reloading();
    assertThat(told).isEmpty();
  }

  @Test
  void aStopWithoutWaitingFollowsOnAGracefulOne() {
    notifier.stopping(30_000);
    notifier.stopping(0);
    assertThat(told).singleElement().asString().contains("EXTEND_TIMEOUT_USEC=45000000");
  }

  @Test
  void whereNobodyListensTheServerStartsAllTheSame() {
    for (String name : List.of("", "vsock:2:1", "relative", dir.resolve("none").toString())) {
      try (ServiceNotifier deaf = ServiceNotifier.of(Map.of("NOTIFY_SOCKET", name))) {
        deaf.started(generation);
        deaf.stopping(0);
      }
    }
    assertThat(told).isEmpty();
  }
}
