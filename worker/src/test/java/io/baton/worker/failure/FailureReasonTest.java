package io.baton.worker.failure;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.pipe.Message;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class FailureReasonTest {
  @Test
  void theExceptionAndTheServiceAreNamed() {
    assertThat(FailureReason.of(new IllegalStateException("no"), FailureReasonTest.class))
        .isEqualTo(
            "java.lang.IllegalStateException: no (io.baton.worker.failure.FailureReasonTest)");
  }

  @Test
  void theNearestCodeOfAModuleIsNamedWithItsJar() {
    IllegalStateException thrown = new IllegalStateException("no");
    thrown.setStackTrace(
        new StackTraceElement[] {
          new StackTraceElement("app", null, null, "java.util.Objects", "check", null, 1),
          new StackTraceElement("chat.jar", null, null, "com.acme.Chat", "resumed", null, 7)
        });
    assertThat(FailureReason.of(thrown, FailureReasonTest.class))
        .isEqualTo("java.lang.IllegalStateException: no (com.acme.Chat of chat.jar)");
  }

  @Test
  void aLongMessageIsCutAndTheClassStays() {
    String reason =
        FailureReason.of(new IllegalStateException("x".repeat(2_000)), FailureReasonTest.class);
    assertThat(reason.getBytes(StandardCharsets.UTF_8))
        .hasSizeLessThanOrEqualTo(Message.MAX_REASON_BYTES);
    assertThat(reason).endsWith("x... (io.baton.worker.failure.FailureReasonTest)");
  }

  @Test
  void itIsOneLine() {
    assertThat(FailureReason.of(new IllegalStateException("a\n  b"), null))
        .isEqualTo("java.lang.IllegalStateException: a b");
  }
}
