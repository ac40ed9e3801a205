package io.baton.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.LoggingEvent;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the shipped pattern makes of a message and a trace. */
class OneLineTest {
  private final LoggerContext context = new LoggerContext();
  private final PatternLayout layout = new PatternLayout();

  OneLineTest() {
    layout.setContext(context);
    layout.getInstanceConverterMap().put("oneLine", OneLine::new);
    layout.getInstanceConverterMap().put("trace", Trace::new);
    layout.setPattern("%level %oneLine%n%trace");
    layout.start();
  }

  private String logged(String message, @Nullable Throwable thrown) {
    return layout.doLayout(
        new LoggingEvent("", context.getLogger("test"), Level.ERROR, message, thrown, null));
  }

  @ParameterizedTest
  @CsvSource({
    "'as it is: Grüße', 'as it is: Grüße'",
    "'tabs\tstay', 'tabs\tstay'",
    "'a\nERROR forged', 'a\\nERROR forged'",
    "'a\r\nb', 'a\\r\\nb'",
    "'\u001B[2J', '\\u001b[2J'",
    "'a\u0085b\u2028c\u2029d', 'a\\u0085b\\u2028c\\u2029d'",
    "'\0', '\\u0000'",
  })
  void aMessageIsOneLine(String message, String line) {
    assertThat(logged(message, null)).isEqualTo("ERROR " + line + "\n");
  }

  @Test
  void messagesInATraceAreOneLineEach() {
    Exception cause = new IllegalStateException("the cause\nERROR forged");
    Exception thrown = new IllegalArgumentException("bad\nERROR forged", cause);
    thrown.addSuppressed(new IllegalStateException("and\nERROR forged"));
    String all = logged("failed", thrown);
    assertThat(all).startsWith("ERROR failed\njava.lang.IllegalArgumentException: bad\\nERROR");
    assertThat(all.lines().skip(1)).noneMatch(line -> line.startsWith("ERROR"));
    assertThat(all)
        .contains(
            "\tat " + OneLineTest.class.getName(),
            "Caused by: java.lang.IllegalStateException: the cause\\nERROR",
            "Suppressed: java.lang.IllegalStateException: and\\nERROR");
  }

  @Test
  void aTraceWithoutAMessageIsAsEver() {
    String all = logged("failed", new IllegalStateException());
    assertThat(all).startsWith("ERROR failed\njava.lang.IllegalStateException");
    assertThat(all.lines().toList().get(1)).doesNotContain("null");
  }
}
