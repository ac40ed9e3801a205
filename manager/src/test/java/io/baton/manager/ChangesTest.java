package io.baton.manager;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.Settings;
import io.baton.config.Settings.PlacementKind;
import io.baton.manager.fleet.TestSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ChangesTest {
  private static final Settings NOW = settings(2, 2, PlacementKind.ROUND_ROBIN);

  private static Settings settings(int workers, int listeners, PlacementKind placement) {
    return TestSettings.with(workers, listeners, placement, TestSettings.FLEET);
  }

  @Test
  void whatOnlyARestartCanChangeIsRefusedAllAtOnce() {
    Settings next =
        new Settings(
            "other",
            NOW.workers(),
            Settings.Scheduling.BATCH,
            Path.of("/run"),
            NOW.logDir(),
            NOW.modulesDir(),
            new Settings.Admin("127.0.0.1", 9_902),
            NOW.maxConnections(),
            NOW.listeners(),
            NOW.fleet(),
            NOW.worker(),
            NOW.codecs(),
            NOW.modules());
    assertThat(new Changes(NOW, next).impossible())
        .containsExactly(
            "name cannot be changed by a reload: it is baton and would be other; restart the server"
                + " for that",
            "scheduling cannot be changed by a reload: it is inherit and would be batch; restart"
                + " the server for that",
            "run-dir cannot be changed by a reload: it is /nowhere and would be /run; restart the"
                + " server for that",
            "admin.port cannot be changed by a reload: it is 9901 and would be 9902; restart the"
                + " server for that");
  }

  @Test
  void theSameIsPossibleAndNothingNew() {
    Changes none = new Changes(NOW, settings(2, 2, PlacementKind.ROUND_ROBIN));
    assertThat(none.impossible()).isEmpty();
    assertThat(none.describe()).isEqualTo("no setting is new");
  }

  @Test
  void listenersAndWorkersThatAreNewAreNamed() {
    Settings added = settings(3, 3, PlacementKind.ROUND_ROBIN);
    assertThat(new Changes(NOW, added).describe())
        .isEqualTo("new listeners l2; 3 workers instead of 2");
    assertThat(new Changes(added, NOW).describe())
        .isEqualTo("without listeners l2; 2 workers instead of 3");
    assertThat(new Changes(NOW, settings(2, 2, PlacementKind.LEAST_LOAD)).describe())
        .isEqualTo("changed listeners l0, l1");
  }

  @Test
  void otherSettingsAreNamedByTheirBlock() {
    Settings next =
        new Settings(
            NOW.name(),
            NOW.workers(),
            NOW.scheduling(),
            NOW.runDir(),
            NOW.logDir(),
            Path.of("/modules"),
            NOW.admin(),
            7,
            Stream.of(NOW.listeners().getFirst()).toList(),
            NOW.fleet(),
            new Settings.Worker(
                "/java",
                List.of(),
                100,
                1_000,
                32,
                2,
                1_024,
                true,
                0,
                new Settings.Recycle(0, 0, 0),
                NOW.worker().spool()),
            NOW.codecs(),
            NOW.modules());
    assertThat(new Changes(NOW, next).describe())
        .isEqualTo("without listeners l1; other settings of max-connections, modules-dir, worker");
  }
}
