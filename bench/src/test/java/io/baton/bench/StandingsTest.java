package io.baton.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StandingsTest {
  @Test
  void ratiosAreMadeWithinARoundAndGivenWithTheirEnds() {
    Standings standings = new Standings(Workload.ECHO);
    standings.add(Compare.BATON, leg(90, 200, 300, 4_000));
    standings.add("C limit", leg(100, 100, 100, 1_000));
    standings.add(Compare.BATON, leg(30, 400, 500, 6_000));
    standings.add("C limit", leg(20, 100, 500, 1_000));

    assertThat(standings.markdown())
        .isEqualTo(
            """

            ### 64 bytes there and back, 64 at a time

            | rate and CPU | per second |           ÷ C limit | server CPU µs | the kernel's |           ÷ C limit |
            |--------------|-----------:|--------------------:|--------------:|-------------:|--------------------:|
            | Baton        |         60 | 1.20 [0.90 to 1.50] |          22.2 |         13.3 | 0.89 [0.67 to 1.11] |
            | C limit      |         60 | 1.00 [1.00 to 1.00] |          30.0 |         18.0 | 1.00 [1.00 to 1.00] |

            | latency | p50 µs |           ÷ C limit | p99 µs |           ÷ C limit | p99.9 µs |           ÷ C limit |
            |---------|-------:|--------------------:|-------:|--------------------:|---------:|--------------------:|
            | Baton   |    300 | 3.00 [2.00 to 4.00] |    400 | 2.00 [1.00 to 3.00] |    5,000 | 5.00 [4.00 to 6.00] |
            | C limit |    100 | 1.00 [1.00 to 1.00] |    300 | 1.00 [1.00 to 1.00] |    1,000 | 1.00 [1.00 to 1.00] |

            - rate ≥ 0.95 × C limit: 1.20 [0.90 to 1.50], reached
            """);
  }

  @Test
  void anotherPeerMayStandBesideWithoutATarget() {
    Standings standings = new Standings(Workload.HTTPS_64);
    standings.add(Compare.BATON, leg(100, 1, 1, 1));
    standings.add(Tools.NGINX, leg(200, 1, 1, 1));
    standings.add(Tools.NETTY, leg(125, 1, 1, 1));

    assertThat(standings.markdown())
        .endsWith(
            """

            - CPU ≤ 1.1 × plain Netty: 1.25 [1.25 to 1.25], missed
            - CPU ÷ nginx: 2.00 [2.00 to 2.00]
            """);
  }

  @Test
  void whatFailedInAnyLegIsCounted() {
    Standings standings = new Standings(Workload.CONNECT);
    standings.add("C limit", new Leg(1, 2, 1, 1, 1, 1, 1, Cpu.NONE));
    standings.add("C limit", new Leg(1, 3, 1, 1, 1, 1, 1, Cpu.NONE));

    assertThat(standings.failed()).isEqualTo(5);
  }

  /** Of a second, in which the server used a millisecond, most of it in the kernel. */
  private static Leg leg(long done, double p50, double p99, double p999) {
    return new Leg(done, 0, 1, p50, p99, p999, p999, new Cpu(400, 600));
  }
}
