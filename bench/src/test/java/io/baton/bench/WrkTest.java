package io.baton.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class WrkTest {
  private static final String GOOD =
      """
      Running 2s test @ http://127.0.0.1:40000/hello
        1 threads and 64 connections
        Thread Stats   Avg      Stdev     Max   +/- Stdev
          Latency     1.54ms    2.25ms   1.03s    95.42%
          Req/Sec    57.15k     5.80k   62.44k    90.00%
        Latency Distribution
           50%  950.00us
           75%    1.24ms
           90%    1.91ms
           99%   12.64ms
        113742 requests in 2.00s, 13.56MB read
      Requests/sec:  56839.52
      Transfer/sec:      6.78MB
      99.9% 25100.0us
      """;

  @Test
  void timesAreInMillisecondsWhateverTheirUnit() {
    assertThat(Wrk.parse(GOOD)).isEqualTo(new Wrk(113_742, 56_839.52, 0.95, 12.64, 25.1, 1030, 0));
  }

  @Test
  void everySocketErrorAndEveryOtherStatusIsAFailure() {
    String bad =
        GOOD
            + "  Socket errors: connect 1, read 20, write 300, timeout 4000\n"
            + "  Non-2xx or 3xx responses: 50000\n";

    assertThat(Wrk.parse(bad).failed()).isEqualTo(54_321);
  }

  @Test
  void whatIsNotWrksIsRefused() {
    assertThatThrownBy(() -> Wrk.parse("unable to connect"))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("unable to connect");
  }
}
