package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.baton.worker.codec.raw.RawCodec;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class SessionErrorsTest {
  private static final LoggedSession CLIENT =
      new LoggedSession(SessionHarness.HANDOFF.id(), SessionHarness.HANDOFF.peer(), null);

  private static final StackTraceElement PARSE =
      new StackTraceElement(
          "app", "java.base", "25", "java.lang.Long", "parseLong", "Long.java", 1);

  private final Logger logger = (Logger) LoggerFactory.getLogger(SessionErrors.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final AtomicLong nanos = new AtomicLong();
  private final SessionErrors errors = new SessionErrors(nanos::get);
  private final Route<?, ?> route = TestRoutes.of("test", new RawCodec(), Probe::new);

  @BeforeEach
  void listens() {
    logger.setLevel(Level.INFO);
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void leaves() {
    logger.detachAppender(log);
    logger.setLevel(null);
  }

  /** Thrown in the JDK, for a line of a module's. */
  private static NumberFormatException mistake(int line) {
    NumberFormatException mistake = new NumberFormatException("no number");
    mistake.setStackTrace(
        new StackTraceElement[] {
          PARSE,
          new StackTraceElement("shop.jar", null, null, "shop.Cart", "add", "Cart.java", line),
          new StackTraceElement("app", null, null, "io.baton.Runtime", "call", "Runtime.java", 7)
        });
    return mistake;
  }

  private void happens(Throwable cause) {
    errors.endsWith(route, CLIENT, "", cause);
  }

  private List<String> said() {
    return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Test
  void mistakesInDifferentLinesOfAModuleAreSaidEach() {
    happens(mistake(10));
    happens(mistake(20));
    assertThat(log.list).hasSize(2);
    assertThat(said().getFirst()).contains("listener test", "session 7", "ends with an error");
  }

  @Test
  void theSameMistakeIsSaidAtMostOnceAMinuteWithItsNumber() {
    for (int i = 0; i < 5; i++) {
      happens(mistake(10));
    }
    nanos.set(Duration.ofSeconds(59).toNanos());
    happens(mistake(10));
    assertThat(log.list).hasSize(1);
    nanos.set(Duration.ofSeconds(61).toNanos());
    happens(mistake(10));
    assertThat(said().getLast()).endsWith("(6 like it since that was last said)");
    assertThat(log.list.getLast().getThrowableProxy()).isNotNull();
    assertThat(log.list).hasSize(2);
  }

  @Test
  void whatAFutureWrapsIsToldApartByWhatItWraps() {
    happens(new CompletionException(mistake(10)));
    happens(new CompletionException(mistake(20)));
    happens(new CompletionException(mistake(20)));
    assertThat(log.list).hasSize(2);
  }

  @Test
  void withoutAModulesFramesTheInnermostOnesCount() {
    IllegalStateException first = new IllegalStateException("here");
    IllegalStateException second = new IllegalStateException("there");
    happens(first);
    happens(second);
    happens(first);
    assertThat(log.list).hasSize(2);
  }

  @Test
  void anErrorWithoutATraceIsSaid() {
    IllegalStateException bare = new IllegalStateException("bare");
    bare.setStackTrace(new StackTraceElement[0]);
    happens(bare);
    happens(bare);
    assertThat(log.list).hasSize(1);
  }

  @Test
  void causesInACircleAreFollowedOnlySoFar() {
    IllegalStateException one = new IllegalStateException("one");
    IllegalStateException other = new IllegalStateException("other", one);
    one.initCause(other);
    happens(one);
    assertThat(log.list).hasSize(1);
  }

  @Test
  void kindsBeyondTheBoundAreOneMore() {
    for (int i = 0; i < SessionErrors.MAX_KINDS + 10; i++) {
      happens(mistake(i + 1));
    }
    assertThat(log.list).hasSize(SessionErrors.MAX_KINDS + 1);
    nanos.set(Duration.ofSeconds(61).toNanos());
    happens(mistake(SessionErrors.MAX_KINDS + 1));
    assertThat(said().getLast()).contains("(10 like it");
  }

  @Test
  void whatTheClientWantedIsSaid() {
    errors.endsWith(route, CLIENT, "GET /cart, route /cart", mistake(1));
    assertThat(said().getFirst()).endsWith("ends with an error at GET /cart, route /cart");
  }

  @Test
  void theClientsPrincipalIsSaidIfItIsKnown() {
    LoggedSession alice = new LoggedSession(7, SessionHarness.HANDOFF.peer(), "alice");
    errors.endsWith(route, alice, "", mistake(1));
    assertThat(said().getFirst()).contains("session 7 of unix:pid=1,uid=2 (alice) ends with");
  }
}
