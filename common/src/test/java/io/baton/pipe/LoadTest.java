package io.baton.pipe;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.pipe.Load.Authentications;
import io.baton.pipe.Load.Counters;
import io.baton.pipe.Load.Handshakes;
import io.baton.pipe.Load.Returns;
import io.baton.pipe.Load.Shed;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LoadTest {
  private static final int FIELDS = 38;

  private static Counters counters(long... v) {
    return new Counters(
        v[0],
        v[1],
        v[2],
        v[3],
        v[4],
        v[5],
        v[6],
        v[7],
        v[8],
        v[9],
        v[10],
        v[11],
        new Shed(v[12], v[13], v[14], v[15]),
        new Handshakes(v[16], v[17], v[18]),
        new Returns(v[19], v[20], v[21], v[22], v[23], v[24], v[25]),
        new Authentications(v[26], v[27], v[28], v[29], v[30], v[31], v[32], v[33], v[34]),
        refusals(Map.of("BAD", v[35], "WORSE", v[36])),
        v[37]);
  }

  /** As counted: none is zero. */
  private static Refusals refusals(Map<String, Long> all) {
    SortedMap<String, Long> some = new TreeMap<>(all);
    some.values().removeIf(count -> count == 0);
    return new Refusals(some);
  }

  private static Counters all(long value) {
    long[] values = new long[FIELDS];
    Arrays.fill(values, value);
    return counters(values);
  }

  private static Counters one(int field, long value) {
    long[] values = new long[FIELDS];
    values[field] = value;
    return counters(values);
  }

  static IntStream fields() {
    return IntStream.range(0, FIELDS);
  }

  @ParameterizedTest
  @MethodSource("fields")
  void eachCounterIsAddedToItsOwn(int field) {
    assertThat(one(field, 2).plus(one(field, 3))).isEqualTo(one(field, 5));
  }

  @Test
  void aSumThatIsTooLargeStaysAtTheMost() {
    assertThat(all(Long.MAX_VALUE).plus(all(1))).isEqualTo(all(Long.MAX_VALUE));
    assertThat(all(Long.MAX_VALUE).plus(all(Long.MAX_VALUE))).isEqualTo(all(Long.MAX_VALUE));
  }

  @ParameterizedTest
  @MethodSource("fields")
  void noCounterGoesBack(int field) {
    assertThat(one(field, 3).isSince(one(field, 3))).isTrue();
    assertThat(one(field, 4).isSince(one(field, 3))).isTrue();
    assertThat(one(field, 2).isSince(one(field, 3))).isFalse();
  }
}
