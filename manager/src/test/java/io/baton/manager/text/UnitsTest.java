package io.baton.manager.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnitsTest {

  @ParameterizedTest
  @CsvSource({"0,0 B", "999,999 B", "1000,1.0 KiB", "3500,3.4 KiB", "125829120,120 MiB"})
  void bytesHaveAtMostFourDigits(long bytes, String text) {
    assertThat(Units.bytes(bytes)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "999,999 ms",
    "4200,4.2 s",
    "30000,30 s",
    "200000,3 min 20 s",
    "18180000,5 h 3 min",
    "1051200000,12 d 4 h"
  })
  void durationsHaveTheTwoLargestUnits(long ms, String text) {
    assertThat(Units.duration(ms)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"850,850 ns", "12300,12.3 µs", "4500000,4.5 ms", "2000000000,2.0 s"})
  void nanosecondsAreShownInTheUnitTheyCallFor(long nanos, String text) {
    assertThat(Units.nanos(nanos)).isEqualTo(text);
  }
}
