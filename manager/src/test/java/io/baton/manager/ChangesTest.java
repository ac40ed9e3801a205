package io.baton.manager;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.Settings;
import io.baton.config.SettingsFixture;
import io.baton.manager.fleet.TestSettings;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChangesTest {
  private static final Settings NOW = settings(2, 2, "round-robin");

  private static Settings settings(int workers, int listeners, String placement) {
    return TestSettings.with(workers, listeners, "listener-defaults.placement = " + placement);
  }

  @Test
  void whatOnlyARestartCanChangeIsRefusedAllAtOnce() {
    Settings next =
        TestSettings.with(
            2, 2, "name = other, scheduling = batch, run-dir = \"/run\", admin.port = 9902");
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
    Changes none = new Changes(NOW, settings(2, 2, "round-robin"));
    assertThat(none.impossible()).isEmpty();
    assertThat(none.describe()).isEqualTo("no setting is new");
  }

  @Test
  void listenersAndWorkersThatAreNewAreNamed() {
    Settings added = settings(3, 3, "round-robin");
    assertThat(new Changes(NOW, added).describe())
        .isEqualTo("new listeners l2; 3 workers instead of 2");
    assertThat(new Changes(added, NOW).describe())
        .isEqualTo("without listeners l2; 2 workers instead of 3");
    assertThat(new Changes(NOW, settings(2, 2, "least-load")).describe())
        .isEqualTo("changed listeners l0, l1");
  }

  @Test
  void aListenerOfLinkWithOtherServicesIsAChangedOne() {
    Settings one = link("services { chat = chat }");
    assertThat(new Changes(one, link("service = chat")).describe()).isEqualTo("no setting is new");
    for (String other :
        List.of(
            "services { chat = chat, room = room }",
            "services { chat = room }",
            "services { chat { service = chat, allow = [\"uid 7\"] } }",
            "services { chat { service = chat, authenticator = staff } }")) {
      Changes changes = new Changes(one, link(other));
      assertThat(changes.impossible()).isEmpty();
      assertThat(changes.describe()).as(other).isEqualTo("changed listeners l");
    }
  }

  private static Settings link(String services) {
    return SettingsFixture.settings(
        "listeners.l { endpoint = \"unix:l\", codec = link\n" + services + " }");
  }

  @Test
  void otherSettingsAreNamedByTheirBlock() {
    Settings next =
        TestSettings.with(
            2, 1, "modules-dir = \"/modules\", max-connections = 7, worker.java = \"/java\"");
    assertThat(new Changes(NOW, next).describe())
        .isEqualTo("without listeners l1; other settings of max-connections, modules-dir, worker");
  }
}
