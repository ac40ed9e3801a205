package io.baton.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ResultsTest {
  @Test
  void aSectionIsReplacedAndWhatPeopleWroteStays() {
    String first = Results.replaced("# Results\n\nWritten by hand.\n", "compare", "old\n");
    String both = Results.replaced(first, "sessions", "many\n");

    assertThat(Results.replaced(both + "\nMore by hand.\n", "compare", "new\n"))
        .isEqualTo(
            """
            # Results

            Written by hand.

            <!-- compare: written by bench/run -->
            new
            <!-- end of compare -->

            <!-- sessions: written by bench/run -->
            many
            <!-- end of sessions -->

            More by hand.
            """);
  }

  @Test
  void aFileThatIsNewHasTheSectionOnly() {
    assertThat(Results.replaced("", "compare", "figures\n"))
        .isEqualTo(
            """
            <!-- compare: written by bench/run -->
            figures
            <!-- end of compare -->
            """);
  }
}
