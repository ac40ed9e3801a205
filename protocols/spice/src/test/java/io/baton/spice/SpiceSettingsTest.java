package io.baton.spice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SpiceSettingsTest {
  @Test
  void aBlockMayNameAPasswordAndAName() {
    SpiceSettings settings = SpiceSettings.of(Map.of("password", "p", "name", "n"));
    assertThat(settings.password()).isEqualTo(Optional.of("p"));
    assertThat(settings.name()).isEqualTo("n");
    assertThat(SpiceSettings.of(Map.of())).isEqualTo(SpiceSettings.DEFAULT);
  }

  @Test
  void aPasswordIsNotShown() {
    assertThat(SpiceSettings.of(Map.of("password", "secret")).toString())
        .doesNotContain("secret")
        .contains("with a password");
  }

  @Test
  void anotherKeyOrValueIsAMistake() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SpiceSettings.of(Map.of("pasword", "p")))
        .withMessageContaining("pasword")
        .withMessageContaining("allowed: name, password");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SpiceSettings.of(Map.of("password", 7)))
        .withMessageContaining("allowed: a text");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SpiceSettings.of(Map.of("password", "")))
        .withMessageContaining("1 to 60 bytes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SpiceSettings.of(Map.of("password", "x".repeat(61))))
        .withMessageContaining("this one has 61");
  }
}
