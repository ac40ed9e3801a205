package io.baton.manager;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.SettingsReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryPlanTest {

  private static final String WEB =
      """
      baton {
        workers = 2
        listeners.web { endpoint = "tcp://127.0.0.1:8080", codec = http, service = hello }
      }
      """;

  @TempDir Path dir;

  /**
   * @param more lines of the configuration
   */
  private List<String> warnings(String... more) throws Exception {
    Path file = dir.resolve("baton.conf");
    Files.writeString(file, WEB + String.join("\n", more));
    return MemoryPlan.warnings(SettingsReader.read(file, Map.of(), dir).settings());
  }

  @Test
  void whatIsShippedPromisesNothing() throws Exception {
    assertThat(warnings()).isEmpty();
  }

  @Test
  void aLimitThatTheMemoryDoesNotHoldIsSaid() throws Exception {
    assertThat(warnings("baton.max-connections = 10000"))
        .singleElement()
        .asString()
        .startsWith("listener web: 5,000 connections of a worker may hold up to 1.3 MiB each,")
        .contains("together 6.5 GiB, but the worker has 128 MiB for all connections");
    assertThat(warnings("baton.max-connections = 100")).isEmpty();
    assertThat(warnings("baton.listeners.web.max-connections = 1000")).hasSize(1);
  }

  @Test
  void aMessageThatIsLongerThanTheBudgetIsSaid() throws Exception {
    assertThat(warnings("baton.http.max-content = 200m")).isEmpty(); // it goes to a file
    assertThat(warnings("baton.http.max-content = 200m", "baton.worker.max-spooled = off"))
        .singleElement()
        .asString()
        .startsWith("listener web: a message may be up to 200 MiB long, but");
  }

  @Test
  void aSessionOfLinkMayHoldItsWindowAndAMessage() throws Exception {
    String link = "baton.listeners.web = { endpoint = \"unix:l\", codec = link, service = chat";
    assertThat(warnings("baton.listeners.web = null", link + ", max-connections = 1000 }"))
        .singleElement()
        .asString()
        .startsWith("listener web: 500 connections of a worker may hold up to 3.1 MiB each,");
    assertThat(
            warnings(
                "baton.listeners.web = null",
                link + " }",
                "baton.link { session-window = 100m, max-message = 50m }"))
        .singleElement()
        .asString()
        .startsWith("listener web: a message may be up to 150 MiB long, but");
  }

  @Test
  void aBudgetBeyondTheDirectMemoryIsSaid() throws Exception {
    assertThat(
            warnings(
                "baton.worker.memory-budget = 1g",
                "baton.worker.java-options = [\"-Xmx1g\", \"-XX:MaxDirectMemorySize=512m\"]"))
        .singleElement()
        .asString()
        .startsWith("worker.memory-budget is 1.0 GiB, but worker.java-options give a worker only");
  }

  @Test
  void withoutAWordOnMemoryNothingIsSaid() throws Exception {
    assertThat(
            warnings(
                "baton.max-connections = 100000",
                "baton.worker.java-options = [\"-XX:+UseSerialGC\"]"))
        .isEmpty();
  }
}
