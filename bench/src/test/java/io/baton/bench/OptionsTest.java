package io.baton.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.bench.Options.Option;
import java.util.List;
import org.junit.jupiter.api.Test;

class OptionsTest {
  private static final Option GUESTS = new Option("guests", 5, 1, 10);
  private static final Option TABLES = new Option("tables", 2, 1, 3);
  private static final List<Option> KNOWN = List.of(GUESTS, TABLES);

  @Test
  void whatIsNotGivenIsStandardAndShownTogether() throws Exception {
    Options options = Options.parse(KNOWN, List.of("--tables", "3"));

    assertThat(options.get(GUESTS)).isEqualTo(5);
    assertThat(options.get(TABLES)).isEqualTo(3);
    assertThat(options).hasToString(" --guests 5 --tables 3");
  }

  @Test
  void whatIsWrongIsRefusedWithWhatIsAllowed() {
    assertThatThrownBy(() -> Options.parse(KNOWN, List.of("--guests", "11")))
        .hasMessage("--guests is 11; allowed: a number from 1 to 10");
    assertThatThrownBy(() -> Options.parse(KNOWN, List.of("--guests", "many")))
        .hasMessage("--guests is many; allowed: a number from 1 to 10");
    assertThatThrownBy(() -> Options.parse(KNOWN, List.of("--guests")))
        .hasMessage("--guests needs a value");
    assertThatThrownBy(() -> Options.parse(KNOWN, List.of("--chairs", "4")))
        .hasMessage("--chairs is no option here");
  }
}
