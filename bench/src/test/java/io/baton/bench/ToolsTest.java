package io.baton.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ToolsTest {
  @Test
  void aPolicyStandsBeforeTheCommand() {
    List<String> server = List.of("server", "7000");

    assertThat(Tools.Policy.USUAL.of(server)).isEqualTo(server);
    assertThat(Tools.Policy.BATCH.of(server)).containsExactly("chrt", "-b", "0", "server", "7000");
  }
}
