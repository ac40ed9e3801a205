package io.baton.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValue;
import io.baton.service.Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code conf/baton.conf} tells an operator is what {@code reference.conf} does. */
class ReferenceTest {

  private static final Path SHIPPED = Path.of("../conf/baton.conf");

  /** Set in the shipped file to something that is not the default. */
  private static final Set<String> SET = Set.of("baton.workers");

  /** A default that is commented out starts with the sign at once; prose has a blank after it. */
  private static final Pattern COMMENTED = Pattern.compile("(?m)^(\\s*)#(?=[a-z])");

  @TempDir private Path home;

  @Test
  void theShippedFileLoads() throws Exception {
    Settings settings = SettingsReader.read(SHIPPED, Map.of(), home).settings();
    assertThat(settings.workers()).isEqualTo(2);
    assertThat(settings.server().runDir()).isEqualTo(home.resolve("run"));
    assertThat(settings.listeners())
        .extracting(Settings.Listener::name)
        .containsExactly("chat", "echo", "echo-frame", "echo-local", "link", "web");
    assertThat(settings.listeners().get(3))
        .isEqualTo(
            new Settings.Listener(
                "echo-local",
                new Endpoint.Unix(home.resolve("run/echo.sock")),
                "raw",
                "echo",
                List.of(),
                SettingsFixture.options("")));
  }

  @Test
  void theShippedFileShowsEveryDefault() throws Exception {
    Config shown = ConfigFactory.parseString(uncommented());
    for (Map.Entry<String, ConfigValue> entry : reference().entrySet()) {
      String key = entry.getKey();
      assertThat(shown.hasPath(key)).as(key).isTrue();
      if (!SET.contains(key)) {
        assertThat(shown.getValue(key)).as(key).isEqualTo(entry.getValue());
      }
    }
  }

  @Test
  void takingTheCommentSignsAwayChangesNothing() throws Exception {
    Path all = Files.writeString(home.resolve("all.conf"), uncommented());
    assertThat(SettingsReader.read(all, Map.of(), home).settings())
        .isEqualTo(SettingsReader.read(SHIPPED, Map.of(), home).settings());
  }

  private static String uncommented() throws IOException {
    return COMMENTED.matcher(Files.readString(SHIPPED)).replaceAll("$1");
  }

  private static Config reference() {
    return ConfigFactory.parseResources(SettingsReader.class, "reference.conf");
  }
}
