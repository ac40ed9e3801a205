package io.baton.manager;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.Settings;
import io.baton.config.SettingsReader;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MemoryPlanTest {

  private static List<String> warnings(Map<String, String> settings) throws Exception {
    Map<String, String> all =
        new HashMap<>(
            Map.of(
                "baton.workers", "2",
                "baton.listeners.web.endpoint", "tcp://127.0.0.1:8080",
                "baton.listeners.web.codec", "http",
                "baton.listeners.web.service", "hello"));
    all.putAll(settings);
    Settings read =
        SettingsReader.read(Path.of("/dev/null"), all, Path.of("/home/baton")).settings();
    return MemoryPlan.warnings(read);
  }

  @Test
  void whatIsShippedPromisesNothing() throws Exception {
    assertThat(warnings(Map.of())).isEmpty();
  }

  @Test
  void aLimitThatTheMemoryDoesNotHoldIsSaid() throws Exception {
    assertThat(warnings(Map.of("baton.max-connections", "10000")))
        .singleElement()
        .asString()
        .startsWith("listener web: 5,000 connections of a worker may hold up to 1.3 MiB each,")
        .contains("together 6.5 GiB, but the worker has 128 MiB for all connections");
    assertThat(warnings(Map.of("baton.max-connections", "100"))).isEmpty();
    assertThat(warnings(Map.of("baton.listeners.web.max-connections", "1000"))).hasSize(1);
  }

  @Test
  void aMessageThatIsLongerThanTheBudgetIsSaid() throws Exception {
    assertThat(warnings(Map.of("baton.http.max-content", "200m"))).isEmpty(); // it goes to a file
    assertThat(
            warnings(Map.of("baton.http.max-content", "200m", "baton.worker.max-spooled", "off")))
        .singleElement()
        .asString()
        .startsWith("listener web: a message may have 200 MiB, but");
  }

  @Test
  void aBudgetBeyondTheDirectMemoryIsSaid() throws Exception {
    assertThat(
            warnings(
                Map.of(
                    "baton.worker.memory-budget", "1g",
                    "baton.worker.java-options.0", "-Xmx1g",
                    "baton.worker.java-options.1", "-XX:MaxDirectMemorySize=512m")))
        .singleElement()
        .asString()
        .startsWith("worker.memory-budget is 1.0 GiB, but worker.java-options give a worker only");
  }

  @Test
  void withoutAWordOnMemoryNothingIsSaid() throws Exception {
    assertThat(
            warnings(
                Map.of(
                    "baton.max-connections", "100000",
                    "baton.worker.java-options.0", "-XX:+UseSerialGC")))
        .isEmpty();
  }
}
