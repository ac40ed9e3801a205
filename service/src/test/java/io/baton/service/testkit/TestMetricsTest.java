package io.baton.service.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.baton.service.metrics.Counter;
import io.baton.service.metrics.Gauge;
import io.baton.service.metrics.Histogram;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TestMetricsTest {
  private final TestMetrics metrics = new TestContext(Map.of()).metrics();

  @Test
  void aTestReadsWhatAModuleCounts() {
    Counter joined = metrics.counter("joined", "Rooms joined", "kind");
    joined.with("open").increment();
    joined.with("open").add(2);
    assertThat(metrics.value("joined", "open")).isEqualTo(3);
    assertThat(metrics.value("joined", "closed")).isZero();

    Gauge rooms = metrics.gauge("rooms", "Rooms");
    rooms.set(5);
    rooms.add(-1.5);
    assertThat(metrics.value("rooms")).isEqualTo(3.5);

    Histogram queries = metrics.histogram("query_seconds", "Queries");
    queries.record(Duration.ofMillis(3));
    queries.recordNanos(-1);
    assertThat(metrics.count("query_seconds")).isEqualTo(2);
    assertThat(metrics.sum("query_seconds")).isEqualTo(Duration.ofMillis(3));
  }

  @Test
  void whatAWorkerRefusesIsRefusedInATest() {
    Counter joined = metrics.counter("joined", "Rooms joined", "kind");
    assertThatIllegalStateException()
        .isThrownBy(joined::increment)
        .withMessage("metric joined has the labels [kind]: use with(...)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> joined.with("a").add(-1))
        .withMessage("a counter cannot count -1 events");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> metrics.gauge("joined", "Rooms joined", "kind"))
        .withMessage(
            "the metric name joined is taken: it is a counter 'Rooms joined' with labels [kind],"
                + " not a gauge 'Rooms joined' with labels [kind]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> metrics.gauge("rooms", "Rooms").set(Double.NaN))
        .withMessage("a gauge cannot have the amount NaN");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> metrics.value("left"))
        .withMessage("there is no metric left");
  }
}
