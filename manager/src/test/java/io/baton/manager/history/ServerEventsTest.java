package io.baton.manager.history;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

class ServerEventsTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private final Logger log = (Logger) LoggerFactory.getLogger(ServerEventsTest.class);
  private final ServerEvents events = new ServerEvents(() -> NOW);

  @Test
  void anEventIsTheLineThatIsLogged() {
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    log.addAppender(lines);
    try {
      events.report(log, Level.WARN, "listener web is full: {} is no placeholder");
    } finally {
      log.detachAppender(lines);
    }
    assertThat(lines.list)
        .singleElement()
        .satisfies(line -> {
          assertThat(line.getFormattedMessage())
              .isEqualTo("listener web is full: {} is no placeholder");
          assertThat(line.getLevel()).isEqualTo(ch.qos.logback.classic.Level.WARN);
        });
    assertThat(events.all())
        .containsExactly(
            new ServerEvent(NOW, Level.WARN, "listener web is full: {} is no placeholder"));
  }

  @Test
  void theLastHundredAreKept() {
    for (int i = 1; i <= ServerEvents.MAX + 1; i++) {
      events.report(log, Level.INFO, "event " + i);
    }
    assertThat(events.all()).hasSize(100);
    assertThat(events.all().getFirst().text()).isEqualTo("event 2");
    assertThat(events.all().getLast().text()).isEqualTo("event 101");
  }

  @Test
  void aTextIsCut() {
    events.report(log, Level.ERROR, "x".repeat(5_000));
    assertThat(events.all().getFirst().text()).isEqualTo("x".repeat(ServerEvents.MAX_TEXT) + "…");
  }

  @Test
  void anIdOfASessionIsMaskedAlsoWhereTheTextIsCut() {
    String id = "0123456789abcdef0123456789ABCDEF";
    events.report(log, Level.ERROR, "worker 0 exited: no room for " + id + "; starting another");
    events.report(log, Level.ERROR, "x".repeat(ServerEvents.MAX_TEXT - 17) + " " + id);
    assertThat(events.all().getFirst().text())
        .isEqualTo("worker 0 exited: no room for (id); starting another");
    assertThat(events.all().getLast().text()).endsWith("x (id)");
  }
}
