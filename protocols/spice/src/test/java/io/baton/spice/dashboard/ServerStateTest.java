package io.baton.spice.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ServerStateTest {

  @Test
  void theMetricsAreDescribed() {
    Map<String, String> samples =
        Map.of(
            "baton_generation", "2.0",
            "baton_connections", "4.0",
            "baton_connections_migrated_total", "8.0",
            "baton_session_errors_total", "0.0",
            "baton_listener_connections{listener=\"screen\"}", "4.0");
    assertThat(ServerState.describe(samples))
        .containsExactly(
            "server: generation 2, 4 connections, 8 migrated, 0 errors", "screen: 4 open");
  }

  @Test
  void threeListenersAreShownAndWhatIsMissingIsUnknown() {
    Map<String, String> samples = new TreeMap<>();
    for (int i = 0; i < 5; i++) {
      samples.put("baton_listener_connections{listener=\"l" + i + "\"}", "1.5");
    }
    assertThat(ServerState.describe(samples))
        .containsExactly(
            "server: generation ?, ? connections, ? migrated, ? errors",
            "l0: 1.5 open",
            "l1: 1.5 open",
            "l2: 1.5 open");
  }
}
