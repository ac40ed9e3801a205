package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.baton.worker.codec.raw.RawCodec;
import io.baton.worker.load.WorkerCounters;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class OverflowsTest {
  private static final LoggedSession CLIENT =
      new LoggedSession(SessionHarness.HANDOFF.id(), SessionHarness.HANDOFF.peer(), null);

  private final Logger logger = (Logger) LoggerFactory.getLogger(Overflows.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final AtomicLong nanos = new AtomicLong();
  private final WorkerCounters counters = new WorkerCounters();
  private final Overflows overflows = new Overflows(counters, nanos::get);
  private final Route<?, ?> route = TestRoutes.of("test", new RawCodec(), Probe::new);

  @BeforeEach
  void listens() {
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void leaves() {
    logger.detachAppender(log);
  }

  private void report(Duration at) {
    nanos.set(at.toNanos());
    overflows.report(route, CLIENT, 20_000);
  }

  @Test
  void logsOnceAMinuteWithTheNumberSinceTheLastLine() {
    report(Duration.ZERO);
    report(Duration.ZERO);
    report(Duration.ofSeconds(59));
    assertThat(log.list).hasSize(1);
    report(Duration.ofSeconds(61));

    assertThat(log.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .satisfiesExactly(
            first ->
                assertThat(first)
                    .contains("listener test", "20000 bytes wait", "max-pending is 16777216")
                    .endsWith(": 1"),
            second -> assertThat(second).endsWith(": 3"));
    assertThat(counters.counters().overflowed()).isEqualTo(4);
  }
}
