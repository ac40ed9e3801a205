package io.baton.manager;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ControlTest {
  @Test
  void aProcessThatDoesNotEndIsNotWaitedForWithoutABound() {
    String pid = String.valueOf(ProcessHandle.current().pid());
    assertThatThrownBy(() -> Control.awaitEnd(pid, Duration.ofMillis(20)))
        .isInstanceOf(Failure.class)
        .hasMessage(
            "the server has stopped, but its process %s has not ended within 20 ms; kill -9 %s ends it",
            pid, pid);
  }

  @Test
  void aProcessThatHasEndedIsNotWaitedFor() throws Exception {
    Process ended = new ProcessBuilder("true").start();
    ended.waitFor();
    assertThatCode(() -> Control.awaitEnd(String.valueOf(ended.pid()), Duration.ofDays(1)))
        .doesNotThrowAnyException();
  }
}
