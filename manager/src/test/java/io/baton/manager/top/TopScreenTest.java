package io.baton.manager.top;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class TopScreenTest {
  private static String status(double uptime, int... messages) {
    StringBuilder workers = new StringBuilder();
    for (int i = 0; i < messages.length; i++) {
      workers.append(
          """
          %s{"slot":%d,"pid":%d,"state":"ready","loopBusy":0.%d,"connections":%d,
           "messagesIn":%d,"messagesOut":%d,"bytesIn":2048,"bytesOut":0,"cpuSeconds":1.5,
           "heapUsedBytes":1048576,"rssBytes":2097152,"queueDepth":3,"problem":null}
          """
              .formatted(i == 0 ? "" : ",", i, 100 + i, i + 1, 10 - i, messages[i], messages[i]));
    }
    return """
    {"name":"baton","version":"1","pid":99,"uptimeSeconds":%s,"state":"running","ready":true,
     "generation":2,"listeners":[{"name":"web","endpoint":"tcp://[::]:80","open":5,
     "accepted":%d,"refused":1,"limited":0,"denied":0,"state":"listening"}],
     "workers":[%s],"totals":{"connections":5},"serviceLatencyMillis":{"p50":0.5,"p99":2.0}}
    """
        .formatted(uptime, messages[0], workers);
  }

  @Test
  void ratesAreWhatHasGrownInASecond() throws Exception {
    Rates rates = Rates.between(status(10, 100, 50), status(12, 300, 50));
    assertThat(rates.seconds()).isEqualTo(2);
    assertThat(rates.workers()).extracting(Rates.WorkerRates::messages).containsExactly(200.0, 0.0);
    assertThat(rates.listeners())
        .singleElement()
        .satisfies(web -> assertThat(web.accepted()).isEqualTo(100))
        .satisfies(web -> assertThat(web.rejected()).isZero());
  }

  @Test
  void theFirstLookAndANewWorkerHaveNoRatesYet() throws Exception {
    assertThat(Rates.between(null, status(10, 100)).workers())
        .singleElement()
        .satisfies(worker -> assertThat(worker.messages()).isZero());
    assertThat(Rates.between(status(10, 100), status(11, 100, 7_000)).workers().get(1).messages())
        .isZero();
  }

  @Test
  void workersAreSortedAsIsAsked() throws Exception {
    Rates rates = Rates.between(status(10, 0, 0), status(11, 5, 50));
    assertThat(slots(rates, TopScreen.Order.SLOT)).containsExactly("0", "1");
    assertThat(slots(rates, TopScreen.Order.BUSY)).containsExactly("1", "0");
    assertThat(slots(rates, TopScreen.Order.CONNECTIONS)).containsExactly("0", "1");
    assertThat(slots(rates, TopScreen.Order.MESSAGES)).containsExactly("1", "0");
    assertThat(TopScreen.Order.of('m')).contains(TopScreen.Order.MESSAGES);
    assertThat(TopScreen.Order.of('x')).isEmpty();
  }

  private static List<String> slots(Rates rates, TopScreen.Order order) {
    return TopScreen.lines(rates, order, 200).stream()
        .filter(line -> line.contains("  ready  "))
        .map(line -> line.substring(0, 1))
        .toList();
  }

  @Test
  void theScreenHasWorkersAndListenersAndIsAsWideAsIsAsked() throws Exception {
    Rates rates = Rates.between(status(10, 0), status(12, 100));
    assertThat(String.join("\n", TopScreen.lines(rates, TopScreen.Order.SLOT, 200)))
        .isEqualTo(
            """
            baton 1  running  pid 99  up 12 s  generation 2
            5 connections, 100 messages/s, 0 B in/s, 0 B out/s
            service latency since the start: p50 500 µs, p99 2.0 ms

            WORKER  PID  STATE  BUSY  CONNS  MSG/S  IN/S  OUT/S  CPU     HEAP      RSS  QUEUE
            0       100  ready   10%     10    100   0 B    0 B   0%  1.0 MiB  2.0 MiB      3

            LISTENER  ENDPOINT       OPEN  ACCEPTED/S  REJECTED/S  STATE
            web       tcp://[::]:80     5          50           0  listening\
            """);
    assertThat(TopScreen.lines(rates, TopScreen.Order.SLOT, 20))
        .allMatch(line -> line.length() <= 20)
        .contains("LISTENER  ENDPOINT  ");
  }

  @Test
  void theJsonHasTheSameNumbers() throws Exception {
    assertThat(TopJson.render(Rates.between(status(10, 0), status(12, 100))))
        .contains("\"seconds\" : 2.0", "\"messagesPerSecond\" : 100.0", "\"slot\" : 0")
        .contains("\"acceptedPerSecond\" : 50.0");
  }

  @Test
  void whatIsNoStatusIsSaid() {
    assertThatThrownBy(() -> Rates.between(null, "[]")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> Rates.between(null, "{\"a\":")).isInstanceOf(IOException.class);
  }
}
