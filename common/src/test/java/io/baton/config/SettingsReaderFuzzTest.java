package io.baton.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * Any file at all is settings or a refusal. Under {@code mvn verify} this runs its seeds; {@code
 * JAZZER_FUZZ=1 mvn test -pl common -am -Dtest=SettingsReaderFuzzTest} looks for more.
 */
class SettingsReaderFuzzTest {

  private static Path file = Path.of("");

  @BeforeAll
  static void makeTheFile() throws IOException {
    file = Files.createTempFile("baton", ".conf");
  }

  @AfterAll
  static void removeTheFile() throws IOException {
    Files.delete(file);
  }

  @FuzzTest(maxDuration = "2m")
  void whatIsNotRefusedIsConcludedToReadTheSame(byte[] bytes)
      throws IOException, ConfigurationException {
    Files.write(file, bytes);
    Path home = Path.of("/home");
    Configuration read;
    try {
      read = SettingsReader.read(file, Map.of(), home);
    } catch (ConfigurationException e) {
      assertThat(e.complaints()).isNotEmpty().allMatch(line -> line.lines().count() == 1);
      return;
    }
    assertThat(SettingsReader.parse(read.concluded(), home)).isEqualTo(read.settings());
  }
}
