package io.baton.softbus.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuthenticationKeysTest {
  private static final String KEY = "00112233445566778899aAbBcCdDeEfF";

  @Test
  void aFileHasALineForEachKey(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("keys");
    Files.writeString(file, "# paired\n\n1 " + KEY + "\n 4294967295\t" + KEY + "\r\n");
    AuthenticationKeys keys = AuthenticationKeys.read(file);
    assertThat(keys).hasToString("2 authentication keys");
    assertThat(keys.get(1)).isPresent();
    assertThat(keys.get(4294967295L)).isPresent();
    assertThat(keys.get(2)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"x ", "-1 ", "4294967296 ", "1", "1 0", ""})
  void aMistakeIsSaidWithItsLineAndWithoutTheKey(String before) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AuthenticationKeys.parse("keys", "#\n" + before + KEY))
        .withMessage(
            "keys:2 is no key; allowed: an index from 0 to 4294967295, a space, and 32 hexadecimal"
                + " digits");
  }

  @Test
  void noIndexIsThereTwice() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AuthenticationKeys.parse("keys", "1 " + KEY + "\n01 " + KEY))
        .withMessage("keys:2: there are two of authentication key 1");
  }

  @Test
  void aFileThatCannotBeReadIsNamed(@TempDir Path directory) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AuthenticationKeys.read(directory.resolve("none")))
        .withMessageContaining(directory.resolve("none").toString());
  }
}
